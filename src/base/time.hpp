// Time is an argument: only `io/` and `node/` read clocks.
#pragma once

#include <chrono>
#include <cstdint>

namespace stipple {

using Duration = std::chrono::nanoseconds;

struct SteadyClockTag;
/// A point on a monotonic clock of no particular origin.
struct Instant {
    Duration since_origin{};
    friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
    constexpr Instant operator+(Duration d) const { return {since_origin + d}; }
    constexpr Instant operator-(Duration d) const { return {since_origin - d}; }
    constexpr Duration operator-(Instant other) const { return since_origin - other.since_origin; }
};

/// Milliseconds since the Unix epoch: what slots and the timestamp inherent count.
struct UnixMillis {
    std::uint64_t value{};
    friend constexpr auto operator<=>(const UnixMillis&, const UnixMillis&) = default;
};

}  // namespace stipple
