// Blocks that import has refused, so that they are not asked for again.
//
// Spec: chap-sync. Bound: kBadBlocksMax; the oldest is forgotten.
#pragma once

#include "network/sync/limits.hpp"
#include "primitives/ids.hpp"

#include <deque>
#include <set>

namespace stipple::network::sync {

class BadBlocks {
 public:
    bool contains(const BlockHash& hash) const;
    void add(const BlockHash& hash);
    std::size_t size() const { return set_.size(); }

 private:
    std::set<BlockHash> set_;
    std::deque<BlockHash> order_;
};

}  // namespace stipple::network::sync
