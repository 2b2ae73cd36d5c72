// The network thread's numbers under the names of the Rust node, asked for before each rendering.
#pragma once

#include "node/metric_table.hpp"
#include "node/network/numbers.hpp"

namespace stipple::node {

/// `numbers` is called by whoever renders; it outlives the last rendering. `names` are what
/// protocols are called in labels.
void show_network(Metrics& metrics, const network::ChainNames& names,
                  std::function<NetworkNumbers()> numbers);

}  // namespace stipple::node
