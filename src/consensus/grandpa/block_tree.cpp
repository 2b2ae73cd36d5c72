#include "consensus/grandpa/block_tree.hpp"

#include "consensus/grandpa/limits.hpp"

#include <algorithm>

namespace stipple::grandpa {

bool BlockTree::insert(const BlockRef& block, const BlockHash& parent) {
    if (blocks_.size() >= kUnfinalizedBlocksMax && !contains(block.hash)) {
        return false;
    }
    const bool is_new =
        blocks_.try_emplace(block.hash, Entry{block.number, parent, jump_from(block, parent)})
            .second;
    if (is_new) {
        heights_[block.number].push_back(block.hash);
    }
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
    if (!contains(finalized.hash)) {
        blocks_.clear();
        heights_.clear();
        blocks_.emplace(finalized.hash, Entry{finalized.number, {}, {}});
        heights_[finalized.number].push_back(finalized.hash);
        return;
    }
    while (heights_.begin()->first < finalized.number) {
        for (const BlockHash& hash : heights_.begin()->second) {
            blocks_.erase(hash);
        }
        heights_.erase(heights_.begin());
    }
    const auto drop = [&](std::vector<BlockHash>& height, const auto& loses) {
        return std::erase_if(
            height, [&](const BlockHash& hash) { return loses(hash) && blocks_.erase(hash) != 0; });
    };
    auto at = heights_.begin();
    std::size_t gone = drop(at->second, [&](const auto& hash) { return hash != finalized.hash; });
    // What stands on nothing that went stays, and so does all above it.
    for (++at; gone > 0 && at != heights_.end();) {
        gone =
            drop(at->second, [&](const auto& hash) { return !contains(blocks_.at(hash).parent); });
        at = at->second.empty() ? heights_.erase(at) : std::next(at);
    }
}

bool BlockTree::contains(const BlockHash& hash) const {
    return blocks_.contains(hash);
}

}  // namespace stipple::grandpa
