// Flags shared by commands, and the flags of `run`.
#pragma once

#include "node/config.hpp"

namespace CLI {
class App;
}

namespace stipple::node {

void add_shared_flags(CLI::App& app, SharedConfig& config);
void add_database_flags(CLI::App& app, DatabaseConfig& config);
/// Those of `stipple dev`: all of `run`, and when blocks are made.
void add_dev_flags(CLI::App& app, RunConfig& config);
void add_run_flags(CLI::App& app, RunConfig& config);

}  // namespace stipple::node
