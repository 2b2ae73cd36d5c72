// The tree of blocks above the finalised one, in memory.
//
//     finalised ─ a1 ─ a2 ─ a3        best: the leaf with the greatest weight, then the greatest
//              └─ b1 ─ b2             number, then the one seen first
//
// Weight is the number of primary slots since genesis, so it never falls along a chain and the best
// block is always a leaf (or the finalised block itself). Blocks enter under a known parent, leave
// by finalisation (winners become history, losers are dropped) or by a revert. All iteration order
// that can be seen is the order of arrival.
//
// Spec: defn-longest-chain, sect-finality. Fork choice as in protocols.md section 5. Bounds:
// limits.hpp. Not thread-safe; the chain guards it.
#pragma once

#include "chain/tree/limits.hpp"
#include "primitives/ids.hpp"

#include <expected>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace stipple::chain {

enum class InsertError : std::uint8_t {
    already_known,
    unknown_parent,  ///< not the finalised block, nor above it
    bad_number,      ///< not the parent's number + 1
    bad_weight,      ///< below the parent's
    too_many_blocks,
    too_many_children,
};

/// The way from one block to another over their common ancestor.
struct Route {
    std::vector<BlockRef> retracted;  ///< from the start down to the ancestor's child, newest first
    BlockRef common;
    std::vector<BlockRef> enacted;  ///< from the ancestor's child up to the end, oldest first
};

struct TreeFinality {
    std::vector<BlockRef> newly_finalized;  ///< oldest first
    std::vector<BlockRef> dropped;          ///< losers, children before their parents
    BlockRef best_before;
    /// From the old best block to the new one, when the old one was dropped.
    std::optional<Route> reorganization;
};

class BlockTree {
 public:
    BlockTree(BlockRef finalized, std::uint64_t weight);

    /// Whether the block became the best one.
    std::expected<bool, InsertError> insert(BlockRef block, const BlockHash& parent,
                                            std::uint64_t weight);
    /// What `insert` would say, without doing it; the weight is not looked at.
    std::expected<void, InsertError> check(BlockRef block, const BlockHash& parent) const;

    BlockRef finalized() const { return finalized_; }
    BlockRef best() const { return best_; }
    /// Blocks without children, in the order of their arrival.
    std::vector<BlockRef> leaves() const;
    std::size_t leaf_count() const { return leaves_.empty() ? 1 : leaves_.size(); }
    std::size_t size() const { return nodes_.size() - 1; }

    /// Of the finalised block and everything above it.
    bool contains(const BlockHash& hash) const { return nodes_.contains(hash); }
    std::optional<BlockNumber> number(const BlockHash& hash) const;
    std::optional<std::uint64_t> weight(const BlockHash& hash) const;
    std::optional<BlockHash> parent(const BlockHash& hash) const;
    /// A block descends from itself here; false for unknown ones.
    bool is_descendant(const BlockHash& ancestor, const BlockHash& descendant) const;
    /// REQUIRES both in the tree.
    Route route(const BlockHash& from, const BlockHash& to) const;
    /// Every block above the finalised one, parents before children.
    std::vector<BlockRef> blocks() const;

    /// Absent when the block is not in the tree. Finalising the finalised block changes nothing.
    std::optional<TreeFinality> finalize(const BlockHash& hash);
    /// Keeps just the chain from the finalised block to `hash`, which becomes the best. Gives what
    /// was removed, children before parents. REQUIRES it in the tree.
    std::vector<BlockRef> truncate_to(const BlockHash& hash);

 private:
    struct Node {
        BlockNumber number = 0;
        BlockHash parent;
        std::uint64_t weight = 0;
        std::uint64_t arrival = 0;
        std::size_t children = 0;
    };
    const Node& node(const BlockHash& hash) const;
    bool better(const Node& a, const Node& b) const;
    std::vector<BlockRef> in_order(bool newest_first) const;
    void choose_best();
    /// After blocks went.
    void find_leaves();
    template <class Keep>
    std::vector<BlockRef> remove_unless(Keep&& keep);

    std::unordered_map<BlockHash, Node> nodes_;  ///< order never seen: see in_order
    std::map<std::uint64_t, BlockRef> leaves_;   ///< above the finalised block, by arrival
    BlockRef finalized_;
    BlockRef best_;
    std::uint64_t arrivals_ = 0;
};

}  // namespace stipple::chain
