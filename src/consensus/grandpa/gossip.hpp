// Who gets to see which message: the views of our peers, and whose turn it is.
//
// Spec: sect-msg-grandpa, defn-gossip-message-neighbor. Each peer tells its set, round and
// finalised height (neighbour message); it gets votes of its set for its round and the neighbouring
// ones, and commits above its height, each message once. Bounded by kPeersMax and kKnownPerPeerMax
// (cleared when full).
//
// Not everybody is sent everything at once: a message that each of n nodes passes to a few reaches
// all of them in a few steps. The spec leaves the choice open; it is that of the Rust node. Every
// round draws its lucky peers anew, and the longer it lasts, the more get a turn:
//
//     began ── first stage ──▶ 1.5 rounds ── second stage ──▶ 3 rounds ── everybody
//     votes:   4 peers                     and max(4, √n) more           all but light clients
//     commits: both groups, and light clients in groups that take turns  all but light clients
//
// At each step on_time() says so, and the voter offers again what it has.
#pragma once

#include "base/prng.hpp"
#include "consensus/grandpa/effects.hpp"
#include "consensus/grandpa/known_messages.hpp"

#include <map>
#include <unordered_set>

namespace stipple::grandpa {

struct PeerView {
    RoundNumber round;
    AuthoritySetId set;
    BlockNumber finalized = 0;
    friend bool operator==(const PeerView&, const PeerView&) = default;
};

/// What a peer said it is; it decides how soon it gets what.
enum class PeerRole : std::uint8_t { full, authority, light };

/// By which peers are known to have a message.
crypto::Hash64 message_id(const GossipMessage& message);
crypto::Hash64 message_id(const VoteMessage& message);

class Gossip {
 public:
    explicit Gossip(Seed seed) : prng_(seed), salt_(prng_.next() | 1) {}
    // It keeps pointers to its peers, which move along with it.
    Gossip(const Gossip&) = delete;
    Gossip& operator=(const Gossip&) = delete;
    Gossip(Gossip&&) = default;
    Gossip& operator=(Gossip&&) = default;
    ~Gossip() = default;

    /// A peer that comes during a round is lucky while there is room.
    void connect(PeerKey peer, PeerRole role);
    void disconnect(PeerKey peer);
    std::size_t peer_count() const { return peers_.size(); }
    bool is_connected(PeerKey peer) const;
    std::optional<PeerView> view(PeerKey peer) const;
    /// Peers of this set that are in this round or beyond, by what they say.
    std::vector<PeerKey> ahead(AuthoritySetId set, RoundNumber round) const;
    /// False when the view moves back. A peer that stays where it is for long has missed what would
    /// take it on, whatever it was sent: it may be sent everything once more.
    bool on_neighbor(Instant now, PeerKey peer, const NeighborMessage& message);

    /// True when the peer may be told this view of ours: it was told another one last, or this one
    /// kNeighborRepeatMin ago. Noted as told.
    bool tell(Instant now, PeerKey peer, const NeighborMessage& ours);

    // ---- turns ----
    /// Draws the lucky peers of a round; `span` is what a round is expected to take.
    void begin_round(Instant now, Duration span);
    /// True when more peers have got a turn since the last call: offer what there is again.
    bool on_time(Instant now);
    /// When on_time will be true next, if nothing else happens.
    std::optional<Instant> wake_at() const;

    /// The peer has the message (it sent it).
    void note_known(PeerKey peer, const crypto::Hash64& id);
    /// Peers whose turn it is, that want the message and have not had it; they are noted as knowing
    /// it. With `behind`: only those whose view has not come further than that round.
    /// `id` is filled in when it is needed and absent.
    std::vector<PeerKey> recipients(const GossipMessage& message, std::optional<crypto::Hash64>& id,
                                    std::optional<RoundNumber> behind = std::nullopt);
    std::vector<PeerKey> recipients(const GossipMessage& message);
    /// True when it is this peer's turn, and it wants the message and has not had it; noted as
    /// above.
    bool offer(PeerKey peer, const GossipMessage& message);
    /// The votes of a phase that offer() would be true for, noted as above. Votes that were looked
    /// at for this peer before are not looked at again as long as none is added to them.
    std::vector<VoteMessage> votes_for(PeerKey peer, AuthoritySetId set, Round& round, Phase phase);
    /// False within kOfferInterval of the last time it was true for this peer.
    bool may_offer(PeerKey peer, Instant now);
    std::vector<PeerKey> all() const;

 private:
    enum class Stage : std::uint8_t { first, second, everybody };
    /// That a peer has had the first so many votes of one phase of a round.
    struct VotesHad {
        AuthoritySetId set;
        RoundNumber round;
        std::size_t count = 0;
        std::uint64_t clears = 0;  ///< of `known`, at that time
        friend bool operator==(const VotesHad&, const VotesHad&) = default;
    };
    struct Peer {
        PeerRole role = PeerRole::full;
        Stage turn = Stage::everybody;  ///< of this round, for all but light clients
        bool light_turn = false;        ///< for light clients
        std::optional<PeerView> view;
        Instant view_since;                   ///< when it got there, or was last taken to be stuck
        std::optional<NeighborMessage> told;  ///< our view, as it has it
        Instant told_at;
        KnownMessages known;
        /// By round and phase; two that share a place drive each other out.
        std::array<VotesHad, kVotesHadPlaces> votes_had;
        std::optional<Instant> offered_at;
    };
    static bool wants(const Peer& peer, const GossipMessage& message);
    static bool wants_votes(const Peer& peer, AuthoritySetId set, RoundNumber round);
    bool has_turn_for_votes(const Peer& peer) const {
        return peer.role != PeerRole::light && peer.turn <= stage_;
    }
    bool note(Peer& peer, const crypto::Hash64& id) const { return peer.known.insert(id, salt_); }
    bool has_turn(const Peer& peer, const GossipMessage& message) const;
    using PeerPlaces = std::vector<std::pair<PeerKey, Peer*>>;
    const PeerPlaces& with_turn_for_votes();
    std::size_t second_stage_size() const;
    std::size_t count(Stage turn) const;
    void draw_lucky();
    void rotate_light_clients();
    Stage stage_at(Instant now) const;

    std::map<PeerKey, Peer> peers_;
    /// Those with a turn for votes: few among many. Empty when that is to be found out.
    PeerPlaces voting_;
    Prng prng_;
    std::uint64_t salt_;  ///< of the tables of known messages
    Instant began_{};
    Duration span_{};
    Stage stage_ = Stage::first;
    std::optional<PeerKey> last_light_;  ///< the last one of the group before
};

}  // namespace stipple::grandpa
