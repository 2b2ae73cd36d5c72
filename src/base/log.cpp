#include "base/log.hpp"

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>

namespace stipple {
namespace {

struct Installed {
    LogSink sink;
    std::function<LogLevel(std::string_view)> filter;
};
std::mutex mutex;
std::shared_ptr<const Installed> installed;  // guarded by mutex
std::atomic<unsigned char> level_max{static_cast<unsigned char>(LogLevel::warn)};

std::shared_ptr<const Installed> current() {
    const std::lock_guard lock(mutex);
    return installed;
}

}  // namespace

void set_log_sink(LogSink sink, std::function<LogLevel(std::string_view)> filter) {
    auto next = std::make_shared<const Installed>(Installed{std::move(sink), std::move(filter)});
    const std::lock_guard lock(mutex);
    installed = std::move(next);
}

LogLevel log_level_max() {
    return static_cast<LogLevel>(level_max.load(std::memory_order_relaxed));
}
void set_log_level_max(LogLevel level) {
    level_max = static_cast<unsigned char>(level);
}

bool log_enabled(LogLevel level, std::string_view target) {
    if (level == LogLevel::off || level > log_level_max()) {
        return false;
    }
    const auto now = current();
    return now == nullptr || level <= now->filter(target);
}

void log_message(LogLevel level, std::string_view target, std::string_view message) {
    if (const auto now = current(); now != nullptr) {
        now->sink(level, target, message);
        return;
    }
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(target.size()), target.data(),
                 static_cast<int>(message.size()), message.data());
}

}  // namespace stipple
