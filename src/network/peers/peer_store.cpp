#include "network/peers/peer_store.hpp"

#include "base/check.hpp"

#include <tuple>

namespace stipple::network {

// ---- who is known ----

const PeerStore::Known* PeerStore::find(const PeerId& peer) const {
    const auto it = peers_.find(peer);
    return it == peers_.end() ? nullptr : &it->second;
}

PeerStore::Known* PeerStore::find_or_add(Instant now, const PeerId& peer) {
    if (const auto it = peers_.find(peer); it != peers_.end()) {
        return &it->second;
    }
    if (peer == config_.own || (peers_.size() >= config_.peers_max && !make_room(now))) {
        return nullptr;
    }
    Known known;
    known.updated = now;
    return &peers_.emplace(peer, std::move(known)).first->second;
}

std::tuple<int, Instant> PeerStore::worth(Instant now, const Known& known) {
    const bool disliked = known.reputation.value(now) < 0;
    const int rank = known.last_connected ? 2 : disliked ? 1 : 0;
    return {rank, known.updated};
}

bool PeerStore::make_room(Instant now) {
    std::vector<std::pair<std::tuple<int, Instant>, const PeerId*>> order;
    for (const auto& [peer, known] : peers_) {
        if (!known.pinned && !known.connected) {
            order.emplace_back(worth(now, known), &peer);
        }
    }
    const std::size_t count = std::min(order.size(), config_.peers_max / 16 + 1);
    const auto middle = order.begin() + static_cast<long>(count);
    std::partial_sort(order.begin(), middle, order.end(), [](const auto& a, const auto& b) {
        return std::tie(a.first, *a.second) < std::tie(b.first, *b.second);
    });
    std::vector<PeerId> leaving;
    for (auto it = order.begin(); it != middle; ++it) {
        leaving.push_back(*it->second);
    }
    for (const PeerId& peer : leaving) {
        erase(peer);
    }
    return count > 0;
}

void PeerStore::erase(const PeerId& peer) {
    const auto it = peers_.find(peer);
    if (it->second.on_disk) {
        changed_.insert(peer);
    } else {
        changed_.erase(peer);
    }
    peers_.erase(it);
}

bool PeerStore::add_peer(Instant now, const PeerId& peer) {
    Known* const known = find_or_add(now, peer);
    if (known != nullptr) {
        known->updated = now;
    }
    return known != nullptr;
}

bool PeerStore::better(const KnownAddress& a, const KnownAddress& b) {
    const auto rank = [](const KnownAddress& it) {
        return std::tuple(it.failures, it.source != AddressSource::connected, it.source, ~it.order);
    };
    return rank(a) < rank(b);
}

bool PeerStore::add_address(Instant now, const PeerId& peer, const Multiaddr& address,
                            AddressSource source) {
    const auto named = address.peer();
    const bool reachable = config_.local_addresses || source == AddressSource::configured ||
                           source == AddressSource::connected ||
                           address.reach() == libp2p::Reach::global;
    if ((named && *named != peer) || !address.dial_target() || !reachable ||
        address.reach() == libp2p::Reach::unspecified) {
        return false;
    }
    Known* const known = find_or_add(now, peer);
    if (known == nullptr) {
        return false;
    }
    known->updated = now;
    const Multiaddr bare = address.without_peer();
    auto& list = known->addresses;
    const auto same =
        std::ranges::find_if(list, [&](const auto& it) { return it.address == bare; });
    if (same != list.end()) {
        same->source = std::min(same->source, source);
        return true;
    }
    if (list.size() >= kAddressesPerPeerMax) {
        const auto worst = std::ranges::max_element(list, [](const auto& a, const auto& b) {
            const bool a_stays = a.source == AddressSource::configured;
            const bool b_stays = b.source == AddressSource::configured;
            return a_stays != b_stays ? a_stays : better(a, b);
        });
        if (worst->source == AddressSource::configured) {
            return false;
        }
        list.erase(worst);
    }
    list.push_back({.address = bare, .source = source, .failures = 0, .order = next_order_++});
    if (known->last_connected) {
        changed_.insert(peer);
    }
    return true;
}

void PeerStore::pin(Instant now, const PeerId& peer) {
    if (Known* const known = find_or_add(now, peer)) {
        known->pinned = true;
    }
}

void PeerStore::unpin(const PeerId& peer) {
    if (const auto it = peers_.find(peer); it != peers_.end()) {
        it->second.pinned = false;
    }
}

// ---- reputation ----

PeerStore::ReportOutcome PeerStore::report(Instant now, const PeerId& peer, std::int32_t change) {
    Known* const known = find_or_add(now, peer);
    if (known == nullptr) {
        return ReportOutcome::tolerated;
    }
    const bool before = known->reputation.banned(now);
    known->reputation.change(now, change);
    known->updated = now;
    if (!known->reputation.banned(now)) {
        return ReportOutcome::tolerated;
    }
    return before ? ReportOutcome::banned_before : ReportOutcome::banned;
}

std::int32_t PeerStore::reputation(Instant now, const PeerId& peer) const {
    const Known* const known = find(peer);
    return known == nullptr ? 0 : known->reputation.value(now);
}

std::size_t PeerStore::banned_count(Instant now) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        peers_, [&](const auto& entry) { return entry.second.reputation.banned(now); }));
}

bool PeerStore::banned(Instant now, const PeerId& peer) const {
    const Known* const known = find(peer);
    return known != nullptr && known->reputation.banned(now);
}

// ---- dialling ----

void PeerStore::on_address_failed(const PeerId& peer, const Multiaddr& address) {
    const auto it = peers_.find(peer);
    if (it == peers_.end()) {
        return;
    }
    const Multiaddr bare = address.without_peer();
    for (KnownAddress& known : it->second.addresses) {
        if (known.address == bare && known.failures < 0xffff) {
            ++known.failures;
        }
    }
}

void PeerStore::on_dial_failed(Instant now, const PeerId& peer) {
    const auto it = peers_.find(peer);
    if (it == peers_.end()) {
        return;
    }
    Known& known = it->second;
    const bool named = std::ranges::any_of(known.addresses, [](const KnownAddress& address) {
        return address.source == AddressSource::configured;
    });
    const Duration longest = named ? kNamedDialBackOffMax : kDialBackOffMax;
    Duration wait = kDialBackOffFirst;
    for (int i = 0; i < known.dials_failed && wait < longest; ++i) {
        wait *= 2;
    }
    known.dial_after = now + std::min(wait, longest);
    known.dials_failed = static_cast<std::uint8_t>(std::min(known.dials_failed + 1, 255));
}

void PeerStore::on_connected(Instant now, const PeerId& peer,
                             const std::optional<Multiaddr>& dialled) {
    if (dialled) {
        add_address(now, peer, *dialled, AddressSource::connected);
    }
    Known* const known = find_or_add(now, peer);
    if (known == nullptr) {
        return;
    }
    known->connected = true;
    known->updated = now;
    known->last_connected = now;
    known->dials_failed = 0;
    known->dial_after = {};
    changed_.insert(peer);
    const Multiaddr bare = dialled ? dialled->without_peer() : Multiaddr{};
    for (KnownAddress& address : known->addresses) {
        if (address.address == bare) {
            address.failures = 0;
            address.order = next_order_++;
        }
    }
}

void PeerStore::on_disconnected(Instant now, const PeerId& peer) {
    const auto it = peers_.find(peer);
    if (it == peers_.end()) {
        return;
    }
    it->second.connected = false;
    it->second.updated = now;
    it->second.last_connected = now;
    changed_.insert(peer);
}

std::vector<Multiaddr> PeerStore::addresses(const PeerId& peer) const {
    const Known* const known = find(peer);
    if (known == nullptr) {
        return {};
    }
    std::vector<KnownAddress> ranked = known->addresses;
    std::ranges::sort(ranked, better);
    std::vector<Multiaddr> out;
    for (const KnownAddress& address : ranked) {
        if (auto full = address.address.with_peer(peer)) {
            out.push_back(std::move(*full));
        }
    }
    return out;
}

bool PeerStore::may_dial(Instant now, const PeerId& peer) const {
    const Known* const known = find(peer);
    return known != nullptr && !known->connected && !known->addresses.empty() &&
           known->dial_after <= now && !known->reputation.banned(now);
}

std::optional<Instant> PeerStore::dial_after(const PeerId& peer) const {
    const Known* const known = find(peer);
    if (known == nullptr || known->dials_failed == 0) {
        return std::nullopt;
    }
    return known->dial_after;
}

std::vector<PeerId> PeerStore::candidates(Instant now, std::size_t count,
                                          const std::function<bool(const PeerId&)>& skip) {
    struct Candidate {
        std::int32_t reputation;
        std::uint8_t dials_failed;
        const PeerId* peer;
    };
    std::vector<Candidate> found;
    for (auto& [peer, known] : peers_) {
        known.reputation.settle(now);
        const bool usable = known.connected ? !known.reputation.banned(now) : may_dial(now, peer);
        if (usable && !skip(peer)) {
            found.push_back({known.reputation.value(now), known.dials_failed, &peer});
        }
    }
    count = std::min(count, found.size());
    const auto middle = found.begin() + static_cast<long>(count);
    std::partial_sort(found.begin(), middle, found.end(), [](const auto& a, const auto& b) {
        return std::tie(b.reputation, a.dials_failed, *a.peer) <
               std::tie(a.reputation, b.dials_failed, *b.peer);
    });
    std::vector<PeerId> out;
    for (auto it = found.begin(); it != middle; ++it) {
        out.push_back(*it->peer);
    }
    return out;
}

void PeerStore::forget(Instant now) {
    std::vector<PeerId> leaving;
    for (auto& [peer, known] : peers_) {
        known.reputation.settle(now);
        const bool remembered =
            known.last_connected && *known.last_connected + kRememberConnectedFor > now;
        const bool stale = known.updated + kForgetAfter <= now;
        if (!known.pinned && !known.connected && !remembered && stale &&
            known.reputation.value(now) == 0) {
            leaving.push_back(peer);
        }
    }
    for (const PeerId& peer : leaving) {
        erase(peer);
    }
}

}  // namespace stipple::network
