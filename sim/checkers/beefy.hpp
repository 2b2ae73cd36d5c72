// BEEFY: no two honest nodes hold proofs of different payloads for one block, what is proven is
// what the finalised block says of itself, no honest key signs two payloads for a block, and once
// faults have stopped BEEFY follows finality: each honest node has proofs up to kBeefyLagMax blocks
// below what was final then.
//
// Bounds: the newest kPositionsKept of each kind.
#pragma once

#include "sim/checkers/checker.hpp"

#include <map>

namespace stipple::sim {

/// Two steps of the least distance between voluntary proofs, and what is being signed.
inline constexpr BlockNumber kBeefyLagMax = 24;

class BeefyChecker final : public Checker {
 public:
    using Checker::Checker;
    static constexpr std::size_t kPositionsKept = 20'000;

    void on_import(NodeIndex node, const chain::Chain& chain,
                   const node::AnnounceImport& import) override;
    void on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) override;
    void on_sent(NodeIndex node, const node::SendNotification& message) override;

 private:
    void on_proof(NodeIndex node, const beefy::Commitment& proven);

    std::map<std::pair<BlockNumber, BlockHash>, beefy::MmrRoot> roots_;
    std::map<BlockNumber, BlockHash> final_;
    std::map<BlockNumber, beefy::Payload> proven_;
    /// By block, set and voter.
    std::map<std::tuple<BlockNumber, std::uint64_t, NodeIndex>, beefy::Payload> votes_;
};

/// The newest block that a node has a proof of; 0 without any.
BlockNumber best_beefy(const Node& node);

}  // namespace stipple::sim
