#include "node/logging.hpp"

#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

namespace stipple::node {
namespace {

struct Filter {
    LogLevel fallback = LogLevel::info;
    std::map<std::string, LogLevel, std::less<>> targets;  ///< prefix of a target -> level

    LogLevel level_of(std::string_view target) const {
        LogLevel level = fallback;
        std::size_t longest = 0;
        for (const auto& [prefix, own] : targets) {
            if (target.starts_with(prefix) && prefix.size() >= longest) {
                longest = prefix.size();
                level = own;
            }
        }
        return level;
    }
    LogLevel most() const {
        LogLevel level = fallback;
        for (const auto& [prefix, own] : targets) {
            level = std::max(level, own);
        }
        return level;
    }
};

std::mutex mutex;
Filter active;   // guarded by mutex
Filter initial;  // guarded by mutex

std::optional<LogLevel> level_named(std::string_view name) {
    static const std::map<std::string_view, LogLevel> kLevels = {
        {"off", LogLevel::off},   {"error", LogLevel::error}, {"warn", LogLevel::warn},
        {"info", LogLevel::info}, {"debug", LogLevel::debug}, {"trace", LogLevel::trace}};
    const auto found = kLevels.find(name);
    return found == kLevels.end() ? std::nullopt : std::optional(found->second);
}

Result<> add_patterns(Filter& filter, std::string_view text) {
    while (!text.empty()) {
        const auto comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
        const auto equals = part.find('=');
        const auto level =
            level_named(equals == std::string_view::npos ? part : part.substr(equals + 1));
        if (!level || equals == 0) {
            return fail("log filter `" + std::string(part) +
                        "`: expected `level` or `target=level` with a level of off, error, warn, "
                        "info, debug, trace");
        }
        if (equals == std::string_view::npos) {
            filter.fallback = *level;
        } else {
            filter.targets[std::string(part.substr(0, equals))] = *level;
        }
    }
    return {};
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return spdlog::level::err;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::trace:
            return spdlog::level::trace;
        default:
            return spdlog::level::info;
    }
}

}  // namespace

Result<> start_logging(const std::vector<std::string>& patterns, bool detailed) {
    Filter filter;
    for (const auto& pattern : patterns) {
        TRY(add_patterns(filter, pattern));
    }
    auto logger = spdlog::stderr_color_mt("stipple");
    logger->set_pattern(detailed ? "%Y-%m-%d %H:%M:%S.%e %^%5l%$ %v" : "%Y-%m-%d %H:%M:%S %v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::info);
    {
        const std::lock_guard lock(mutex);
        initial = filter;
        active = filter;
    }
    set_log_level_max(filter.most());
    set_log_sink(
        [logger, detailed](LogLevel level, std::string_view target, std::string_view message) {
            if (detailed) {
                logger->log(spdlog_level(level), "{}: {}", target, message);
            } else if (level <= LogLevel::warn) {
                logger->log(spdlog_level(level), "{} {}",
                            level == LogLevel::warn ? "WARN" : "ERROR", message);
            } else {
                logger->log(spdlog_level(level), "{}", message);
            }
        },
        [](std::string_view target) {
            const std::lock_guard lock(mutex);
            return active.level_of(target);
        });
    return {};
}

Result<> add_log_filter(const std::string& patterns) {
    const std::lock_guard lock(mutex);
    Filter next = active;
    TRY(add_patterns(next, patterns));
    active = std::move(next);
    set_log_level_max(active.most());
    return {};
}

void reset_log_filter() {
    const std::lock_guard lock(mutex);
    active = initial;
    set_log_level_max(active.most());
}

}  // namespace stipple::node
