// The blocks sync may rely on: the finalised one and everything the chain holds above it.
//
// What is not here and numbered above the finalised block is unknown to the chain; what is at or
// below it is settled and of no use to sync. So every question of sync ("do we have this?") is
// answered from memory. Spec: chap-sync. Bound: kKnownBlocksMax; further blocks are not noted.
#pragma once

#include "primitives/ids.hpp"

#include <map>
#include <vector>

namespace stipple::network::sync {

class KnownBlocks {
 public:
    explicit KnownBlocks(const BlockRef& finalized);

    void reset(const BlockRef& finalized);
    /// A block whose parent is not noted is passed over.
    void add(const BlockRef& block, const BlockHash& parent);
    /// Forgets what does not descend from `block`. One that was not noted replaces everything.
    void finalize(const BlockRef& block);

    bool contains(const BlockHash& hash) const;
    const BlockRef& finalized() const { return finalized_; }
    std::size_t size() const { return blocks_.size(); }

 private:
    std::map<BlockHash, BlockHash> blocks_;  ///< to their parents; the finalised one included
    std::map<BlockNumber, std::vector<BlockHash>> by_number_;
    BlockRef finalized_;
};

}  // namespace stipple::network::sync
