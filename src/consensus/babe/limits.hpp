// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stipple::babe {

/// Blocks above the finalised one that the epoch tree follows (about 150 bytes each). A stall of
/// finality of two months; a header beyond it is refused with `InsertError::full`.
inline constexpr std::size_t kUnfinalizedBlocksMax = 1'000'000;

/// Slots by which a block may lie ahead of our clock: small drifts of clocks are no fault.
inline constexpr std::uint64_t kFutureSlotsAllowed = 1;

/// Slots for which authors' headers are remembered, so that a second one is noticed. Reports about
/// older ones would come too late to matter.
inline constexpr std::uint64_t kEquivocationSlots = 1000;
/// Headers remembered in all; overflow drops the oldest slot.
inline constexpr std::size_t kEquivocationHeadersMax = 4096;

}  // namespace stipple::babe
