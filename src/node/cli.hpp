// The command line: one line in, one exit code out.
#pragma once

namespace stipple::node {

/// Parses and runs. 0 success; 1 the command failed (one line on standard error says what, where
/// and what to do); 2 the command line itself is wrong.
int run_command_line(int argc, char** argv);

}  // namespace stipple::node
