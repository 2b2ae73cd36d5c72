// PeerSlots, second half: giving out slots, taking them back, and dialling for them.
#include "base/check.hpp"
#include "network/peers/slots.hpp"

namespace stipple::network {

// ---- reserved peers ----

void PeerSlots::set_reserved(Instant now, const std::set<PeerId>& peers, SlotEffects& effects) {
    std::set<PeerId> next;
    for (const PeerId& peer : peers) {
        if (next.size() < kReservedPeersMax && peer != store_.own()) {
            next.insert(peer);
            store_.pin(now, peer);
        }
    }
    reserved_.swap(next);  // `next` now has those so far
    for (const PeerId& peer : next) {
        if (!reserved_.contains(peer)) {
            store_.unpin(peer);
            if (const auto it = dials_.find(peer); it != dials_.end()) {
                it->second.for_slot = false;  // it was not counted as one of the regular ones
            }
        }
    }
    std::vector<PeerKey> leaving;
    for (auto& [key, peer] : peers_) {
        if (peer.slot == SlotKind::none) {
            continue;
        }
        if (reserved_.contains(peer.id)) {
            peer.slot = SlotKind::reserved;
        } else if (peer.slot == SlotKind::reserved) {
            peer.slot = SlotKind::none;  // not counted while its new place is looked for
            peer.slot = regular_kind(peer);
            if (peer.slot == SlotKind::none) {
                peer.slot = SlotKind::reserved;
                leaving.push_back(key);
            }
        }
    }
    for (const PeerKey key : leaving) {
        close_slot(now, key, effects);
    }
    allocate_reserved(now, effects);
}

PeerSlots::SlotKind PeerSlots::regular_kind(const Peer& peer) const {
    if (config_.reserved_only) {
        return SlotKind::none;
    }
    if (peer.light) {
        return used(SlotKind::in_light) < config_.in_light ? SlotKind::in_light : SlotKind::none;
    }
    if (out_taken() < config_.out) {
        return SlotKind::out;
    }
    return used(SlotKind::in_full) < config_.in_full ? SlotKind::in_full : SlotKind::none;
}

void PeerSlots::set_reserved_only(Instant now, bool reserved_only, SlotEffects& effects) {
    config_.reserved_only = reserved_only;
    if (!reserved_only) {
        return;
    }
    std::vector<PeerKey> leaving;
    for (const auto& [key, peer] : peers_) {
        if (peer.slot != SlotKind::none && peer.slot != SlotKind::reserved) {
            leaving.push_back(key);
        }
    }
    for (const PeerKey key : leaving) {
        close_slot(now, key, effects);
    }
}

// ---- dialling ----

void PeerSlots::dial(Instant now, const PeerId& peer, bool for_slot, SlotEffects& effects) {
    dials_[peer] = {.for_slot = for_slot, .since = now};
    effects.push_back(Dial{peer, store_.addresses(peer)});
}

bool PeerSlots::want_connection(Instant now, const PeerId& peer, SlotEffects& effects) {
    if (dials_.contains(peer)) {
        return true;
    }
    if (keys_.contains(peer) || dials_.size() >= kDialsMax || !store_.may_dial(now, peer)) {
        return false;
    }
    dial(now, peer, false, effects);
    return true;
}

void PeerSlots::on_dial_failed(Instant now, const PeerId& peer) {
    if (dials_.erase(peer) > 0) {
        store_.on_dial_failed(now, peer);
    }
}

// ---- slots ----

void PeerSlots::open_slot(Instant now, PeerKey key, SlotKind kind, SlotEffects& effects) {
    Peer& peer = peers_.at(key);
    peer.slot = kind;
    peer.open = false;
    peer.since = now;
    effects.push_back(OpenSlot{key});
}

void PeerSlots::release_slot(Instant now, Peer& peer, const ReputationChange& change) {
    peer.slot = SlotKind::none;
    peer.open = false;
    peer.since = now;
    back_off_[peer.id] = now + kSlotBackOff;
    store_.report(now, peer.id, change.value);
    for (const ConnectionId id : peer.connections) {
        if (ConnectionEntry* const entry = connections_.find(id)) {
            entry->unused_since = now;
        }
    }
}

void PeerSlots::close_slot(Instant now, PeerKey key, SlotEffects& effects) {
    release_slot(now, peers_.at(key), {0, "closed by us"});
    effects.push_back(CloseSlot{key});
}

PeerSlots::SlotVerdict PeerSlots::on_slot_asked(Instant now, PeerKey key, bool light) {
    const auto it = peers_.find(key);
    if (it == peers_.end()) {
        return SlotVerdict::reject;
    }
    Peer& peer = it->second;
    if (peer.slot != SlotKind::none) {
        peer.light = light;
        return SlotVerdict::accept;  // we asked too; it keeps the slot it has
    }
    SlotKind kind = SlotKind::none;
    if (reserved_.contains(peer.id)) {
        kind = SlotKind::reserved;
    } else if (!config_.reserved_only && !store_.banned(now, peer.id)) {
        const SlotKind wanted = light ? SlotKind::in_light : SlotKind::in_full;
        const std::size_t most = light ? config_.in_light : config_.in_full;
        kind = used(wanted) < most ? wanted : SlotKind::none;
    }
    if (kind == SlotKind::none) {
        return SlotVerdict::reject;
    }
    peer.slot = kind;
    peer.open = false;
    peer.light = light;
    peer.since = now;
    return SlotVerdict::accept;
}

void PeerSlots::on_slot_open(Instant now, PeerKey key, bool light, SlotEffects& effects) {
    const auto it = peers_.find(key);
    if (it == peers_.end()) {
        return;
    }
    Peer& peer = it->second;
    peer.light = light;
    if (peer.slot == SlotKind::none) {
        effects.push_back(CloseSlot{key});  // taken back meanwhile
        return;
    }
    if (light && peer.slot == SlotKind::out) {
        // A light node serves nobody: it cannot have a place meant for those who serve us.
        if (used(SlotKind::in_light) >= config_.in_light) {
            close_slot(now, key, effects);
            return;
        }
        peer.slot = SlotKind::in_light;
    }
    peer.open = true;
    peer.since = now;
}

void PeerSlots::on_slot_closed(Instant now, PeerKey key) {
    const auto it = peers_.find(key);
    if (it != peers_.end() && it->second.slot != SlotKind::none) {
        release_slot(now, it->second, changes::kDisconnected);
    }
}

void PeerSlots::on_slot_failed(Instant now, PeerKey key) {
    const auto it = peers_.find(key);
    if (it != peers_.end() && it->second.slot != SlotKind::none) {
        release_slot(now, it->second, changes::kOpenFailed);
    }
}

// ---- time ----

void PeerSlots::allocate_reserved(Instant now, SlotEffects& effects) {
    for (const PeerId& peer : reserved_) {
        const auto key = keys_.find(peer);
        if (key != keys_.end()) {
            if (peers_.at(key->second).slot == SlotKind::none && !backing_off(now, peer)) {
                open_slot(now, key->second, SlotKind::reserved, effects);
            }
        } else if (!dials_.contains(peer) && dials_.size() < kDialsMax &&
                   store_.may_dial(now, peer)) {
            dial(now, peer, true, effects);
        }
    }
}

void PeerSlots::allocate_out(Instant now, SlotEffects& effects) {
    const std::size_t taken = out_taken();
    if (config_.reserved_only || taken >= config_.out) {
        return;
    }
    const auto skip = [&](const PeerId& peer) {
        const auto key = keys_.find(peer);
        const bool has_slot = key != keys_.end() && peers_.at(key->second).slot != SlotKind::none;
        return has_slot || reserved_.contains(peer) || dials_.contains(peer) ||
               backing_off(now, peer);
    };
    for (const PeerId& peer : store_.candidates(now, config_.out - taken, skip)) {
        if (const auto key = keys_.find(peer); key != keys_.end()) {
            open_slot(now, key->second, SlotKind::out, effects);
        } else if (dials_.size() < kDialsMax) {
            dial(now, peer, true, effects);
        }
    }
}

void PeerSlots::give_up_attempts(Instant now, SlotEffects& effects) {
    std::erase_if(back_off_, [&](const auto& entry) { return entry.second <= now; });
    std::vector<PeerId> dials;
    for (const auto& [peer, dialling] : dials_) {
        if (dialling.since + kAttemptTimeout <= now) {
            dials.push_back(peer);
        }
    }
    for (const PeerId& peer : dials) {
        on_dial_failed(now, peer);
    }
    std::vector<PeerKey> openings;
    for (const auto& [key, peer] : peers_) {
        if (peer.slot != SlotKind::none && !peer.open && peer.since + kAttemptTimeout <= now) {
            openings.push_back(key);
        }
    }
    for (const PeerKey key : openings) {
        release_slot(now, peers_.at(key), changes::kOpenFailed);
        effects.push_back(CloseSlot{key});
    }
}

void PeerSlots::on_wake(Instant now, SlotEffects& effects) {
    if (now < next_allocation_) {
        return;
    }
    next_allocation_ = now + kSlotAllocationInterval;
    give_up_attempts(now, effects);
    close_idle(now, effects);
    allocate_reserved(now, effects);
    allocate_out(now, effects);
    if (now >= next_forget_) {
        next_forget_ = now + std::chrono::minutes(1);
        store_.forget(now);
    }
}

std::optional<Instant> PeerSlots::wake_at() const {
    if (empty() && reserved_.empty() && store_.size() == 0) {
        return std::nullopt;
    }
    return next_allocation_;
}

}  // namespace stipple::network
