// How long an author may work on its block, and when it had better not make one.
//
// Spec: algo-build-block leaves both to the node; the figures are the Rust node's, so that a
// network of both keeps one pace.
//
//   slot began ──── time for proposing: two thirds of a slot, never past its end ──── slot ends
//
// Lenience: after slots without a block perhaps no author is fast enough, so each two missed ones
// double the time, up to 128 slots. Back-off: when finality lags, blocks pile up that every node
// has to keep; authors then leave slots out, the more the longer the unfinalised chain is.
#pragma once

#include "base/time.hpp"
#include "primitives/ids.hpp"

#include <algorithm>
#include <cstdint>

namespace stipple::authoring {

/// The part of a slot given to proposing.
constexpr Duration proposal_time(Duration slot_duration) {
    return slot_duration * 2 / 3;
}
/// The part of the time for proposing in which transactions are offered; the rest is for roots.
constexpr Duration filling_time(Duration proposing) {
    return proposing * 2 / 3;
}

/// Missed slots before the lenience doubles, and how often it may.
inline constexpr std::uint64_t kLenienceStep = 2;
inline constexpr std::uint64_t kLenienceDoublingsMax = 7;

/// What is added to the time for proposing when slots passed without a block since the parent's.
constexpr Duration lenience(Slot slot, Slot parent, Duration slot_duration) {
    if (slot.value <= parent.value + 1) {
        return Duration::zero();
    }
    const std::uint64_t missed = slot.value - parent.value - 1;
    const std::uint64_t doublings = std::min(missed / kLenienceStep, kLenienceDoublingsMax);
    return proposal_time(slot_duration) * (std::int64_t{1} << doublings);
}

struct Backoff {
    std::uint64_t slots_max = 100;    ///< left out at once at most
    std::uint64_t unfinalized = 50;   ///< blocks without finality that are no reason
    std::uint64_t blocks_a_slot = 2;  ///< further ones for each slot that is left out
};

/// True when a chain with this head and finality should not get a block in this slot.
constexpr bool backs_off(const Backoff& rule, BlockNumber head, Slot head_slot,
                         BlockNumber finalized, Slot now) {
    const std::uint64_t behind = head > finalized ? head - finalized : 0;
    const std::uint64_t surplus = behind > rule.unfinalized ? behind - rule.unfinalized : 0;
    const std::uint64_t pause = std::min(surplus / rule.blocks_a_slot, rule.slots_max);
    return now > head_slot && now.value <= head_slot.value + pause;
}

}  // namespace stipple::authoring
