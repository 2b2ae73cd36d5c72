#include "sim/checkers/state.hpp"

namespace stipple::sim {

void StateChecker::on_import(NodeIndex node, const chain::Chain& chain,
                             const node::AnnounceImport& import) {
    if (!population_.honest(node)) {
        return;
    }
    const BlockRef& block = import.outcome.block;
    const auto state = chain.state(block.hash);
    if (!state) {
        // Told later than done: a block finalised meanwhile may have dropped its fork.
        if (chain.is_known(block.hash)) {
            verdict_.fail("node {} knows #{} {} without its state: {}", node, block.number,
                          block.hash.hex(), state.error().message());
        }
        return;
    }
    const auto root = (*state)->root(state::TrieId::main());
    if (!root || !equal(*root, import.header.state_root)) {
        verdict_.fail("node {} has another state for #{} {} than its header says", node,
                      block.number, block.hash.hex());
    }
}

}  // namespace stipple::sim
