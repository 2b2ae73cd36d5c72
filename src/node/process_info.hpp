// What the process says of itself in the metrics: build, start, role, memory, threads.
#pragma once

#include "node/metrics.hpp"

namespace stipple::node {

void register_process_metrics(Metrics& metrics, bool authority);

}  // namespace stipple::node
