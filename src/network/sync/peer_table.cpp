#include "network/sync/peer_table.hpp"

namespace stipple::network::sync {

bool PeerTable::add(PeerKey key, const BlockRef& best) {
    if (peers_.size() >= kPeersMax) {
        return false;
    }
    return peers_.emplace(key, Peer{.best = best}).second;
}

void PeerTable::remove(PeerKey key) {
    peers_.erase(key);
}

Peer* PeerTable::find(PeerKey key) {
    const auto found = peers_.find(key);
    return found == peers_.end() ? nullptr : &found->second;
}

const Peer* PeerTable::find(PeerKey key) const {
    const auto found = peers_.find(key);
    return found == peers_.end() ? nullptr : &found->second;
}

}  // namespace stipple::network::sync
