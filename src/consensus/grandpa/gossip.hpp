// Who gets to see which message: the views of our peers.
//
// Spec: sect-msg-grandpa, defn-gossip-message-neighbor. Each peer tells its set, round and
// finalised height (neighbour message); it gets votes of its set for its round and the neighbouring
// ones, and commits above its height, each message once. Bounded by kPeersMax and kKnownPerPeerMax
// (cleared when full). Deviation: the Rust node sends to about the square root of its peers first
// and to all after some rounds; this sends to every peer whose view wants the message.
#pragma once

#include "consensus/grandpa/effects.hpp"
#include "consensus/grandpa/limits.hpp"

#include <map>
#include <unordered_set>

namespace stipple::grandpa {

struct PeerView {
    RoundNumber round;
    AuthoritySetId set;
    BlockNumber finalized = 0;
    friend bool operator==(const PeerView&, const PeerView&) = default;
};

class Gossip {
 public:
    void connect(PeerKey peer);
    void disconnect(PeerKey peer) { peers_.erase(peer); }
    std::size_t peer_count() const { return peers_.size(); }
    bool is_connected(PeerKey peer) const { return peers_.contains(peer); }
    std::optional<PeerView> view(PeerKey peer) const;
    /// False when the view moves back.
    bool on_neighbor(PeerKey peer, const NeighborMessage& message);

    /// The peer has the message (it sent it).
    void note_known(PeerKey peer, const GossipMessage& message);
    /// Peers that want the message and have not had it; they are noted as knowing it.
    std::vector<PeerKey> recipients(const GossipMessage& message);
    /// True when this peer wants the message and has not had it; noted as above.
    bool offer(PeerKey peer, const GossipMessage& message);
    /// False within kOfferInterval of the last time it was true for this peer.
    bool may_offer(PeerKey peer, Instant now);
    std::vector<PeerKey> all() const;

 private:
    struct Peer {
        std::optional<PeerView> view;
        std::unordered_set<crypto::Hash64> known;  ///< iteration order is never seen
        std::optional<Instant> offered_at;
    };
    static bool wants(const Peer& peer, const GossipMessage& message);
    static bool note(Peer& peer, const crypto::Hash64& id);
    std::map<PeerKey, Peer> peers_;
};

}  // namespace stipple::grandpa
