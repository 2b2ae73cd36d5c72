#include "network/peers/slots.hpp"

#include "base/check.hpp"

namespace stipple::network {

PeerSlots::PeerSlots(const SlotConfig& config, PeerStoreConfig store)
    : config_(config), store_(std::move(store)), connections_(config.connections) {}

// ---- connections ----

InboundVerdict PeerSlots::on_inbound(ConnectionId id, const Multiaddr& remote) {
    return connections_.admit(id, remote);
}

void PeerSlots::close_connection(ConnectionId id, CloseReason reason, SlotEffects& effects) {
    ConnectionEntry* const entry = connections_.find(id);
    if (entry != nullptr && !entry->closing) {
        entry->closing = true;
        effects.push_back(CloseConnection{id, reason});
    }
}

void PeerSlots::close_connections(Peer& peer, CloseReason reason, SlotEffects& effects) {
    for (const ConnectionId id : peer.connections) {
        close_connection(id, reason, effects);
    }
}

PeerKey PeerSlots::add_peer(Instant now, const PeerId& id, ConnectionId connection,
                            SlotEffects& effects) {
    const PeerKey key(next_key_++);
    Peer peer;
    peer.id = id;
    peer.connections = {connection};
    peer.since = now;
    peers_.emplace(key, std::move(peer));
    keys_[id] = key;
    effects.push_back(PeerConnected{key, id, connection});
    return key;
}

void PeerSlots::on_proved(Instant now, const ProvedConnection& proved, SlotEffects& effects) {
    const ConnectionId id = proved.id;
    const bool inbound = connections_.find(id) != nullptr;
    const auto dialling = dials_.find(proved.peer);
    const bool for_slot = !inbound && dialling != dials_.end() && dialling->second.for_slot;
    if (!inbound && dialling != dials_.end()) {
        dials_.erase(dialling);
    }
    // Whoever is refused below still has a connection until it is closed: it gets a number nobody
    // is told, so that its end is accounted for.
    const bool is_reserved = reserved_.contains(proved.peer);
    const bool ourselves = proved.peer == store_.own();
    if (ourselves || (store_.banned(now, proved.peer) && !is_reserved)) {
        connections_.prove(now, id, PeerKey(next_key_++));
        close_connection(id, ourselves ? CloseReason::ourselves : CloseReason::banned, effects);
        return;
    }
    if (const auto known = keys_.find(proved.peer); known != keys_.end()) {
        Peer& peer = peers_.at(known->second);
        if (peer.connections.size() >= kConnectionsPerPeerMax) {
            connections_.prove(now, id, PeerKey(next_key_++));
            close_connection(id, CloseReason::too_many_of_peer, effects);
            return;
        }
        connections_.prove(now, id, known->second);
        peer.connections.push_back(id);
        effects.push_back(ConnectionJoined{known->second, id});
        return;
    }
    store_.on_connected(now, proved.peer, inbound ? std::nullopt : proved.dialled);
    const PeerKey key = add_peer(now, proved.peer, id, effects);
    connections_.prove(now, id, key);
    if (is_reserved) {
        open_slot(now, key, SlotKind::reserved, effects);
    } else if (for_slot && !config_.reserved_only && out_taken() < config_.out) {
        open_slot(now, key, SlotKind::out, effects);
    }
}

void PeerSlots::on_closed(Instant now, ConnectionId id, SlotEffects& effects) {
    const auto entry = connections_.remove(id);
    if (!entry || !entry->peer) {
        return;
    }
    const auto it = peers_.find(*entry->peer);
    if (it == peers_.end() ||
        std::ranges::find(it->second.connections, id) == it->second.connections.end()) {
        return;  // one that was refused
    }
    Peer& peer = it->second;
    if (peer.connections.front() != id) {
        std::erase(peer.connections, id);
        return;
    }
    lose_first_connection(now, it->first, effects);
}

void PeerSlots::lose_first_connection(Instant now, PeerKey key, SlotEffects& effects) {
    Peer peer = std::move(peers_.at(key));
    peers_.erase(key);
    keys_.erase(peer.id);
    if (peer.slot != SlotKind::none) {
        release_slot(now, peer, changes::kDisconnected);
    }
    effects.push_back(PeerDisconnected{key, peer.id});
    if (peer.connections.size() < 2) {
        store_.on_disconnected(now, peer.id);
        return;
    }
    const ConnectionId other = peer.connections[1];
    const PeerKey next = add_peer(now, peer.id, other, effects);
    ConnectionEntry* const entry = connections_.find(other);
    entry->peer = next;
    entry->unused_since = now;
}

void PeerSlots::on_used(Instant now, ConnectionId id, bool used) {
    if (ConnectionEntry* const entry = connections_.find(id)) {
        entry->used = used;
        entry->unused_since = now;
    }
}

void PeerSlots::close_idle(Instant now, SlotEffects& effects) {
    std::vector<ConnectionId> idle;
    for (const auto& [id, entry] : connections_.all()) {
        if (!entry.peer || entry.closing || entry.used || now < entry.unused_since + kIdleTimeout) {
            continue;
        }
        const auto peer = peers_.find(*entry.peer);
        const bool has_slot = peer != peers_.end() && peer->second.slot != SlotKind::none &&
                              peer->second.connections.front() == id;
        if (!has_slot) {
            idle.push_back(id);
        }
    }
    for (const ConnectionId id : idle) {
        close_connection(id, CloseReason::idle, effects);
    }
}

// ---- conduct ----

void PeerSlots::report(Instant now, PeerKey key, std::int32_t change, SlotEffects& effects) {
    const auto it = peers_.find(key);
    if (it == peers_.end()) {
        return;
    }
    const auto outcome = store_.report(now, it->second.id, change);
    if (outcome != PeerStore::ReportOutcome::tolerated && !reserved_.contains(it->second.id)) {
        close_connections(it->second, CloseReason::banned, effects);
    }
}

void PeerSlots::disconnect(PeerKey key, SlotEffects& effects) {
    if (const auto it = peers_.find(key); it != peers_.end()) {
        close_connections(it->second, CloseReason::requested, effects);
    }
}

// ---- questions ----

std::size_t PeerSlots::used(SlotKind kind) const {
    std::size_t count = 0;
    for (const auto& [key, peer] : peers_) {
        count += peer.slot == kind ? 1U : 0U;
    }
    return count;
}

std::size_t PeerSlots::out_taken() const {
    std::size_t count = used(SlotKind::out);
    for (const auto& [peer, dialling] : dials_) {
        count += dialling.for_slot && !reserved_.contains(peer) ? 1U : 0U;
    }
    return count;
}

PeerSlots::Counts PeerSlots::counts() const {
    Counts counts{.out = out_taken(),
                  .in_full = used(SlotKind::in_full),
                  .in_light = used(SlotKind::in_light),
                  .reserved = used(SlotKind::reserved),
                  .open = 0,
                  .peers = peers_.size(),
                  .dials = dials_.size()};
    for (const auto& [key, peer] : peers_) {
        counts.open += peer.open ? 1U : 0U;
    }
    return counts;
}

std::optional<PeerKey> PeerSlots::find(const PeerId& peer) const {
    const auto it = keys_.find(peer);
    return it == keys_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<PeerId> PeerSlots::id_of(PeerKey peer) const {
    const auto it = peers_.find(peer);
    return it == peers_.end() ? std::nullopt : std::optional(it->second.id);
}

bool PeerSlots::is_open(PeerKey peer) const {
    const auto it = peers_.find(peer);
    return it != peers_.end() && it->second.open;
}

bool PeerSlots::backing_off(Instant now, const PeerId& peer) const {
    const auto it = back_off_.find(peer);
    return it != back_off_.end() && now < it->second;
}

}  // namespace stipple::network
