// One round of voting: who voted what, and what follows from it.
//
// Spec: algo-grandpa-round, defn-grandpa-completable, algo-grandpa-best-candidate. With g the GHOST
// of the prevotes:
//   finalized    highest block at or below g with a supermajority of precommits
//   estimate     highest block at or below g that may still get one
//   completable  the estimate is below g, or nothing above g can get a supermajority any more
// Votes that are possible: those not cast yet, and as many equivocations as the threshold
// tolerates. The first vote of a voter counts; a second, different one makes it an equivocator,
// which counts for every block; further ones are ignored. Signatures are verified before votes come
// here.
#pragma once

#include "consensus/grandpa/vote_graph.hpp"
#include "consensus/grandpa/voter_set.hpp"

#include <memory>

namespace stipple::grandpa {

struct RoundState {
    std::optional<BlockRef> prevote_ghost;
    std::optional<BlockRef> finalized;
    std::optional<BlockRef> estimate;
    bool completable = false;
    friend bool operator==(const RoundState&, const RoundState&) = default;
};

/// Two votes of one voter in one round and phase: what the runtime punishes.
struct Equivocation {
    RoundNumber round;
    Phase phase = Phase::prevote;
    AuthorityId id;
    SignedTarget first;
    SignedTarget second;
    friend bool operator==(const Equivocation&, const Equivocation&) = default;
};
/// First argument of GrandpaApi_submit_report_equivocation_unsigned_extrinsic.
Bytes encode_equivocation_proof(const Equivocation& equivocation, AuthoritySetId set);

/// A vote as a round keeps it.
struct CastVote {
    SignedTarget vote;
    /// Of the message that carries it, once somebody needed it: it is asked for again and again.
    std::optional<crypto::Hash64> message;
};

enum class VoteOutcome : std::uint8_t {
    counted,        ///< the voter's first vote
    equivocation,   ///< its second one
    duplicate,      ///< seen before
    surplus,        ///< a third different vote: ignored
    unknown_voter,  ///< not in the set
    outside,        ///< the target does not descend from the round's base
};

class Round {
 public:
    Round(RoundNumber number, std::shared_ptr<const VoterSet> voters, const BlockRef& base);

    RoundNumber number() const { return number_; }
    const BlockRef& base() const { return graph_.base(); }
    const VoterSet& voters() const { return *voters_; }
    const RoundState& state() const { return state_; }

    VoteOutcome import(Phase phase, const SignedTarget& vote, const BlockTree& tree,
                       const std::optional<crypto::Hash64>& message = std::nullopt);
    /// What the voter's two votes were, after import gave `equivocation`.
    std::optional<Equivocation> equivocation(Phase phase, const AuthorityId& id) const;
    /// Null when it is not among them. Valid until the next import.
    CastVote* find_vote(Phase phase, const SignedTarget& vote);
    bool has_voted(Phase phase, const AuthorityId& id) const;

    /// Highest block with a supermajority of precommits, whatever the prevotes say.
    std::optional<BlockRef> precommit_ghost() const;
    /// All votes in the order of voters, equivocations included.
    std::vector<SignedTarget> votes(Phase phase) const;
    std::size_t vote_count(Phase phase) const { return tallies_[index(phase)].votes; }
    /// Calls `use(CastVote&)` for each, in the same order.
    void for_each_vote(Phase phase, const auto& use) {
        for (Ballot& ballot : tallies_[index(phase)].ballots) {
            for (auto* cast : {&ballot.first, &ballot.second}) {
                if (*cast) {
                    use(**cast);
                }
            }
        }
    }
    /// The precommits for state().finalized or its descendants, one of each voter. Others believe
    /// it only if check_commit does: the weight of equivocators counts here for every block, but
    /// a vote beside the target makes a commit unconnected. REQUIRES state().finalized.
    Commit commit(const BlockTree& tree) const;
    /// Weight of the voters that voted at all.
    std::uint64_t participation(Phase phase) const { return tallies_[index(phase)].cast; }

 private:
    struct Ballot {
        std::optional<CastVote> first;
        std::optional<CastVote> second;
        bool has(const SignedTarget& vote) const {
            return (first && first->vote == vote) || (second && second->vote == vote);
        }
    };
    struct Tally {
        std::vector<Ballot> ballots;    ///< by voter
        std::size_t votes = 0;          ///< in them
        std::uint64_t cast = 0;         ///< weight that has voted
        std::uint64_t equivocated = 0;  ///< of it, weight that voted twice
    };
    static std::size_t index(Phase phase) { return static_cast<std::size_t>(phase); }
    std::uint64_t weight(const VoteGraph::Weights& weights, Phase phase) const {
        return weights[index(phase)] + tallies_[index(phase)].equivocated;
    }
    void update();

    RoundNumber number_;
    std::shared_ptr<const VoterSet> voters_;
    VoteGraph graph_;
    std::array<Tally, 2> tallies_;
    RoundState state_;
};

}  // namespace stipple::grandpa
