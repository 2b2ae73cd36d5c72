#include "consensus/beefy/gossip.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace stipple::beefy {

crypto::Hash64 message_id(const GossipMessage& message) {
    Bytes encoded;
    encode_to(encoded, message);
    return crypto::blake2b_64(encoded);
}

bool Gossip::connect(PeerKey peer) {
    return peers_.size() < kPeersMax && peers_.try_emplace(peer).second;
}

bool Gossip::note(Peer& peer, const crypto::Hash64& id) {
    if (peer.known.size() >= kKnownPerPeerMax) {
        peer.known.clear();
    }
    return peer.known.insert(id).second;
}

void Gossip::note_known(PeerKey peer, const crypto::Hash64& id) {
    if (const auto found = peers_.find(peer); found != peers_.end()) {
        note(found->second, id);
    }
}

std::vector<PeerKey> Gossip::recipients(const crypto::Hash64& id) {
    std::vector<PeerKey> chosen;
    for (auto& [key, peer] : peers_) {
        if (note(peer, id)) {
            chosen.push_back(key);
        }
    }
    return chosen;
}

void Gossip::forget_known() {
    for (auto& [key, peer] : peers_) {
        peer.known.clear();
    }
}

void Gossip::note_progress(PeerKey peer, BlockNumber block) {
    if (const auto found = peers_.find(peer); found != peers_.end()) {
        found->second.progress = std::max(found->second.progress, block);
    }
}

std::vector<PeerKey> Gossip::further_than(BlockNumber block) const {
    std::vector<PeerKey> chosen;
    for (const auto& [key, peer] : peers_) {
        if (peer.progress > block) {
            chosen.push_back(key);
        }
    }
    return chosen;
}

void Gossip::disconnect(PeerKey peer) {
    peers_.erase(peer);
}

bool Gossip::is_connected(PeerKey peer) const {
    return peers_.contains(peer);
}

}  // namespace stipple::beefy
