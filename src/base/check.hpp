// Assertions about our own code. A check never judges input: bad input gets a typed error.
//
// CHECK stays on in release and ends the process with file, line and the condition. DCHECK is for
// costly conditions, on in the dev and asan presets and in simulation.
#pragma once

namespace stipple {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                    \
    (static_cast<bool>(condition) ? void(0) \
                                  : ::stipple::check_failed(#condition, __FILE__, __LINE__))

#ifdef STIPPLE_DCHECK
#define DCHECK(condition) CHECK(condition)
#else
#define DCHECK(condition) void(sizeof(static_cast<bool>(condition)))
#endif
