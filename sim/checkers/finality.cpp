#include "sim/checkers/finality.hpp"

namespace stipple::sim {

void FinalityChecker::note(NodeIndex node, const BlockRef& block) {
    if (agreed_.size() <= block.number) {
        agreed_.resize(block.number + std::size_t{1});
    }
    BlockHash& agreed = agreed_[block.number];
    if (agreed.is_zero()) {
        agreed = block.hash;
    } else if (agreed != block.hash) {
        verdict_.fail("conflicting finality: node {} has #{} {} final, another node {}", node,
                      block.number, block.hash.hex(), agreed.hex());
    }
    finalized_[node] = block;
}

void FinalityChecker::on_start(NodeIndex node, const chain::Chain& chain) {
    if (!population_.honest(node)) {
        return;
    }
    const BlockRef now = chain.heads().finalized;
    if (now.number < finalized_[node].number) {
        verdict_.fail("finality went back: node {} had #{} final before its restart, now #{}", node,
                      finalized_[node].number, now.number);
    }
    note(node, now);
}

void FinalityChecker::on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) {
    if (!population_.honest(node)) {
        return;
    }
    BlockNumber before = finalized_[node].number;
    for (const BlockRef& block : outcome.newly_finalized) {
        if (block.number != before + 1) {
            verdict_.fail("finality jumped: node {} had #{} final, then #{}", node, before,
                          block.number);
        }
        before = block.number;
        note(node, block);
    }
}

}  // namespace stipple::sim
