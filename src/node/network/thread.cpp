#include "node/network/thread.hpp"

#include "base/log.hpp"
#include "io/clock.hpp"
#include "node/network/socket_bytes.hpp"

#include <fmt/format.h>

#include <future>

namespace stipple::node {

namespace net = io::net;

namespace {

using namespace std::chrono_literals;

constexpr Duration kDialTimeout = 10s;
/// An inbound connection that sends nothing for so long is closed.
constexpr Duration kFirstByteTimeout = 10s;
constexpr std::chrono::seconds kQuestionTimeout{5};
/// First byte of an HTTP upgrade; multistream begins with a length below it.
constexpr std::uint8_t kHttpFirstByte = 'G';

crypto::Secret<32> fresh_secret() {
    crypto::Secret<32> secret;
    io::os_random(secret.writable());
    return secret;
}

Multiaddr multiaddr_of(const net::SocketAddress& address) {
    libp2p::IpAddress ip;
    ip.v6 = address.family == net::SocketAddress::Family::ip6;
    ip.bytes = address.ip;
    return Multiaddr::tcp(ip, address.port);
}
std::optional<net::SocketAddress> socket_address_of(const libp2p::IpAddress& ip,
                                                    std::uint16_t port) {
    net::SocketAddress address;
    address.family = ip.v6 ? net::SocketAddress::Family::ip6 : net::SocketAddress::Family::ip4;
    address.ip = ip.bytes;
    address.port = port;
    return address;
}

/// A listener's own address, or those of the interfaces when it listens on all of them.
std::vector<Multiaddr> reachable_at(const net::SocketAddress& bound) {
    const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
    if (!std::ranges::all_of(bound.ip_bytes(), is_zero)) {
        return {multiaddr_of(bound)};
    }
    std::vector<Multiaddr> all;
    if (const auto interfaces = net::interface_addresses()) {
        for (net::SocketAddress each : *interfaces) {
            if (each.family == bound.family && each.scope == 0) {
                each.port = bound.port;
                all.push_back(multiaddr_of(each));
            }
        }
    }
    return all;
}

}  // namespace

NetworkThread::NetworkThread(const NetworkThreadConfig& config, Sink sink)
    : sink_(std::move(sink)),
      identity_(config.identity, fresh_secret()),
      board_(config.board, identity_, config.identity.public_key, config.seed, fresh_secret) {
    if (config.peers != nullptr) {
        book_.emplace(*config.peers);
    }
}

Result<std::unique_ptr<NetworkThread>> NetworkThread::start(NetworkThreadConfig config, Sink sink) {
    std::unique_ptr<NetworkThread> made(new NetworkThread(config, std::move(sink)));
    TRY(made->open(config));
    made->loop_->start("network");
    return made;
}

Result<> NetworkThread::open(const NetworkThreadConfig& config) {
    TRY_ASSIGN(loop_, net::Loop::create(*this));
    if (!config.tls_certificates.empty()) {
        TRY_ASSIGN(tls_server_, net::TlsContext::server(config.tls_certificates, config.tls_key));
    }
    TRY_ASSIGN(auto reachable, listen(config.listen));
    if (config.mdns) {
        local_.emplace(*loop_, identity_.peer(), Seed{config.seed.value ^ 0x6d646e73ULL},
                       [this](Instant now, const libp2p::mdns::PeerFound& found) {
                           board_.on_local_peer(now, found.peer, found.addresses);
                           settle();
                       });
        if (local_->open(config.mdns_port) == 0) {
            log(LogLevel::info, "sub-libp2p", "no interface for local discovery (mDNS)");
        }
    }
    loop_->post([this, reachable = std::move(reachable)]() mutable {
        if (local_) {
            local_->set_addresses(loop_->now(), reachable);
        }
        run([&](Instant now) { board_.start(now, std::move(reachable), effects_); });
        load_peers();
    });
    return {};
}

Result<std::vector<Multiaddr>> NetworkThread::listen(const std::vector<Multiaddr>& addresses) {
    std::vector<Multiaddr> reachable;
    for (const auto& address : addresses) {
        TRY(listen_on(address, reachable));
    }
    return reachable;
}

Result<> NetworkThread::listen_on(const Multiaddr& address, std::vector<Multiaddr>& reachable) {
    const auto ip = address.ip();
    // Port 0 (any free one) is no target to dial; it is one to listen on.
    const auto parts = address.parts();
    const bool is_tcp = parts.size() >= 2 && parts[1].protocol == libp2p::AddrProtocol::tcp;
    if (!ip || !is_tcp) {
        return fail(
            fmt::format("--listen-addr {}: this node listens on /ip4 or /ip6 with /tcp, "
                        "/tcp/<port>/ws or /tcp/<port>/wss",
                        address.text()));
    }
    const bool is_tls = std::ranges::any_of(parts, [](const libp2p::AddrPart& part) {
        return part.protocol == libp2p::AddrProtocol::wss ||
               part.protocol == libp2p::AddrProtocol::tls;
    });
    if (is_tls && !tls_server_) {
        return fail(
            fmt::format("--listen-addr {}: TLS needs --tls-cert and --tls-key", address.text()));
    }
    const auto port = load_be<std::uint16_t>(parts[1].value);
    auto listener = loop_->listen(*socket_address_of(*ip, port));
    if (!listener) {
        return fail(
            fmt::format("cannot listen on {}: {}", address.text(), listener.error().message()));
    }
    if (is_tls) {
        tls_listeners_.insert(*listener);
    }
    const auto bound = loop_->local_address(*listener);
    CHECK(bound.has_value());
    for (auto& each : reachable_at(*bound)) {
        reachable.push_back(is_tls ? each.with(libp2p::AddrProtocol::wss) : std::move(each));
    }
    return {};
}

NetworkThread::~NetworkThread() {
    loop_->stop();
    save_peers(io::now(), network::kKnownPeersMax);
}

void NetworkThread::load_peers() {
    if (!book_) {
        return;
    }
    const auto loaded = book_->load(loop_->now(), io::unix_now(), board_.peer_store());
    if (!loaded) {
        log(LogLevel::warn, "sub-libp2p", "peers of before: {}", loaded.error().message());
    } else if (loaded->peers + loaded->damaged > 0) {
        log(LogLevel::debug, "sub-libp2p", "{} peers of before, {} damaged rows dropped",
            loaded->peers, loaded->damaged);
    }
    save_peers_from_time_to_time();
}

void NetworkThread::save_peers(Instant now, std::size_t rows_max) {
    if (!book_) {
        return;
    }
    const auto saved = book_->save(now, io::unix_now(), board_.peer_store(), rows_max);
    if (!saved) {
        log(LogLevel::warn, "sub-libp2p", "keeping peers: {}", saved.error().message());
    }
}

void NetworkThread::save_peers_from_time_to_time() {
    loop_->at(loop_->now() + PeerBook::kSavePeriod, [this](Instant now) {
        save_peers(now, PeerBook::kRowsPerSave);
        save_peers_from_time_to_time();
    });
}

template <class What>
void NetworkThread::run(What&& what) {
    what(loop_->now());
    settle();
}

void NetworkThread::settle() {
    if (std::exchange(settling_, true)) {
        return;  // further up the stack it goes on
    }
    while (!effects_.sockets.empty() || !effects_.core.empty()) {
        SwitchboardEffects present = std::exchange(effects_, {});
        for (auto& event : present.core) {
            sink_(std::move(event));
        }
        for (const auto& effect : present.sockets) {
            apply(effect);
        }
    }
    settling_ = false;
    arm_timer();
}

void NetworkThread::apply(const SocketEffect& effect) {
    if (const auto* dial = std::get_if<DialAddress>(&effect)) {
        const auto target = dial->address.dial_target();
        CHECK(target.has_value());  // the switchboard dials nothing else
        net::SocketId socket;
        if (const auto* ip = std::get_if<libp2p::IpAddress>(&target->host)) {
            socket = loop_->dial(*socket_address_of(*ip, target->port), kDialTimeout);
        } else {
            const auto& name = std::get<libp2p::DnsName>(target->host);
            const auto family = name.family == libp2p::DnsName::Family::v4   ? net::NameFamily::ip4
                                : name.family == libp2p::DnsName::Family::v6 ? net::NameFamily::ip6
                                                                             : net::NameFamily::any;
            socket = loop_->dial(name.name, target->port, family, kDialTimeout);
        }
        connections_.emplace(socket, dial->connection);
        sockets_.emplace(dial->connection, socket);
        if (target->layer == libp2p::DialLayer::websocket_tls) {
            secure(socket, *target);
        }
        return;
    }
    const auto connection = std::visit([](const auto& what) { return what.connection; }, effect);
    const auto socket = sockets_.find(connection);
    if (socket == sockets_.end()) {
        return;
    }
    if (std::holds_alternative<TouchConnection>(effect)) {
        loop_->touch(socket->second);
    } else {
        loop_->close(socket->second);
    }
}

void NetworkThread::secure(net::SocketId socket, const libp2p::DialTarget& target) {
    if (!tls_client_) {
        auto made = net::TlsContext::client();
        if (!made) {
            log(LogLevel::warn, "sub-libp2p", "no TLS: {}", made.error().message());
            loop_->close(socket);
            return;
        }
        tls_client_ = *std::move(made);
    }
    tls_.emplace(socket, net::TlsSession::dial(*tls_client_, libp2p::host_text(target)));
}

void NetworkThread::arm_timer() {
    const auto at = board_.wake_at();
    if (at == timer_at_) {
        return;
    }
    if (timer_) {
        loop_->cancel(*timer_);
        timer_.reset();
    }
    timer_at_ = at;
    if (at) {
        timer_ = loop_->at(*at, [this](Instant now) {
            timer_.reset();
            timer_at_.reset();
            board_.on_wake(now, effects_);
            settle();
        });
    }
}

// ---- sockets ----

void NetworkThread::on_accept(Instant now, net::SocketId socket, net::SocketId listener,
                              const net::SocketAddress& peer) {
    if (tls_listeners_.contains(listener)) {
        tls_.emplace(socket, net::TlsSession::accept(*tls_server_));
    }
    undecided_.emplace(socket, multiaddr_of(peer));
    loop_->at(now + kFirstByteTimeout, [this, socket](Instant) {
        if (undecided_.contains(socket)) {
            loop_->close(socket);
        }
    });
}

void NetworkThread::on_connected(Instant now, net::SocketId socket,
                                 const net::SocketAddress& /*peer*/) {
    if (const auto connection = connections_.find(socket); connection != connections_.end()) {
        board_.on_connected(now, connection->second);
        settle();
    }
}

void NetworkThread::on_exchange(net::SocketId socket, net::Exchange& exchange) {
    const std::size_t unread = exchange.unread.size();
    const std::size_t written = exchange.output->size();
    exchange_any(socket, exchange);
    bytes_in_ += unread - exchange.unread.size();
    bytes_out_ += exchange.output->size() - written;
}

void NetworkThread::exchange_any(net::SocketId socket, net::Exchange& exchange) {
    const auto tls = tls_.find(socket);
    if (tls == tls_.end()) {
        exchange_plain(socket, exchange);
        return;
    }
    const bool alive = tls->second.exchange(
        exchange, [&](net::Exchange& plain) { exchange_plain(socket, plain); });
    if (!alive) {
        const auto remote = loop_->remote_address(socket);
        log(LogLevel::debug, "sub-libp2p", "TLS with {}: {}", remote ? remote->text() : "nobody",
            tls->second.failure());
    }
}

/// What a socket's owner sees: below it there may be TLS.
void NetworkThread::exchange_plain(net::SocketId socket, net::Exchange& exchange) {
    if (const auto waiting = undecided_.find(socket); waiting != undecided_.end()) {
        if (exchange.unread.empty()) {
            exchange.output_ended = exchange.input_ended;
            return;
        }
        const bool websocket = exchange.unread[0] == kHttpFirstByte;
        const auto connection = board_.on_accept(exchange.now, waiting->second, websocket);
        undecided_.erase(waiting);
        if (!connection) {
            loop_->close(socket);
            return;
        }
        connections_.emplace(socket, *connection);
        sockets_.emplace(*connection, socket);
    }
    const auto connection = connections_.find(socket);
    if (connection == connections_.end()) {
        return;
    }
    with_bytes_of(exchange, [&](libp2p::ByteExchange& bytes) {
        board_.exchange(connection->second, bytes, effects_);
    });
    settle();
}

void NetworkThread::on_closed(Instant now, net::SocketId socket, net::CloseReason reason,
                              std::string_view detail) {
    undecided_.erase(socket);
    tls_.erase(socket);
    const auto connection = connections_.extract(socket);
    if (connection.empty()) {
        return;
    }
    sockets_.erase(connection.mapped());
    if (!detail.empty()) {
        log(LogLevel::debug, "sub-libp2p", "connection {}: {}", connection.mapped().value, detail);
    }
    const bool never_open =
        reason == net::CloseReason::refused || reason == net::CloseReason::timed_out ||
        reason == net::CloseReason::unknown_name || reason == net::CloseReason::no_place;
    if (never_open) {
        board_.on_dial_failed(now, connection.mapped(), effects_);
    } else {
        board_.on_closed(now, connection.mapped(), effects_);
    }
    settle();
}

void NetworkThread::on_datagram(Instant now, net::SocketId socket,
                                const net::SocketAddress& /*from*/, ByteView packet) {
    if (local_) {
        local_->on_datagram(now, socket, packet);
    }
}

// ---- other threads ----

void NetworkThread::perform(NetworkCommand command) {
    loop_->post([this, command = std::move(command)]() mutable {
        run([&](Instant now) { board_.perform(now, command, effects_); });
    });
}

template <class Answer>
Answer NetworkThread::ask(std::function<Answer(Instant)> question) {
    auto promise = std::make_shared<std::promise<Answer>>();
    auto answer = promise->get_future();
    loop_->post([this, promise, question = std::move(question)] {
        promise->set_value(question(loop_->now()));
    });
    return answer.wait_for(kQuestionTimeout) == std::future_status::ready ? answer.get() : Answer{};
}

NetworkThread::View NetworkThread::view() {
    return ask<View>([this](Instant now) {
        return View{.peers = board_.peers(),
                    .addresses = board_.own_addresses(now),
                    .external = board_.external_addresses(now),
                    .reserved = board_.reserved()};
    });
}
NetworkNumbers NetworkThread::numbers() {
    return ask<NetworkNumbers>([this](Instant now) {
        NetworkNumbers numbers = board_.numbers(now);
        numbers.bytes_in = bytes_in_;
        numbers.bytes_out = bytes_out_;
        return numbers;
    });
}
void NetworkThread::add_reserved(BootNode node) {
    loop_->post([this, node = std::move(node)] {
        run([&](Instant now) { board_.add_reserved(now, node, effects_); });
    });
}
void NetworkThread::remove_reserved(PeerId peer) {
    loop_->post([this, peer = std::move(peer)] {
        run([&](Instant now) { board_.remove_reserved(now, peer, effects_); });
    });
}
}  // namespace stipple::node
