// `stipple-sim`: runs seeds, prints what came of each, and how to repeat what failed.
#pragma once

namespace stipple::sim {

/// The exit code: 0 when every run held, 1 when one failed, 2 when the command line is wrong.
int run_command_line(int count, const char* const* words);

}  // namespace stipple::sim
