// Log lines on standard error, by target and level, as `-l info,babe=debug` says.
#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace stipple::node {

/// Installs the sink. An unknown level or an empty target is an error that names it.
Result<> start_logging(const std::vector<std::string>& patterns, bool detailed);
/// Changes levels while running (`system_addLogFilter`).
Result<> add_log_filter(const std::string& patterns);
void reset_log_filter();

}  // namespace stipple::node
