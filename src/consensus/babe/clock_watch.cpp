#include "consensus/babe/clock_watch.hpp"

namespace stipple::babe {

std::optional<std::chrono::milliseconds> ClockWatch::on_time(Instant now, UnixMillis wall) {
    const auto offset = std::chrono::milliseconds(static_cast<std::int64_t>(wall.value)) -
                        std::chrono::duration_cast<std::chrono::milliseconds>(now.since_origin);
    const auto before = offset_;
    offset_ = offset;
    if (!before || std::chrono::abs(offset - *before) < kJumpMin) {
        return std::nullopt;
    }
    return offset - *before;
}

bool ClockWatch::on_block(Slot block, Slot slot_now) {
    if (block <= slot_now) {
        ahead_ = 0;
        return false;
    }
    ++ahead_;
    return ahead_ == kAheadBlocks;
}

}  // namespace stipple::babe
