// The two clocks, read here and nowhere else below `node/`.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace stipple::io {

/// Monotonic time.
Instant now();
/// Wall time, which may jump.
UnixMillis unix_now();
/// When the wall clock will read `target`, as a monotonic instant (a guess that holds until it is
/// set).
Instant instant_of(UnixMillis target);
/// Fills from the operating system's generator; ends the process if there is none.
void os_random(MutableByteView out);

}  // namespace stipple::io
