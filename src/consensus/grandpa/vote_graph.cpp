#include "consensus/grandpa/vote_graph.hpp"

#include "base/check.hpp"

#include <ranges>

namespace stipple::grandpa {

VoteGraph::VoteGraph(const BlockRef& base) {
    Node node;
    node.block = base;
    nodes_.push_back(std::move(node));
    by_hash_.emplace(base.hash, 0);
}

// Makes nodes for the target and its ancestors down to a known one.
std::optional<VoteGraph::NodeIndex> VoteGraph::place(const BlockRef& target,
                                                     const BlockTree& tree) {
    std::vector<BlockRef> path;
    BlockRef at = target;
    while (!by_hash_.contains(at.hash)) {
        const auto up = tree.parent(at.hash);
        if (!up || at.number <= base().number) {
            return std::nullopt;
        }
        path.push_back(at);
        at = *up;
    }
    NodeIndex index = by_hash_.at(at.hash);
    for (const BlockRef& block : path | std::views::reverse) {
        const auto child = static_cast<NodeIndex>(nodes_.size());
        Node node;
        node.block = block;
        node.parent = index;
        nodes_.push_back(std::move(node));
        nodes_[index].children.push_back(child);
        by_hash_.emplace(block.hash, child);
        index = child;
    }
    return index;
}

bool VoteGraph::add(Phase phase, const BlockRef& target, std::uint64_t weight,
                    const BlockTree& tree) {
    const auto index = place(target, tree);
    if (!index) {
        return false;
    }
    for (NodeIndex at = *index; at != kNone; at = nodes_[at].parent) {
        nodes_[at].weights[static_cast<std::size_t>(phase)] += weight;
    }
    return true;
}

void VoteGraph::remove(Phase phase, const BlockHash& target, std::uint64_t weight) {
    for (NodeIndex at = by_hash_.at(target); at != kNone; at = nodes_[at].parent) {
        std::uint64_t& total = nodes_[at].weights[static_cast<std::size_t>(phase)];
        CHECK(total >= weight);
        total -= weight;
    }
}

std::optional<BlockRef> VoteGraph::find_ghost(const std::optional<BlockRef>& start,
                                              const Condition& condition) const {
    NodeIndex at = 0;
    if (start) {
        const auto found = by_hash_.find(start->hash);
        CHECK(found != by_hash_.end());
        at = found->second;
    }
    if (!condition(nodes_[at].weights)) {
        return std::nullopt;
    }
    for (;;) {
        const auto& children = nodes_[at].children;
        const auto next = std::find_if(children.begin(), children.end(), [&](NodeIndex child) {
            return condition(nodes_[child].weights);
        });
        if (next == children.end()) {
            return nodes_[at].block;
        }
        at = *next;
    }
}

std::optional<BlockRef> VoteGraph::find_ancestor(const BlockRef& from,
                                                 const Condition& condition) const {
    const auto found = by_hash_.find(from.hash);
    CHECK(found != by_hash_.end());
    for (NodeIndex at = found->second; at != kNone; at = nodes_[at].parent) {
        if (condition(nodes_[at].weights)) {
            return nodes_[at].block;
        }
    }
    return std::nullopt;
}

}  // namespace stipple::grandpa
