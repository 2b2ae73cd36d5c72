#include "rpc/subscriptions/followed_tree.hpp"

#include "rpc/subscriptions/limits.hpp"

#include <algorithm>
#include <set>

namespace stipple::rpc {

void FollowedTree::begin(std::deque<BlockHash> finalized, BlockRef last) {
    blocks_.clear();
    last_finalized_ = std::move(finalized);
    finalized_ = last;
}

bool FollowedTree::knows(const BlockHash& block) const {
    return blocks_.contains(block) ||
           std::ranges::find(last_finalized_, block) != last_finalized_.end();
}

FollowedTree::Added FollowedTree::add(BlockRef block, const BlockHash& parent) {
    // What forks off below finality was told before this follower came, or is of no interest.
    if (block.number <= finalized_.number || blocks_.contains(block.hash)) {
        return Added::told_before;
    }
    if (parent != finalized_.hash && !blocks_.contains(parent)) {
        return Added::gap;
    }
    if (blocks_.size() >= kFollowedBlocksMax) {
        return Added::full;
    }
    blocks_.emplace(block.hash, Node{parent, block.number});
    return Added::added;
}

std::optional<FollowedTree::Finality> FollowedTree::finalize(BlockRef block) {
    Finality out;
    if (block.number <= finalized_.number) {
        return out;
    }
    for (BlockHash at = block.hash; at != finalized_.hash;) {
        const auto found = blocks_.find(at);
        if (found == blocks_.end()) {
            return std::nullopt;
        }
        out.finalized.push_back(at);
        at = found->second.parent;
    }
    std::ranges::reverse(out.finalized);
    for (const BlockHash& hash : out.finalized) {
        blocks_.erase(hash);
        last_finalized_.push_back(hash);
        if (last_finalized_.size() > kFollowFinalizedMax) {
            last_finalized_.pop_front();
        }
    }
    finalized_ = block;
    std::vector<std::pair<BlockNumber, BlockHash>> by_number;
    for (const auto& [hash, node] : blocks_) {
        by_number.emplace_back(node.number, hash);
    }
    std::ranges::sort(by_number);
    std::set<BlockHash> kept{block.hash};
    for (const auto& [number, hash] : by_number) {
        if (kept.contains(blocks_.at(hash).parent)) {
            kept.insert(hash);
        } else {
            out.pruned.push_back(hash);
        }
    }
    for (const BlockHash& hash : out.pruned) {
        blocks_.erase(hash);
    }
    return out;
}

}  // namespace stipple::rpc
