// The blocks votes can be about: parent links of the last finalised block and its descendants.
//
// The machine of this folder reads no database; it is told of each imported block and answers
// questions of ancestry from here, in logarithmic time: without finality it holds a long chain, and
// every block that comes asks. The same type holds the headers a justification brings along.
// Bounded by kUnfinalizedBlocksMax. Not thread-safe.
#pragma once

#include "primitives/grandpa.hpp"

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace stipple::grandpa {

class BlockTree {
 public:
    /// False when the tree is full. A block known already stays as it is.
    bool insert(const BlockRef& block, const BlockHash& parent);
    bool contains(const BlockHash& hash) const;
    /// All blocks voted for?
    bool contains_all(const std::vector<SignedTarget>& votes) const;
    std::optional<BlockNumber> number(const BlockHash& hash) const;
    std::optional<BlockRef> parent(const BlockHash& hash) const;
    /// True for equal blocks; false when either is unknown and they differ.
    bool is_equal_or_descendant(const BlockRef& ancestor, const BlockHash& block) const;
    /// The ancestor (or the block itself) at a number; absent below what is known.
    std::optional<BlockRef> ancestor_at(BlockRef block, BlockNumber number) const;
    /// Keeps the finalised block and its descendants. An unknown block empties the tree and stands
    /// alone in it. Takes time for what goes and for the heights where something does, not for all
    /// that stays.
    void finalize(const BlockRef& finalized);
    std::size_t size() const { return blocks_.size(); }

 private:
    struct Entry {
        BlockNumber number = 0;
        BlockHash parent;
        BlockRef jump;  ///< an ancestor; jumps and parents lead to any other in a few steps
    };
    BlockRef jump_from(const BlockRef& block, const BlockHash& parent) const;

    std::unordered_map<BlockHash, Entry> blocks_;            ///< iteration order is never seen
    std::map<BlockNumber, std::vector<BlockHash>> heights_;  ///< the same blocks
};

}  // namespace stipple::grandpa
