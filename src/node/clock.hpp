// The two clocks as the node's jobs read them: the operating system's, or those of a simulation.
#pragma once

#include "io/clock.hpp"

#include <functional>

namespace stipple::node {

struct Clock {
    std::function<Instant()> now = io::now;           ///< monotonic
    std::function<UnixMillis()> wall = io::unix_now;  ///< may jump
};

}  // namespace stipple::node
