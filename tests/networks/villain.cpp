#include "villain.hpp"

#include "base/check.hpp"
#include "host_turn.hpp"

namespace stipple::hostile {

namespace net = io::net;

namespace {

constexpr std::size_t kFarTooMuch = std::size_t{64} << 20U;

crypto::Secret<32> fresh_secret() {
    crypto::Secret<32> secret;
    io::os_random(secret.writable());
    return secret;
}

}  // namespace

Gang::Gang(std::uint16_t port, const BlockHash& genesis)
    : genesis_(genesis), target_(net::SocketAddress::loopback(port)) {
    const network::ChainNames names{.genesis = genesis, .fork_id = "", .protocol_id = ""};
    libp2p::ProtocolTableConfig table;
    for (const Protocol protocol : kNotifications) {
        table.notifications.push_back({.names = network::protocol_names(protocol, names),
                                       .message_bytes_max = kFarTooMuch,
                                       .queue_messages_max = 100'000,
                                       .queue_bytes_max = kFarTooMuch});
    }
    for (const Protocol protocol : kRequests) {
        table.requests.push_back({.names = network::protocol_names(protocol, names),
                                  .request_bytes_max = kFarTooMuch,
                                  .response_bytes_max = kFarTooMuch,
                                  .timeout = 60s,
                                  .inbound = true});
    }
    table.kademlia = network::protocol_names(Protocol::kademlia, names);
    protocols_ = std::make_shared<const libp2p::ProtocolTable>(std::move(table));
    auto loop = net::Loop::create(*this);
    CHECK(loop.has_value());
    loop_ = *std::move(loop);
}

Villain& Gang::dial(const Villain* as) {
    const net::SocketId socket = loop_->dial(target_, 10s);
    Villain& made = villains_[socket];
    made.socket = socket;
    made.keys = as != nullptr ? as->keys : crypto::Ed25519Keypair::from_seed(fresh_secret());
    made.identity = std::make_unique<libp2p::noise::LocalIdentity>(made.keys, fresh_secret());
    libp2p::HostConfig config;
    config.connection.direction = libp2p::Direction::outbound;
    config.connection.started = io::now();
    config.connection.ephemeral = fresh_secret();
    config.connection.seed = Seed{villains_.size()};
    config.protocols = protocols_;
    libp2p::IdentifyInfo info;
    info.public_key = libp2p::public_key(made.keys.public_key);
    info.agent_version = "villain";
    info.listen_addresses = {*libp2p::Multiaddr::parse("/ip4/127.0.0.1/tcp/9")};
    config.identify = std::make_shared<const libp2p::IdentifyInfo>(std::move(info));
    made.host = std::make_unique<libp2p::Host>(config, *made.identity);
    until(10s, [&] { return made.gone || !made.all<libp2p::Ready>().empty(); });
    return made;
}

Villain& Gang::dial_raw(Bytes bytes) {
    const net::SocketId socket = loop_->dial(target_, 10s);
    Villain& made = villains_[socket];
    made.socket = socket;
    made.raw = std::move(bytes);
    until(10s, [&] { return made.connected || made.gone; });
    return made;
}

Bytes Gang::handshake(const BlockRef& best) const {
    return network::encode(network::BlockAnnounceHandshake{
        .role = network::Role::full, .best = best, .genesis = genesis_});
}

bool Gang::join(Villain& villain, const BlockRef& best) {
    for (const Protocol protocol : kNotifications) {
        const Bytes shake = protocol == Protocol::block_announces
                                ? handshake(best)
                                : network::encode_role_handshake(network::Role::full);
        villain.host->open_notifications(io::now(), note(protocol), shake);
        touch(villain);
        bool accepted = false;
        const auto both = [&] {
            for (const auto& offer : villain.all<libp2p::NotificationsOffered>()) {
                if (offer.protocol == note(protocol) && !accepted) {
                    accepted = villain.host->accept_notifications(offer.protocol, shake);
                    touch(villain);
                }
            }
            const auto opened = villain.all<libp2p::NotificationsOpened>();
            return villain.gone || std::ranges::count(opened, note(protocol),
                                                      &libp2p::NotificationsOpened::protocol) == 2;
        };
        if (!until(10s, both) || villain.gone) {
            return false;
        }
    }
    return true;
}

network::BlockAnnounceHandshake Gang::handshake_of_node(const Villain& villain) const {
    for (const auto& opened : villain.all<libp2p::NotificationsOpened>()) {
        if (opened.protocol == note(Protocol::block_announces) &&
            opened.direction == libp2p::Direction::outbound) {
            return network::decode_block_announce_handshake(opened.handshake).value();
        }
    }
    return {};
}

std::optional<network::BlockData> Gang::fetch(Villain& villain,
                                              const std::variant<BlockHash, BlockNumber>& from) {
    const libp2p::RequestId id(next_request_++);
    const network::BlockRequest wanted{
        .parts = network::block_part::kHeader | network::block_part::kBody,
        .from = from,
        .direction = network::Direction::ascending,
        .max_blocks = 1};
    villain.host->send_request(io::now(), id, request(Protocol::sync), network::encode(wanted));
    touch(villain);
    std::optional<network::BlockData> found;
    until(5s, [&] {
        for (const auto& response : villain.all<libp2p::ResponseReceived>()) {
            const auto blocks = response.id == id
                                    ? network::decode_block_response(response.response)
                                    : network::Decoded<network::BlockResponse>{};
            if (blocks && !blocks->blocks.empty()) {
                found = blocks->blocks.front();
            }
        }
        return found.has_value() || villain.gone;
    });
    return found;
}

void Gang::notify(Villain& villain, Protocol protocol, Bytes message) {
    villain.host->send_notification(note(protocol), std::move(message));
    touch(villain);
}

bool Gang::until(Duration wait_max, const std::function<bool()>& done) {
    const Instant end = io::now() + wait_max;
    while (!done()) {
        if (io::now() >= end) {
            return false;
        }
        loop_->turn(20ms);
    }
    return true;
}

std::vector<std::string> Gang::ids() const {
    std::vector<std::string> ids;
    for (const auto& [socket, villain] : villains_) {
        if (villain.identity) {
            ids.push_back(libp2p::to_text(villain.identity->peer()));
        }
    }
    return ids;
}

void Gang::on_connected(Instant, net::SocketId socket, const net::SocketAddress&) {
    villains_.at(socket).connected = true;
}

void Gang::on_exchange(net::SocketId socket, net::Exchange& exchange) {
    Villain& villain = villains_.at(socket);
    if (villain.frozen) {
        return;
    }
    if (!villain.host) {
        const std::size_t size = std::min(villain.raw.size(), exchange.allowance);
        append(*exchange.output, ByteView(villain.raw).first(size));
        villain.raw.erase(villain.raw.begin(),
                          villain.raw.begin() + static_cast<std::ptrdiff_t>(size));
        exchange.take(exchange.unread.size());
        exchange.output_ended = exchange.input_ended;
        return;
    }
    testing::host_turn(*villain.host, exchange, [&](auto& event) { on_event(villain, event); });
    villain.gone = villain.gone || villain.host->is_over();
}

void Gang::on_event(Villain& villain, libp2p::HostEvent& event) {
    if (const auto* asked = std::get_if<libp2p::RequestReceived>(&event)) {
        ++villain.asked;
        if (villain.answer) {
            const auto answer = villain.answer(kRequests.at(asked->protocol.value), asked->request);
            answer ? villain.host->respond(asked->id, *answer) : villain.host->refuse(asked->id);
        }
        return;
    }
    if (const auto* asked = std::get_if<libp2p::KademliaRequest>(&event)) {
        ++villain.asked_kademlia;
        const auto answer =
            villain.answer_kademlia ? villain.answer_kademlia(asked->request) : std::nullopt;
        answer ? villain.host->respond(asked->id, *answer) : villain.host->refuse(asked->id);
        return;
    }
    villain.events.push_back(std::move(event));
}

void Gang::on_closed(Instant, net::SocketId socket, net::CloseReason, std::string_view) {
    villains_.at(socket).gone = true;
}

}  // namespace stipple::hostile
