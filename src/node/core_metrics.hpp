// What operators see of the core's machines, under the names of the Rust node: BEEFY, authority
// discovery and sync.
#pragma once

#include "node/core.hpp"
#include "node/metric_table.hpp"

namespace stipple::node {

/// Nothing of it moves while the core has no BEEFY voter.
std::span<const MetricRow<Core>> beefy_metrics();
std::span<const MetricRow<Authorities>> discovery_metrics();
std::span<const MetricRow<network::sync::SyncStatus>> sync_metrics();

}  // namespace stipple::node
