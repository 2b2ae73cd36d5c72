// The network thread's numbers under the names of the Rust node, asked for before each rendering.
#pragma once

#include "node/metric_table.hpp"
#include "node/network/numbers.hpp"

namespace stipple::node {

std::span<const MetricRow<NetworkNumbers>> network_metrics();

/// `numbers` is called by whoever renders; it outlives the last rendering.
void show_network(Metrics& metrics, std::function<NetworkNumbers()> numbers);

}  // namespace stipple::node
