// Transactions refused for some time: they were invalid, dropped for lack of room, or are in a
// block already. Bounded: the oldest bans make room.
#pragma once

#include "base/time.hpp"
#include "primitives/ids.hpp"

#include <map>
#include <unordered_map>

namespace stipple::chain::pool {

class BanList {
 public:
    /// A `time` of zero bans nothing (development chains).
    BanList(Duration time, std::size_t count_max) : time_(time), count_max_(count_max) {}

    void ban(Instant now, const ExtrinsicHash& hash);
    void lift(const ExtrinsicHash& hash);
    bool is_banned(Instant now, const ExtrinsicHash& hash) const;
    /// Forgets what has run out.
    void expire(Instant now);
    std::size_t size() const { return until_.size(); }

 private:
    struct Ban {
        Instant until;
        std::uint64_t order = 0;
    };
    std::unordered_map<ExtrinsicHash, Ban> until_;     // looked up only, never walked
    std::map<std::uint64_t, ExtrinsicHash> by_order_;  // one time for all: oldest runs out first
    std::uint64_t orders_ = 0;
    Duration time_;
    std::size_t count_max_;
};

}  // namespace stipple::chain::pool
