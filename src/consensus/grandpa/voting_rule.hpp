// How far below the best block an honest voter votes.
//
// Spec: sect-grandpa-best-prevote (a node's own choice). The relay chain's rules: at least two
// blocks behind the best one, and no further than three quarters of the unfinalised chain, so that
// finality does not race block production. Approvals, disputes and pending authority changes bound
// it further (VoterConfig, Voter::on_best_block).
#pragma once

#include "consensus/grandpa/block_tree.hpp"

namespace stipple::grandpa {

inline constexpr BlockNumber kBehindBest = 2;

/// The number to vote for, between `base` and `best`. REQUIRES base <= best.
constexpr BlockNumber restrict_vote(BlockNumber base, BlockNumber best) {
    const std::uint64_t unfinalized = best - base;
    const auto three_quarters = static_cast<BlockNumber>((unfinalized * 3 + 2) / 4);
    const BlockNumber behind = unfinalized > kBehindBest ? best - kBehindBest : base;
    return base + three_quarters < behind ? base + three_quarters : behind;
}
static_assert(restrict_vote(10, 10) == 10);
static_assert(restrict_vote(10, 13) == 11);
static_assert(restrict_vote(10, 110) == 85);

}  // namespace stipple::grandpa
