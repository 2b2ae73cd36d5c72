// The hashes a peer is known to have, so that it is told each thing once.
//
// Asked for every thing and every peer: a table with open places, which name hashes in a ring. Who
// grinds hashes that stand in each other's way makes us go over its own table, whose size is
// bounded as the ring's is.
//
// Spec: sect-msg-transactions, sect-msg-block-announce. Bound: a capacity; the oldest is forgotten
// (a peer may then be told again, which does no harm).
#pragma once

#include "base/check.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace stipple::network::gossip {

template <class Hash>
class KnownSet {
 public:
    /// REQUIRES 0 < capacity < 2^31.
    explicit KnownSet(std::size_t capacity) : capacity_(capacity) {
        CHECK(capacity > 0 && capacity < std::size_t{1} << 31);
    }
    /// False when it was here already.
    bool insert(const Hash& hash) {
        if (2 * (ring_.size() + 1) > places_.size()) {
            grow();
        }
        if (places_[find(hash)].index != kFree) {
            return false;
        }
        std::size_t index = ring_.size();
        if (index < capacity_) {
            ring_.push_back(hash);
        } else {
            index = oldest_;
            oldest_ = (oldest_ + 1) % capacity_;
            remove(find(ring_[index]));
            ring_[index] = hash;
        }
        places_[find(hash)] = {head(hash), static_cast<std::uint32_t>(index + 1)};
        return true;
    }
    bool contains(const Hash& hash) const {
        return !places_.empty() && places_[find(hash)].index != kFree;
    }
    std::size_t size() const { return ring_.size(); }

 private:
    static constexpr std::size_t kPlacesMin = 64;
    static constexpr std::uint32_t kFree = 0;
    struct Place {
        std::uint32_t head = 0;
        std::uint32_t index = kFree;  ///< one more than that in the ring
    };

    static std::uint64_t number(const Hash& hash) {
        return std::hash<Hash>{}(hash) * 0x9e3779b97f4a7c15ULL;
    }
    static std::uint32_t head(const Hash& hash) { return static_cast<std::uint32_t>(number(hash)); }
    std::size_t home(const Hash& hash) const {
        return number(hash) >> (64 - std::countr_zero(places_.size()));
    }
    std::size_t after(std::size_t at) const { return (at + 1) & (places_.size() - 1); }
    /// Where the hash is or belongs.
    std::size_t find(const Hash& hash) const {
        std::size_t at = home(hash);
        const std::uint32_t wanted = head(hash);
        while (places_[at].index != kFree &&
               (places_[at].head != wanted || ring_[places_[at].index - 1] != hash)) {
            at = after(at);
        }
        return at;
    }
    /// What stands further on than it belongs moves up, so that no way to it leads over the gap.
    void remove(std::size_t gap) {
        const std::size_t mask = places_.size() - 1;
        for (std::size_t at = after(gap); places_[at].index != kFree; at = after(at)) {
            const std::size_t from = home(ring_[places_[at].index - 1]);
            if (((at - from) & mask) >= ((at - gap) & mask)) {
                places_[gap] = places_[at];
                gap = at;
            }
        }
        places_[gap] = Place{};
    }
    void grow() {
        places_.assign(std::max(kPlacesMin, 2 * places_.size()), Place{});
        for (std::size_t index = 0; index < ring_.size(); ++index) {
            places_[find(ring_[index])] = {head(ring_[index]),
                                           static_cast<std::uint32_t>(index + 1)};
        }
    }

    std::size_t capacity_;
    std::size_t oldest_ = 0;     ///< in the ring, once that is full
    std::vector<Hash> ring_;     ///< in the order they came
    std::vector<Place> places_;  ///< a power of two of them, half free at least
};

}  // namespace stipple::network::gossip
