// Is this machine's clock right? What an author can tell by itself and from verified blocks.
//
// Spec: sect-clock-sync leaves the clock to the operating system. Two signs are worth a warning:
// the wall clock jumps against the monotonic one, or blocks keep coming whose slots have not begun
// here. Such blocks bear the seals of authorities, so a peer cannot make us warn; one author with a
// fast clock could, so kAheadBlocks in a row are waited for. Pure; times are arguments.
#pragma once

#include "base/time.hpp"
#include "primitives/ids.hpp"

#include <optional>

namespace stipple::babe {

/// Steps of the wall clock above this are told.
inline constexpr std::chrono::milliseconds kJumpMin{500};
/// Blocks in a row that come before their slot.
inline constexpr unsigned kAheadBlocks = 3;

class ClockWatch {
 public:
    /// How far the wall clock jumped since the last call, if so: positive is forward.
    std::optional<std::chrono::milliseconds> on_time(Instant now, UnixMillis wall);
    /// True when the clock seems to be behind; then not again before a block came in its time.
    bool on_block(Slot block, Slot slot_now);

 private:
    std::optional<std::chrono::milliseconds> offset_;  ///< wall clock less monotonic clock
    unsigned ahead_ = 0;
};

}  // namespace stipple::babe
