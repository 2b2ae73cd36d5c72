#include "consensus/grandpa/block_tree.hpp"

#include "consensus/grandpa/limits.hpp"

#include <algorithm>

namespace stipple::grandpa {

bool BlockTree::insert(const BlockRef& block, const BlockHash& parent) {
    if (blocks_.size() >= kUnfinalizedBlocksMax && !contains(block.hash)) {
        return false;
    }
    blocks_.try_emplace(block.hash, Entry{block.number, parent, jump_from(block, parent)});
    return true;
}

// Jumps of a skew-binary list: as long as the two before it together when those are equally long,
// else to the parent. What is not known (any more) is not jumped over.
BlockRef BlockTree::jump_from(const BlockRef& block, const BlockHash& parent) const {
    const BlockRef up{parent, block.number == 0 ? 0 : block.number - 1};
    const auto first = blocks_.find(parent);
    if (first == blocks_.end() || first->second.number != up.number) {
        return up;
    }
    const BlockRef& far = first->second.jump;
    const auto second = blocks_.find(far.hash);
    if (second == blocks_.end() || second->second.number != far.number) {
        return up;
    }
    const BlockRef& farther = second->second.jump;
    return up.number - far.number == far.number - farther.number ? farther : up;
}

bool BlockTree::contains_all(const std::vector<SignedTarget>& votes) const {
    return std::ranges::all_of(
        votes, [&](const SignedTarget& vote) { return contains(vote.target.hash); });
}

std::optional<BlockNumber> BlockTree::number(const BlockHash& hash) const {
    const auto found = blocks_.find(hash);
    return found == blocks_.end() ? std::nullopt : std::optional(found->second.number);
}

std::optional<BlockRef> BlockTree::parent(const BlockHash& hash) const {
    const auto found = blocks_.find(hash);
    if (found == blocks_.end() || found->second.number == 0) {
        return std::nullopt;
    }
    return BlockRef{found->second.parent, found->second.number - 1};
}

bool BlockTree::is_equal_or_descendant(const BlockRef& ancestor, const BlockHash& block) const {
    if (ancestor.hash == block) {
        return true;
    }
    const auto own_number = number(block);
    if (!own_number || *own_number <= ancestor.number) {
        return false;
    }
    const auto at = ancestor_at({block, *own_number}, ancestor.number);
    return at && at->hash == ancestor.hash;
}

std::optional<BlockRef> BlockTree::ancestor_at(BlockRef block, BlockNumber number) const {
    while (block.number > number) {
        const auto found = blocks_.find(block.hash);
        if (found == blocks_.end() || found->second.number == 0) {
            return std::nullopt;
        }
        const Entry& entry = found->second;
        const bool jumps = entry.jump.number >= number && contains(entry.jump.hash);
        block = jumps ? entry.jump : BlockRef{entry.parent, entry.number - 1};
    }
    return block.number == number ? std::optional(block) : std::nullopt;
}

void BlockTree::finalize(const BlockRef& finalized) {
    const auto winner = blocks_.find(finalized.hash);
    if (winner == blocks_.end()) {
        blocks_.clear();
        blocks_.emplace(finalized.hash, Entry{finalized.number, {}, {}});
        return;
    }
    std::vector<BlockRef> order;
    for (const auto& [hash, entry] : blocks_) {
        order.push_back({hash, entry.number});
    }
    std::sort(order.begin(), order.end(), [](const BlockRef& a, const BlockRef& b) {
        return std::tie(a.number, a.hash) < std::tie(b.number, b.hash);
    });
    for (const BlockRef& block : order) {
        if (block.hash == finalized.hash) {
            continue;
        }
        // Parents come first, so a parent that is still here was kept.
        const bool kept =
            block.number > finalized.number && contains(blocks_.at(block.hash).parent);
        if (!kept) {
            blocks_.erase(block.hash);
        }
    }
}

}  // namespace stipple::grandpa
