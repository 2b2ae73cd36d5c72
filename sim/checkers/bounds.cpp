#include "sim/checkers/bounds.hpp"

#include "chain/pool/limits.hpp"
#include "consensus/beefy/limits.hpp"
#include "consensus/grandpa/limits.hpp"
#include "network/sync/limits.hpp"
#include "sim/node.hpp"

namespace stipple::sim {

void BoundsChecker::hold(NodeIndex node, const char* what, std::size_t found, std::size_t most) {
    if (found > most) {
        verdict_.fail("node {}: {} {}, at most {}", node, found, what, most);
    }
}

void BoundsChecker::on_step(NodeIndex node, const Node& state) {
    if (++steps_ % kStride != 0) {
        return;
    }
    const node::Core& core = state.core();
    const auto counts = core.pool().counts();
    hold(node, "ready transactions", counts.ready, chain::pool::kReadyCountMax);
    hold(node, "future transactions", counts.future,
         chain::pool::kReadyCountMax / chain::pool::kFutureShare);
    if (const auto* voter = core.voter()) {
        hold(node, "votes, commits and jobs of the voter", voter->waiting(),
             4 * grandpa::kVotesWaitingMax + grandpa::kCommitsWaitingMax);
    }
    if (const auto* voter = core.beefy()) {
        hold(node, "votes, proofs and jobs of the BEEFY voter", voter->waiting(),
             beefy::kVotesWaitingMax + beefy::kVotesEarlyMax + beefy::kProofsBufferedMax +
                 beefy::kProofJobsMax + 1);
    }
    // A peer that came back may be there twice until its first connection is known to be gone.
    hold(node, "peers", core.peering().peer_count(), 2 * population_.validators.size());
    hold(node, "downloaded blocks that wait for import", core.peering().status().queued_blocks,
         network::sync::kQueueBlocksMax + network::sync::kLineBlocksMax);
}

}  // namespace stipple::sim
