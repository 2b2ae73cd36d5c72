// From flags and the chain specification to a running network thread, and from that to what
// JSON-RPC tells of peers.
#pragma once

#include "node/chain_access.hpp"
#include "node/core_events.hpp"
#include "node/inbox.hpp"
#include "node/metrics.hpp"
#include "node/network/thread.hpp"
#include "node/sync_view.hpp"
#include "rpc/methods/network_port.hpp"

namespace stipple::node {

network::sync::SyncConfig sync_config(const NetworkFlags& flags);

/// Starts the network of this chain; events go to the core's inbox.
Result<std::unique_ptr<NetworkThread>> start_network(const RunConfig& config,
                                                     const ChainAccess& access, Inbox<Event>& inbox,
                                                     Seed seed);

/// What JSON-RPC tells of the network. References outlive the port.
rpc::NetworkPort network_port(NetworkThread& network, const SyncView& sync,
                              const chain::ChainSpec& spec);

/// This node's identity: `--node-key`, `--node-key-file`, or the file of the chain's folder, which
/// is made when there is none. A validator of a live chain must have one already: peers know it by
/// its identity.
Result<crypto::Ed25519Keypair> node_identity(const RunConfig& config, const ChainAccess& access);

}  // namespace stipple::node
