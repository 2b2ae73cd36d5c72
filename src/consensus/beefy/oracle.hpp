// Which block to vote for, and which votes and proofs count now.
//
// Spec: sect-grandpa-beefy. The queue of sessions holds, once it is pruned, either one session
// whose mandatory block has a proof, or any number without. Voting happens in the front one:
//
//   mandatory block pending   only that block counts, nothing is voted for beside it
//   mandatory block done      best_beefy .. best_grandpa; the target is best_beefy plus half the
//                             distance, rounded up to a power of two, at least `min_delta`
//
// Sessions come from finalised headers, so peers cannot make this grow.
#pragma once

#include "consensus/beefy/rounds.hpp"

#include <deque>

namespace stipple::beefy {

/// None when there is nothing final to vote for yet.
std::optional<BlockNumber> vote_target(BlockNumber best_grandpa, BlockNumber best_beefy,
                                       BlockNumber session_start, std::uint32_t min_delta);

enum class Reach : std::uint8_t { now, later, past };

/// A session as the database and the walk along headers know it.
struct Session {
    BlockNumber start = 0;
    ValidatorSet set;
    bool mandatory_done = false;
    std::optional<BlockNumber> best_done;
    friend bool operator==(const Session&, const Session&) = default;
    static auto fields(auto& self) {
        return std::tie(self.start, self.set, self.mandatory_done, self.best_done);
    }
};

class VotingOracle {
 public:
    /// None when the sessions contradict each other or the blocks given.
    static std::optional<VotingOracle> create(std::vector<Session> sessions,
                                              BlockNumber best_grandpa, BlockNumber best_beefy,
                                              std::uint32_t min_delta);

    /// REQUIRES: can_add(session.start), and its set is not empty.
    void add_session(const Session& session);
    bool can_add(BlockNumber start) const;
    void set_best_grandpa(BlockNumber block) { best_grandpa_ = std::max(best_grandpa_, block); }
    /// A proof for the block is there.
    void conclude(BlockNumber block);

    /// The front session: the one that votes.
    const Rounds& active() const;
    Rounds& active();
    /// The mandatory block without a proof, if it is what holds everything up.
    std::optional<BlockNumber> mandatory_pending() const;
    /// First and last block that count now.
    std::pair<BlockNumber, BlockNumber> accepted() const;
    Reach reach_of(BlockNumber block) const;
    std::optional<BlockNumber> target() const;
    BlockNumber best_grandpa() const { return best_grandpa_; }
    BlockNumber best_beefy() const { return best_beefy_; }
    std::size_t session_count() const { return sessions_.size(); }
    std::vector<Session> sessions() const;

 private:
    VotingOracle() = default;
    void prune();

    std::deque<Rounds> sessions_;  ///< never empty
    BlockNumber best_grandpa_ = 0;
    BlockNumber best_beefy_ = 0;
    std::uint32_t min_delta_ = kMinBlockDelta;
};

}  // namespace stipple::beefy
