// SIGINT and SIGTERM as a question: stop was asked for, or not yet.
#pragma once

#include <functional>

namespace stipple::io {

/// Blocks SIGINT, SIGTERM and SIGPIPE in every thread started later and calls `on_stop` from a
/// thread of its own at the first signal; a second signal ends the process at once. Call once,
/// early in main.
void watch_stop_signals(std::function<void()> on_stop);

}  // namespace stipple::io
