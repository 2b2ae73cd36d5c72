// The blocks one chainHead follower knows: what it was told and is not final yet, and the last
// finalised ones.
//
// Data only: the events of the chain go in, what has to be said comes out. A follower never hears
// of a block whose parent it does not know, and every block it heard of is later told as finalised
// or as pruned. Bounded by kFollowedBlocksMax and kFollowFinalizedMax.
//
// Spec: json-rpc-interface-spec, chainHead_v1_follow
#pragma once

#include "primitives/ids.hpp"

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace stipple::rpc {

class FollowedTree {
 public:
    /// Starts at these finalised blocks, oldest first; `last` is the newest of them.
    void begin(std::deque<BlockHash> finalized, BlockRef last);

    enum class Added : std::uint8_t {
        told_before,
        added,
        gap,   ///< the parent is unknown: events are missing
        full,  ///< finality stands still for too long
    };
    Added add(BlockRef block, const BlockHash& parent);

    struct Finality {
        std::vector<BlockHash> finalized;  ///< oldest first; empty: nothing new
        std::vector<BlockHash> pruned;     ///< no descendants of the last one, lowest first
    };
    /// Absent when the block was never told.
    std::optional<Finality> finalize(BlockRef block);

    bool knows(const BlockHash& block) const;
    const BlockRef& finalized() const { return finalized_; }
    std::size_t size() const { return blocks_.size(); }

 private:
    struct Node {
        BlockHash parent;
        BlockNumber number = 0;
    };
    std::map<BlockHash, Node> blocks_;  ///< above finality
    std::deque<BlockHash> last_finalized_;
    BlockRef finalized_;
};

}  // namespace stipple::rpc
