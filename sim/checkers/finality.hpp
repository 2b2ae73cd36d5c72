// Safety of finality: no two honest nodes finalise different blocks at one height, and no node's
// finality goes back, also not over a crash.
#pragma once

#include "sim/checkers/checker.hpp"

namespace stipple::sim {

class FinalityChecker final : public Checker {
 public:
    FinalityChecker(Verdict& verdict, const Population& population)
        : Checker(verdict, population), finalized_(population.validators.size()) {}

    void on_start(NodeIndex node, const chain::Chain& chain) override;
    void on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) override;

 private:
    void note(NodeIndex node, const BlockRef& block);

    std::vector<BlockHash> agreed_;    ///< by number, as the first honest node finalised it
    std::vector<BlockRef> finalized_;  ///< by node
};

}  // namespace stipple::sim
