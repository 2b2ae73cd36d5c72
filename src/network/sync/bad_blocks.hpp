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
    bool contains(const BlockHash& hash) const { return set_.contains(hash); }
    void add(const BlockHash& hash) {
        if (!set_.insert(hash).second) {
            return;
        }
        order_.push_back(hash);
        if (order_.size() > kBadBlocksMax) {
            set_.erase(order_.front());
            order_.pop_front();
        }
    }
    std::size_t size() const { return set_.size(); }

 private:
    std::set<BlockHash> set_;
    std::deque<BlockHash> order_;
};

}  // namespace stipple::network::sync
