// Blocks with the weight voted for them: GHOST and what the estimate asks of it.
//
// Spec: defn-grandpa-ghost-function (algo-grandpa-ghost), defn-total-potential-votes. A vote for a
// block is a vote for all its ancestors down to the round's base, so weight grows towards the base:
//
//     base 10 ── B 10 ── C 7 ── E 7      GHOST for threshold 7 is E
//                   └─── D 3
//
// Voters that voted twice count for every block; the round adds their weight on top. Bounded by the
// votes a round takes (two per voter) times the depth of the block tree.
#pragma once

#include "consensus/grandpa/block_tree.hpp"

#include <array>
#include <functional>

namespace stipple::grandpa {

enum class Phase : std::uint8_t { prevote = 0, precommit = 1 };

class VoteGraph {
 public:
    using Weights = std::array<std::uint64_t, 2>;  ///< by Phase
    using Condition = std::function<bool(const Weights&)>;

    explicit VoteGraph(const BlockRef& base);
    const BlockRef& base() const { return nodes_.front().block; }

    /// Adds a vote's weight to the target and its ancestors. False when the target does not descend
    /// from the base as far as `tree` knows.
    bool add(Phase phase, const BlockRef& target, std::uint64_t weight, const BlockTree& tree);
    /// Takes a vote back (its voter equivocated). REQUIRES that it was added.
    void remove(Phase phase, const BlockHash& target, std::uint64_t weight);

    /// The highest block reached from `start` (the base if absent) over blocks that satisfy a
    /// condition holding for all ancestors of such a block; absent when the start does not.
    std::optional<BlockRef> find_ghost(const std::optional<BlockRef>& start,
                                       const Condition& condition) const;
    /// The first block from `from` down to the base that satisfies the condition.
    std::optional<BlockRef> find_ancestor(const BlockRef& from, const Condition& condition) const;

 private:
    using NodeIndex = std::uint32_t;
    static constexpr NodeIndex kNone = ~NodeIndex{0};
    struct Node {
        BlockRef block;
        NodeIndex parent = kNone;
        std::vector<NodeIndex> children;
        Weights weights{};
    };
    std::optional<NodeIndex> place(const BlockRef& target, const BlockTree& tree);

    std::vector<Node> nodes_;
    std::unordered_map<BlockHash, NodeIndex> by_hash_;  ///< iteration order is never seen
};

}  // namespace stipple::grandpa
