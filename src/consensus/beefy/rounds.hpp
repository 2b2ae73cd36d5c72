// The votes of one session: rounds by commitment, and what each validator voted for which block.
//
// Spec: sect-grandpa-beefy. A round concludes when n - (n-1)/3 validators signed one commitment,
// a key that stands several times in the set counting as often. Two payloads of one validator for
// one block are an equivocation, reported once. Signatures are verified by who feeds this.
// Bound: kOpenVotesPerValidatorMax per validator.
#pragma once

#include "consensus/beefy/limits.hpp"
#include "primitives/beefy.hpp"

#include <map>
#include <memory>

namespace stipple::beefy {

std::size_t threshold(std::size_t validators);

enum class VoteVerdict : std::uint8_t {
    counted,
    concluded,     ///< the round's proof is in `proof`
    double_voted,  ///< `equivocation` is set the first time
    invalid,       ///< of another set or of nobody in it
    stale,         ///< for a block behind this session or behind what is concluded
    too_many,      ///< the validator has its fill of open votes
};

class Rounds {
 public:
    struct Imported {
        VoteVerdict verdict = VoteVerdict::counted;
        std::optional<FinalityProof> proof;
        std::optional<DoubleVotingProof> equivocation;
    };

    /// The first block of the session is its mandatory one. REQUIRES: the set is not empty.
    Rounds(BlockNumber session_start, std::shared_ptr<const ValidatorSet> set);

    Imported add(const VoteMessage& vote);
    /// The block has a proof: its round and those before it are over.
    void conclude(BlockNumber block);

    BlockNumber session_start() const { return session_start_; }
    const std::shared_ptr<const ValidatorSet>& set() const { return set_; }
    bool is_member(const AuthorityId& id) const;
    bool mandatory_done() const { return mandatory_done_; }
    std::optional<BlockNumber> best_done() const { return best_done_; }
    bool has(const VoteMessage& vote) const;
    /// First votes of each validator for each open block.
    std::vector<VoteMessage> open_votes() const;
    std::size_t open_vote_count() const { return votes_.size(); }

 private:
    struct Voted {
        VoteMessage vote;
        bool reported = false;
    };
    struct Round {
        std::map<AuthorityId, Signature> signatures;
        std::size_t weight = 0;
    };
    using RoundKey = std::pair<BlockNumber, Payload>;

    FinalityProof proof_of(const Commitment& commitment, const Round& round) const;

    BlockNumber session_start_;
    std::shared_ptr<const ValidatorSet> set_;
    std::map<AuthorityId, std::size_t> weights_;
    std::map<AuthorityId, std::size_t> open_;  ///< open votes of each
    std::map<RoundKey, Round> rounds_;
    std::map<std::pair<BlockNumber, AuthorityId>, Voted> votes_;
    bool mandatory_done_ = false;
    std::optional<BlockNumber> best_done_;
};

}  // namespace stipple::beefy
