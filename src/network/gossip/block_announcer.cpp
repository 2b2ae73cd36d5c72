#include "network/gossip/block_announcer.hpp"

namespace stipple::network::gossip {

void BlockAnnouncer::on_peer_opened(PeerKey key, Role role, const BlockHash& best) {
    if (peers_.size() >= kPeersMax) {
        return;
    }
    Peer& peer = peers_.try_emplace(key).first->second;
    peer.role = role;
    peer.known.insert(best);
}

void BlockAnnouncer::on_announced_by(PeerKey key, const BlockHash& block) {
    if (const auto peer = peers_.find(key); peer != peers_.end()) {
        peer->second.known.insert(block);
    }
}

std::optional<SendAnnounce> BlockAnnouncer::announce(const Header& header, const BlockRef& block,
                                                     bool is_best) {
    SendAnnounce send{{}, block, nullptr};
    for (auto& [key, peer] : peers_) {
        if ((is_full(peer.role) || is_best) && peer.known.insert(send.block.hash)) {
            send.to.push_back(key);
        }
    }
    if (send.to.empty()) {
        return std::nullopt;
    }
    send.message = std::make_shared<const Bytes>(encode(BlockAnnounce{header, is_best, {}}));
    return send;
}

void BlockAnnouncer::on_peer_closed(PeerKey peer) {
    peers_.erase(peer);
}

}  // namespace stipple::network::gossip
