// The messages one peer is known to have, by their hashes: a table with open places, since it is
// asked for every message of every peer.
//
// Where a hash stands depends on a salt that peers do not know, so that nobody can choose hashes
// that stand in each other's way. Bounded by kKnownPerPeerMax: cleared when full, so that a message
// may then be sent once more.
#pragma once

#include "base/bytes.hpp"
#include "consensus/grandpa/limits.hpp"
#include "crypto/types.hpp"

#include <bit>
#include <vector>

namespace stipple::grandpa {

class KnownMessages {
 public:
    /// False when it was there. The salt is odd and always the same.
    bool insert(const crypto::Hash64& id, std::uint64_t salt) {
        const std::uint64_t number = number_of(id);
        if (is_full()) {
            clear();
        }
        if (2 * (count_ + 1) > places_.size()) {
            grow(salt);
        }
        std::uint64_t& place = find(number, salt);
        const bool is_new = place == 0;
        place = number;
        count_ += is_new ? 1 : 0;
        return is_new;
    }
    /// The insert that follows finds its place in the cache.
    void prefetch(const crypto::Hash64& id, std::uint64_t salt) const {
        if (!places_.empty()) {
            __builtin_prefetch(&places_[place_of(number_of(id), salt)], 1);
        }
    }
    void clear() {
        std::fill(places_.begin(), places_.end(), 0);
        count_ = 0;
        ++clears_;
    }
    std::size_t size() const { return count_; }
    /// The next insert clears it, even one of a message that is there.
    bool is_full() const { return count_ >= kKnownPerPeerMax; }
    /// How often it was cleared: as long as that stays, what was there is there.
    std::uint64_t clears() const { return clears_; }

 private:
    static constexpr std::size_t kPlacesMin = 64;

    static std::uint64_t number_of(const crypto::Hash64& id) {
        return std::max<std::uint64_t>(load_le<std::uint64_t>(id.bytes), 1);
    }
    std::size_t place_of(std::uint64_t number, std::uint64_t salt) const {
        return (number * salt) >> (64 - std::countr_zero(places_.size()));
    }
    /// Where the number is or belongs.
    std::uint64_t& find(std::uint64_t number, std::uint64_t salt) {
        std::size_t at = place_of(number, salt);
        while (places_[at] != 0 && places_[at] != number) {
            at = (at + 1) & (places_.size() - 1);
        }
        return places_[at];
    }
    void grow(std::uint64_t salt) {
        std::vector<std::uint64_t> before(std::max(kPlacesMin, 2 * places_.size()), 0);
        before.swap(places_);
        for (const std::uint64_t number : before) {
            if (number != 0) {
                find(number, salt) = number;
            }
        }
    }

    std::vector<std::uint64_t> places_;  ///< 0: free; a power of two of them, half free at least
    std::size_t count_ = 0;
    std::uint64_t clears_ = 0;
};

}  // namespace stipple::grandpa
