// Telling peers of new blocks.
//
// A block is announced once to each full peer that is not known to have it: it may have announced
// it itself, or been told. Light peers are told of best blocks, too (they follow the chain by
// them). Spec: sect-msg-block-announce. Bounds: kPeersMax, kKnownBlocksMax per peer.
#pragma once

#include "base/peer.hpp"
#include "network/gossip/known_set.hpp"
#include "network/gossip/limits.hpp"
#include "network/messages/block_announce.hpp"

#include <map>
#include <memory>
#include <vector>

namespace stipple::network::gossip {

/// A notification on `block-announces/1`.
struct SendAnnounce {
    std::vector<PeerKey> to;
    BlockRef block;
    std::shared_ptr<const Bytes> message;
};

class BlockAnnouncer {
 public:
    void on_peer_opened(PeerKey peer, Role role, const BlockHash& best);
    void on_peer_closed(PeerKey peer);
    /// The peer has announced it.
    void on_announced_by(PeerKey peer, const BlockHash& block);
    /// A block of ours is in the chain and may be told of; absent when all know it already.
    /// REQUIRES not during major sync (peers have those blocks).
    /// `block` is that of the header.
    std::optional<SendAnnounce> announce(const Header& header, const BlockRef& block, bool is_best);

    std::size_t peer_count() const { return peers_.size(); }

 private:
    struct Peer {
        Role role = Role::full;
        KnownSet<BlockHash> known{kKnownBlocksMax};
    };
    std::map<PeerKey, Peer> peers_;
};

}  // namespace stipple::network::gossip
