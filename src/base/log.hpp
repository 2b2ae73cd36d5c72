// Logging by target, as operators of the field know it: `log(LogLevel::info, "babe", "sealed #{}",
// n)`.
//
// This is the narrow front; the node installs the sink that prints (node/logging). Before that, and
// in tests, warnings and errors go to standard error. Thread-safe. Levels: error = someone must
// act, warn = something is off but handled, info = progress an operator reads, debug = a peer or
// client may fill it, trace = everything.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>

namespace stipple {

enum class LogLevel : unsigned char {
    off = 0,
    error = 1,
    warn = 2,
    info = 3,
    debug = 4,
    trace = 5
};

using LogSink = std::function<void(LogLevel, std::string_view target, std::string_view message)>;

/// Replaces the sink; `filter` answers the most verbose level a target prints.
void set_log_sink(LogSink sink, std::function<LogLevel(std::string_view target)> filter);
/// Cheap enough to call before building a costly message.
bool log_enabled(LogLevel level, std::string_view target);
/// The most verbose level any target may print (a bound, for `ext_logging_max_level`).
LogLevel log_level_max();
void set_log_level_max(LogLevel level);
void log_message(LogLevel level, std::string_view target, std::string_view message);

template <class... Args>
void log(LogLevel level, std::string_view target, fmt::format_string<Args...> format,
         Args&&... args) {
    if (log_enabled(level, target)) {
        log_message(level, target, fmt::format(format, std::forward<Args>(args)...));
    }
}

}  // namespace stipple
