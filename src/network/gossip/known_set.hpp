// The hashes a peer is known to have, so that it is told each thing once.
//
// Spec: sect-msg-transactions, sect-msg-block-announce. Bound: a capacity; the oldest is forgotten
// (a peer may then be told again, which does no harm). A peer that chooses hashes so that they get
// into each other's way slows down looks into its own set alone, of so many hashes at most.
#pragma once

#include "base/check.hpp"

#include <cstddef>
#include <deque>
#include <unordered_set>

namespace stipple::network::gossip {

template <class Hash>
class KnownSet {
 public:
    /// REQUIRES capacity > 0.
    explicit KnownSet(std::size_t capacity) : capacity_(capacity) { CHECK(capacity > 0); }
    /// False when it was here already.
    bool insert(const Hash& hash) {
        if (!set_.insert(hash).second) {
            return false;
        }
        order_.push_back(hash);
        if (order_.size() > capacity_) {
            set_.erase(order_.front());
            order_.pop_front();
        }
        return true;
    }
    bool contains(const Hash& hash) const { return set_.contains(hash); }
    std::size_t size() const { return set_.size(); }

 private:
    std::size_t capacity_;
    std::unordered_set<Hash> set_;  ///< never walked
    std::deque<Hash> order_;
};

}  // namespace stipple::network::gossip
