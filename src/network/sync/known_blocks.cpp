#include "network/sync/known_blocks.hpp"

#include "network/sync/limits.hpp"

namespace stipple::network::sync {

void KnownBlocks::reset(const BlockRef& finalized) {
    blocks_.clear();
    by_number_.clear();
    finalized_ = finalized;
    blocks_.emplace(finalized.hash, BlockHash{});
    by_number_[finalized.number].push_back(finalized.hash);
}

void KnownBlocks::add(const BlockRef& block, const BlockHash& parent) {
    if (block.number <= finalized_.number || blocks_.size() >= kKnownBlocksMax ||
        !blocks_.contains(parent) || !blocks_.emplace(block.hash, parent).second) {
        return;
    }
    by_number_[block.number].push_back(block.hash);
}

void KnownBlocks::finalize(const BlockRef& block) {
    if (block.number <= finalized_.number) {
        return;
    }
    if (!blocks_.contains(block.hash)) {
        reset(block);
        return;
    }
    // Upwards, a block stays when its parent did.
    std::map<BlockHash, BlockHash> kept{{block.hash, BlockHash{}}};
    std::map<BlockNumber, std::vector<BlockHash>> kept_by_number{{block.number, {block.hash}}};
    for (auto level = by_number_.upper_bound(block.number); level != by_number_.end(); ++level) {
        for (const auto& hash : level->second) {
            const BlockHash& parent = blocks_.at(hash);
            if (kept.contains(parent)) {
                kept.emplace(hash, parent);
                kept_by_number[level->first].push_back(hash);
            }
        }
    }
    blocks_ = std::move(kept);
    by_number_ = std::move(kept_by_number);
    finalized_ = block;
}

KnownBlocks::KnownBlocks(const BlockRef& finalized) {
    reset(finalized);
}

bool KnownBlocks::contains(const BlockHash& hash) const {
    return blocks_.contains(hash);
}

}  // namespace stipple::network::sync
