// The state a node keeps for a block is the one the block's header commits to, on every node.
#pragma once

#include "sim/checkers/checker.hpp"

namespace stipple::sim {

class StateChecker final : public Checker {
 public:
    using Checker::Checker;
    void on_import(NodeIndex node, const chain::Chain& chain,
                   const node::AnnounceImport& import) override;
};

}  // namespace stipple::sim
