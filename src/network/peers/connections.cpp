#include "network/peers/connections.hpp"

#include "base/check.hpp"

namespace stipple::network {
namespace {

std::optional<Bytes> site_of(const libp2p::Multiaddr& remote) {
    const auto ip = remote.ip();
    if (!ip || ip->reach() != libp2p::Reach::global) {
        return std::nullopt;
    }
    return to_bytes(ip->v6 ? ip->view().first(8) : ip->view());
}

}  // namespace

InboundVerdict ConnectionTable::admit(ConnectionId id, const libp2p::Multiaddr& remote) {
    CHECK(!entries_.contains(id));
    if (inbound_ >= limits_.inbound_max) {
        return InboundVerdict::too_many;
    }
    if (unproven_ >= limits_.unproven_max) {
        return InboundVerdict::too_many_unproven;
    }
    ConnectionEntry entry;
    entry.inbound = true;
    entry.site = site_of(remote);
    if (entry.site) {
        const auto site = sites_.find(*entry.site);
        if (site != sites_.end() && site->second >= limits_.per_address_max) {
            return InboundVerdict::too_many_of_address;
        }
        ++sites_[*entry.site];
    }
    ++inbound_;
    ++unproven_;
    entries_.emplace(id, std::move(entry));
    return InboundVerdict::accept;
}

ConnectionEntry& ConnectionTable::prove(Instant now, ConnectionId id, PeerKey peer) {
    ConnectionEntry& entry = entries_[id];
    CHECK(!entry.peer);
    if (entry.inbound) {
        --unproven_;
    }
    entry.peer = peer;
    entry.unused_since = now;
    return entry;
}

ConnectionEntry* ConnectionTable::find(ConnectionId id) {
    const auto it = entries_.find(id);
    return it == entries_.end() ? nullptr : &it->second;
}

std::optional<ConnectionEntry> ConnectionTable::remove(ConnectionId id) {
    const auto it = entries_.find(id);
    if (it == entries_.end()) {
        return std::nullopt;
    }
    ConnectionEntry entry = std::move(it->second);
    entries_.erase(it);
    if (entry.inbound) {
        --inbound_;
        unproven_ -= entry.peer ? 0U : 1U;
    }
    if (entry.site) {
        const auto site = sites_.find(*entry.site);
        if (--site->second == 0) {
            sites_.erase(site);
        }
    }
    return entry;
}

}  // namespace stipple::network
