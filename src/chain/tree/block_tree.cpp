#include "chain/tree/block_tree.hpp"

#include "base/check.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <unordered_set>

namespace stipple::chain {

BlockTree::BlockTree(BlockRef finalized, std::uint64_t weight)
    : finalized_(finalized), best_(finalized) {
    nodes_[finalized.hash] = Node{finalized.number, {}, weight, arrivals_++, 0};
}

const BlockTree::Node& BlockTree::node(const BlockHash& hash) const {
    const auto found = nodes_.find(hash);
    CHECK(found != nodes_.end());
    return found->second;
}

bool BlockTree::better(const Node& a, const Node& b) const {
    if (a.weight != b.weight) {
        return a.weight > b.weight;
    }
    if (a.number != b.number) {
        return a.number > b.number;
    }
    return a.arrival < b.arrival;
}

std::expected<void, InsertError> BlockTree::check(BlockRef block, const BlockHash& parent) const {
    if (nodes_.contains(block.hash)) {
        return std::unexpected(InsertError::already_known);
    }
    const auto above = nodes_.find(parent);
    if (above == nodes_.end()) {
        return std::unexpected(InsertError::unknown_parent);
    }
    if (block.number == 0 || block.number - 1 != above->second.number) {
        return std::unexpected(InsertError::bad_number);
    }
    if (size() >= kUnfinalizedBlocksMax) {
        return std::unexpected(InsertError::too_many_blocks);
    }
    if (above->second.children >= kChildrenMax) {
        return std::unexpected(InsertError::too_many_children);
    }
    return {};
}

std::expected<bool, InsertError> BlockTree::insert(BlockRef block, const BlockHash& parent,
                                                   std::uint64_t weight) {
    TRY(check(block, parent));
    Node& above = nodes_.at(parent);
    if (weight < above.weight) {
        return std::unexpected(InsertError::bad_weight);
    }
    ++above.children;
    leaves_.erase(above.arrival);
    const Node added{block.number, parent, weight, arrivals_++, 0};
    nodes_.emplace(block.hash, added);
    leaves_.emplace(added.arrival, block);
    if (!better(added, node(best_.hash))) {
        return false;
    }
    best_ = block;
    return true;
}

std::vector<BlockRef> BlockTree::in_order(bool newest_first) const {
    std::vector<std::pair<std::uint64_t, BlockRef>> order;
    order.reserve(nodes_.size());
    for (const auto& [hash, known] : nodes_) {
        if (hash != finalized_.hash) {
            order.emplace_back(known.arrival, BlockRef{hash, known.number});
        }
    }
    std::ranges::sort(order);
    if (newest_first) {
        std::ranges::reverse(order);
    }
    std::vector<BlockRef> blocks;
    blocks.reserve(order.size());
    for (const auto& [arrival, block] : order) {
        blocks.push_back(block);
    }
    return blocks;
}

std::vector<BlockRef> BlockTree::blocks() const {
    return in_order(false);
}

std::vector<BlockRef> BlockTree::leaves() const {
    if (leaves_.empty()) {
        return {finalized_};
    }
    std::vector<BlockRef> found;
    found.reserve(leaves_.size());
    for (const auto& [arrival, block] : leaves_) {
        found.push_back(block);
    }
    return found;
}

void BlockTree::find_leaves() {
    leaves_.clear();
    for (const auto& [hash, known] : nodes_) {
        if (known.children == 0 && hash != finalized_.hash) {
            leaves_.emplace(known.arrival, BlockRef{hash, known.number});
        }
    }
}

std::optional<BlockNumber> BlockTree::number(const BlockHash& hash) const {
    const auto found = nodes_.find(hash);
    return found == nodes_.end() ? std::nullopt : std::optional(found->second.number);
}

std::optional<std::uint64_t> BlockTree::weight(const BlockHash& hash) const {
    const auto found = nodes_.find(hash);
    return found == nodes_.end() ? std::nullopt : std::optional(found->second.weight);
}

std::optional<BlockHash> BlockTree::parent(const BlockHash& hash) const {
    const auto found = nodes_.find(hash);
    if (found == nodes_.end() || hash == finalized_.hash) {
        return std::nullopt;
    }
    return found->second.parent;
}

bool BlockTree::is_descendant(const BlockHash& ancestor, const BlockHash& descendant) const {
    const auto above = nodes_.find(ancestor);
    auto at = nodes_.find(descendant);
    if (above == nodes_.end() || at == nodes_.end()) {
        return false;
    }
    while (at->second.number > above->second.number) {
        at = nodes_.find(at->second.parent);
    }
    return at == above;
}

Route BlockTree::route(const BlockHash& from, const BlockHash& to) const {
    Route way;
    BlockRef low{from, node(from).number};
    BlockRef high{to, node(to).number};
    const auto step = [&](BlockRef& at, std::vector<BlockRef>& passed) {
        passed.push_back(at);
        at = {node(at.hash).parent, at.number - 1};
    };
    while (low.hash != high.hash) {
        if (low.number >= high.number) {
            step(low, way.retracted);
        } else {
            step(high, way.enacted);
        }
    }
    way.common = low;
    std::ranges::reverse(way.enacted);
    return way;
}

void BlockTree::choose_best() {
    best_ = finalized_;
    const Node* best = &node(finalized_.hash);
    for (const auto& [hash, known] : nodes_) {
        if (better(known, *best)) {
            best = &known;
            best_ = {hash, known.number};
        }
    }
}

template <class Keep>
std::vector<BlockRef> BlockTree::remove_unless(Keep&& keep) {
    std::vector<BlockRef> removed;
    for (const BlockRef& block : in_order(true)) {  // children arrive after their parents
        if (keep(block)) {
            continue;
        }
        const auto parent = nodes_.find(node(block.hash).parent);
        if (parent != nodes_.end()) {
            --parent->second.children;
        }
        nodes_.erase(block.hash);
        removed.push_back(block);
    }
    return removed;
}

std::optional<TreeFinality> BlockTree::finalize(const BlockHash& hash) {
    if (!nodes_.contains(hash)) {
        return std::nullopt;
    }
    TreeFinality outcome;
    outcome.best_before = best_;
    if (hash == finalized_.hash) {
        return outcome;
    }
    const bool best_survives = is_descendant(hash, best_.hash);
    outcome.newly_finalized = route(finalized_.hash, hash).enacted;

    // Parents come before children, so one pass finds all descendants.
    std::unordered_set<BlockHash> survivors = {hash};
    for (const BlockRef& block : in_order(false)) {
        if (survivors.contains(node(block.hash).parent)) {
            survivors.insert(block.hash);
        }
    }
    std::unordered_set<BlockHash> history = {finalized_.hash};
    for (const BlockRef& block : outcome.newly_finalized) {
        history.insert(block.hash);
    }
    std::optional<BlockTree> before;
    if (!best_survives) {
        before = *this;
    }
    outcome.dropped = remove_unless([&](const BlockRef& block) {
        return survivors.contains(block.hash) || history.contains(block.hash);
    });
    nodes_.erase(finalized_.hash);
    finalized_ = outcome.newly_finalized.back();
    for (const BlockRef& block : outcome.newly_finalized) {
        if (block.hash != hash) {
            nodes_.erase(block.hash);
        }
    }
    nodes_.at(hash).parent = {};
    find_leaves();
    if (!best_survives) {
        choose_best();
        outcome.reorganization = before->route(outcome.best_before.hash, best_.hash);
    }
    return outcome;
}

std::vector<BlockRef> BlockTree::truncate_to(const BlockHash& hash) {
    const BlockRef target{hash, node(hash).number};
    std::unordered_set<BlockHash> kept;
    for (const BlockRef& block : route(finalized_.hash, hash).enacted) {
        kept.insert(block.hash);
    }
    auto removed = remove_unless([&](const BlockRef& block) { return kept.contains(block.hash); });
    find_leaves();
    best_ = target;
    return removed;
}

}  // namespace stipple::chain
