#include "node/network/switchboard.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace stipple::node {

namespace {

using network::Protocol;

/// In the order of their numbers in the ProtocolTable; those of BEEFY stand last, since they may be
/// left out.
constexpr std::array kNotificationProtocols = {Protocol::block_announces, Protocol::transactions,
                                               Protocol::grandpa, Protocol::beefy};
constexpr std::array kRequestProtocols = {Protocol::sync, Protocol::state, Protocol::warp,
                                          Protocol::light, Protocol::beefy_justifications};

/// For servers that have several names: what the operator of a reverse proxy goes by.
std::string host_header(const libp2p::DialTarget& target) {
    const bool is_default = target.layer == libp2p::DialLayer::websocket_tls && target.port == 443;
    return libp2p::host_text(target) + (is_default ? "" : ":" + std::to_string(target.port));
}

std::shared_ptr<const libp2p::ProtocolTable> make_protocols(const SwitchboardConfig& config) {
    libp2p::ProtocolTableConfig table;
    for (const Protocol protocol : kRequestProtocols) {
        if (protocol == Protocol::beefy_justifications && !config.beefy) {
            continue;
        }
        const auto limits = network::limits_of(protocol);
        table.requests.push_back({.names = network::protocol_names(protocol, config.names),
                                  .request_bytes_max = limits.request_bytes_max,
                                  .response_bytes_max = limits.response_bytes_max,
                                  .timeout = limits.timeout,
                                  .inbound = true});
    }
    for (const Protocol protocol : kNotificationProtocols) {
        if (protocol == Protocol::beefy && !config.beefy) {
            continue;
        }
        table.notifications.push_back(
            {.names = network::protocol_names(protocol, config.names),
             .message_bytes_max = network::limits_of(protocol).request_bytes_max});
    }
    if (config.discovery) {
        table.kademlia = network::protocol_names(Protocol::kademlia, config.names);
    }
    return std::make_shared<const libp2p::ProtocolTable>(std::move(table));
}

}  // namespace

libp2p::NotificationProtocolId notification_id(Protocol protocol) {
    const auto* found = std::ranges::find(kNotificationProtocols, protocol);
    CHECK(found != kNotificationProtocols.end());
    return libp2p::NotificationProtocolId(
        static_cast<std::uint16_t>(found - kNotificationProtocols.begin()));
}
libp2p::RequestProtocolId request_id(Protocol protocol) {
    const auto* found = std::ranges::find(kRequestProtocols, protocol);
    CHECK(found != kRequestProtocols.end());
    return libp2p::RequestProtocolId(static_cast<std::uint16_t>(found - kRequestProtocols.begin()));
}
Protocol protocol_of(libp2p::NotificationProtocolId id) {
    return kNotificationProtocols.at(id.value);
}
Protocol protocol_of(libp2p::RequestProtocolId id) {
    return kRequestProtocols.at(id.value);
}

Switchboard::Switchboard(const SwitchboardConfig& config,
                         const libp2p::noise::LocalIdentity& identity,
                         const crypto::Ed25519Public& public_key, Seed seed,
                         std::function<crypto::Secret<32>()> fresh_secret)
    : config_(config),
      identity_(identity),
      public_key_(public_key),
      prng_(seed),
      fresh_secret_(std::move(fresh_secret)),
      protocols_(make_protocols(config)),
      slots_(config.slots, {.own = identity.peer(), .local_addresses = config.local_addresses}),
      own_addresses_(config.public_addresses, config.local_addresses) {
    if (config.discovery) {
        libp2p::kademlia::Config kademlia;
        kademlia.allow_local_addresses = config.local_addresses;
        kademlia_.emplace(std::move(kademlia), identity.peer(), Seed{prng_.next()});
    }
}

void Switchboard::start(Instant now, std::vector<Multiaddr> listening,
                        SwitchboardEffects& effects) {
    own_addresses_.set_listening(std::move(listening));
    note_own_addresses(now, effects);
    for (const auto& node : config_.boot_nodes) {
        slots_.store().add_address(now, node.peer, node.address,
                                   network::AddressSource::configured);
        if (kademlia_) {
            libp2p::kademlia::KademliaEffects found;
            kademlia_->add_address(now, node.peer, node.address, found);
            take(now, std::move(found), effects);
        }
    }
    for (const auto& node : config_.reserved) {
        add_reserved(now, node, effects);
    }
}

void Switchboard::add_reserved(Instant now, const BootNode& node, SwitchboardEffects& effects) {
    if (!node.address.empty()) {
        slots_.store().add_address(now, node.peer, node.address,
                                   network::AddressSource::configured);
    }
    auto reserved = slots_.reserved();
    reserved.insert(node.peer);
    network::SlotEffects slot_effects;
    slots_.set_reserved(now, reserved, slot_effects);
    take(now, std::move(slot_effects), effects);
}

void Switchboard::remove_reserved(Instant now, const PeerId& peer, SwitchboardEffects& effects) {
    auto reserved = slots_.reserved();
    reserved.erase(peer);
    network::SlotEffects slot_effects;
    slots_.set_reserved(now, reserved, slot_effects);
    take(now, std::move(slot_effects), effects);
}

// ---- connections ----

void Switchboard::make_host(Instant now, Link& link, bool websocket, std::optional<PeerId> expected,
                            std::string websocket_host) {
    libp2p::HostConfig host;
    host.connection.direction =
        link.inbound ? libp2p::Direction::inbound : libp2p::Direction::outbound;
    host.connection.started = now;
    host.connection.expected_peer = std::move(expected);
    host.connection.ephemeral = fresh_secret_();
    host.connection.seed = Seed{prng_.next()};
    host.connection.websocket = websocket;
    host.connection.websocket_host = std::move(websocket_host);
    host.protocols = protocols_;
    host.identify = identify_info(now);
    host.remote = link.remote;
    link.host = std::make_unique<libp2p::Host>(host, identity_);
}

std::optional<ConnectionId> Switchboard::on_accept(Instant now, const Multiaddr& remote,
                                                   bool websocket) {
    const ConnectionId connection = next_connection();
    if (slots_.on_inbound(connection, remote) != network::InboundVerdict::accept) {
        return std::nullopt;
    }
    ++counts_.incoming;
    Link& link = links_[connection];
    link.remote = remote;
    link.inbound = true;
    make_host(now, link, websocket, std::nullopt, "");
    return connection;
}

void Switchboard::dial_next(Instant now, Dialling dialling, SwitchboardEffects& effects) {
    while (!dialling.left.empty()) {
        dialling.present = std::move(dialling.left.back());
        dialling.left.pop_back();
        const auto target = dialling.present.dial_target();
        if (!target) {
            slots_.store().on_address_failed(dialling.peer, dialling.present);
            continue;
        }
        dialling.connection = next_connection();
        Link& link = links_[dialling.connection];
        link.remote = dialling.present;
        effects.sockets.emplace_back(DialAddress{dialling.connection, dialling.present});
        dials_.emplace(dialling.connection, std::move(dialling));
        return;
    }
    slots_.on_dial_failed(now, dialling.peer);
    release_waiting(now, dialling.peer, false, effects);
}

void Switchboard::on_connected(Instant now, ConnectionId connection) {
    const auto dial = dials_.find(connection);
    const auto link = links_.find(connection);
    if (dial == dials_.end() || link == links_.end()) {
        return;
    }
    const auto target = dial->second.present.dial_target();
    make_host(now, link->second, target && target->layer != libp2p::DialLayer::tcp,
              dial->second.peer, target ? host_header(*target) : "");
}

void Switchboard::on_dial_failed(Instant now, ConnectionId connection,
                                 SwitchboardEffects& effects) {
    ++counts_.dials_failed;
    links_.erase(connection);
    try_next_address(now, connection, effects);
}

void Switchboard::try_next_address(Instant now, ConnectionId failed, SwitchboardEffects& effects) {
    auto dial = dials_.extract(failed);
    if (!dial.empty()) {
        slots_.store().on_address_failed(dial.mapped().peer, dial.mapped().present);
        dial_next(now, std::move(dial.mapped()), effects);
    }
}

void Switchboard::exchange(ConnectionId connection, libp2p::ByteExchange& bytes,
                           SwitchboardEffects& effects) {
    const auto found = links_.find(connection);
    if (found == links_.end() || !found->second.host) {
        return;
    }
    Link& link = found->second;
    for (;;) {
        link.host->exchange(bytes);
        auto events = link.host->take_events();
        if (events.empty()) {
            break;
        }
        for (auto& event : events) {
            on_host_event(bytes.now, connection, event, effects);
        }
    }
    note_use(bytes.now, connection, link);
    if (link.host->is_over()) {
        bytes.output_ended = true;
    }
}

void Switchboard::note_use(Instant now, ConnectionId id, Link& link) {
    if (link.id && link.used != link.host->in_use()) {
        link.used = !link.used;
        slots_.on_used(now, id, link.used);
    }
}

void Switchboard::on_closed(Instant now, ConnectionId connection, SwitchboardEffects& effects) {
    auto link = links_.extract(connection);
    if (link.empty()) {
        return;
    }
    for (auto it = asked_.lower_bound({connection, libp2p::RequestId{}});
         it != asked_.end() && it->first.first == connection;) {
        const auto request = it->first.second;
        ++it;
        on_answer(now, connection, request, std::unexpected(libp2p::RequestFailure::disconnected),
                  effects);
    }
    if (!link.mapped().id) {
        counts_.shakes_failed += link.mapped().inbound ? 1U : 0U;
    } else {
        ++(link.mapped().inbound ? counts_.closed_in : counts_.closed_out);
    }
    std::erase_if(waiting_, [&](const auto& each) { return each.second.connection == connection; });
    if (link.mapped().peer) {
        for (const Protocol protocol : kNotificationProtocols) {
            on_channel_down(now, connection, link.mapped(), protocol, false, effects);
        }
    }
    if (link.mapped().id || link.mapped().inbound) {
        network::SlotEffects slot_effects;
        slots_.on_closed(now, connection, slot_effects);
        take(now, std::move(slot_effects), effects);
    }
    // A dial that reached somebody, but not the peer.
    try_next_address(now, connection, effects);
}

void Switchboard::on_proved(Instant now, ConnectionId id, Link& link, SwitchboardEffects& effects) {
    link.id = link.host->peer();
    ++(link.inbound ? counts_.opened_in : counts_.opened_out);
    std::optional<Multiaddr> dialled;
    if (auto dial = dials_.extract(id); !dial.empty()) {
        dialled = dial.mapped().present;
    }
    log(LogLevel::debug, "sub-libp2p", "{} {} at {}", link.inbound ? "inbound" : "outbound",
        libp2p::to_text(*link.id), link.remote.text());
    network::SlotEffects slot_effects;
    slots_.on_proved(now, {id, *link.id, dialled}, slot_effects);
    take(now, std::move(slot_effects), effects);
}

void Switchboard::touch(ConnectionId id, SwitchboardEffects& effects) {
    effects.sockets.emplace_back(TouchConnection{id});
}

libp2p::Host* Switchboard::host_of(ConnectionId id) {
    const auto link = links_.find(id);
    return link == links_.end() ? nullptr : link->second.host.get();
}

// ---- slots ----

void Switchboard::take(Instant now, network::SlotEffects&& slot_effects,
                       SwitchboardEffects& effects) {
    for (auto& effect : slot_effects) {
        std::visit([&](const auto& what) { apply(now, what, effects); }, effect);
    }
}

void Switchboard::apply(Instant now, const network::Dial& dial, SwitchboardEffects& effects) {
    dial_next(now,
              Dialling{.peer = dial.peer,
                       .left = {dial.addresses.rbegin(), dial.addresses.rend()},
                       .present = {},
                       .connection = {}},
              effects);
}
void Switchboard::apply(Instant /*now*/, const network::CloseConnection& close,
                        SwitchboardEffects& effects) {
    effects.sockets.emplace_back(DropConnection{close.connection});
}
void Switchboard::apply(Instant now, const network::PeerConnected& connected,
                        SwitchboardEffects& effects) {
    ++counts_.peers_opened;
    Peer& peer = peers_[connected.key];
    peer.id = connected.peer;
    peer.connection = connected.connection;
    if (const auto link = links_.find(connected.connection); link != links_.end()) {
        link->second.peer = connected.key;
    }
    if (kademlia_) {
        kademlia_->on_connected(connected.peer);
    }
    release_waiting(now, connected.peer, true, effects);
}
void Switchboard::apply(Instant /*now*/, const network::ConnectionJoined& joined,
                        SwitchboardEffects& /*effects*/) {
    if (const auto link = links_.find(joined.connection); link != links_.end()) {
        link->second.peer = joined.key;
    }
}
void Switchboard::apply(Instant /*now*/, const network::PeerDisconnected& gone,
                        SwitchboardEffects& effects) {
    ++counts_.peers_closed;
    auto peer = peers_.extract(gone.key);
    if (!peer.empty()) {
        // The core counts the requests of peers that never joined as well.
        peer.mapped().joined = peer.mapped().joined || peer.mapped().asked;
        leave(gone.key, peer.mapped(), effects);
    }
    if (kademlia_) {
        kademlia_->on_disconnected(gone.peer);
    }
    for (auto& [id, link] : links_) {
        if (link.peer == gone.key) {
            link.peer.reset();
        }
    }
}
void Switchboard::apply(Instant now, const network::OpenSlot& open, SwitchboardEffects& effects) {
    if (const auto peer = peers_.find(open.key); peer != peers_.end()) {
        open_channel(now, peer->second, Protocol::block_announces, effects);
    }
}
void Switchboard::apply(Instant /*now*/, const network::CloseSlot& close,
                        SwitchboardEffects& effects) {
    if (const auto peer = peers_.find(close.key); peer != peers_.end()) {
        close_channels(peer->second, effects);
        leave(close.key, peer->second, effects);
    }
}

void Switchboard::on_wake(Instant now, SwitchboardEffects& effects) {
    network::SlotEffects slot_effects;
    slots_.on_wake(now, slot_effects);
    take(now, std::move(slot_effects), effects);
    if (kademlia_) {
        libp2p::kademlia::KademliaEffects found;
        kademlia_->on_wake(now, found);
        take(now, std::move(found), effects);
    }
}

std::optional<Instant> Switchboard::wake_at() const {
    auto first = slots_.wake_at();
    if (const auto other = kademlia_ ? kademlia_->wake_at() : std::nullopt;
        other && (!first || *other < *first)) {
        first = other;
    }
    return first;
}

std::vector<Multiaddr> Switchboard::external_addresses(Instant now) const {
    std::vector<Multiaddr> addresses = config_.public_addresses;
    for (auto& address : own_addresses_.confirmed(now)) {
        if (std::ranges::find(addresses, address) == addresses.end()) {
            addresses.push_back(std::move(address));
        }
    }
    return addresses;
}

std::vector<PeerView> Switchboard::peers() const {
    std::vector<PeerView> views;
    for (const auto& [key, peer] : peers_) {
        if (!peer.joined) {
            continue;
        }
        PeerView view{.id = peer.id,
                      .role = peer.role,
                      .best = peer.best,
                      .agent = {},
                      .address = {},
                      .inbound = false,
                      .ping = std::nullopt};
        if (const auto link = links_.find(peer.connection); link != links_.end()) {
            view.agent = link->second.agent;
            view.address = link->second.remote;
            view.inbound = link->second.inbound;
            view.ping = link->second.ping;
        }
        views.push_back(std::move(view));
    }
    return views;
}

}  // namespace stipple::node
