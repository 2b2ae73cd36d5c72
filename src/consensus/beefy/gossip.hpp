// Who has which message, and how far each peer is.
//
// Every message goes once to every peer that is not known to have it; now and then all is
// forgotten, so that everything live is sent again (a peer may have refused it as too early).
// Bounded by kPeersMax and kKnownPerPeerMax (cleared when full).
#pragma once

#include "base/peer.hpp"
#include "consensus/beefy/limits.hpp"
#include "primitives/beefy.hpp"

#include <map>
#include <unordered_set>

namespace stipple::beefy {

crypto::Hash64 message_id(const GossipMessage& message);

class Gossip {
 public:
    /// False when the peer is not served or connected already.
    bool connect(PeerKey peer);
    void disconnect(PeerKey peer);
    bool is_connected(PeerKey peer) const;
    std::size_t peer_count() const { return peers_.size(); }

    void note_known(PeerKey peer, const crypto::Hash64& id);
    /// Peers that have not had the message; they are noted as having it.
    std::vector<PeerKey> recipients(const crypto::Hash64& id);
    void forget_known();

    /// The peer sent something about this block.
    void note_progress(PeerKey peer, BlockNumber block);
    /// Peers that have been seen beyond this block.
    std::vector<PeerKey> further_than(BlockNumber block) const;

 private:
    struct Peer {
        std::unordered_set<crypto::Hash64> known;  ///< iteration order is never seen
        BlockNumber progress = 0;
    };
    static bool note(Peer& peer, const crypto::Hash64& id);
    std::map<PeerKey, Peer> peers_;
};

}  // namespace stipple::beefy
