// From flags and the chain specification to a running network thread, and from that to what
// JSON-RPC tells of peers.
#pragma once

#include "node/authorities.hpp"
#include "node/chain_access.hpp"
#include "node/inbox.hpp"
#include "node/metrics.hpp"
#include "node/network/thread.hpp"
#include "node/peering.hpp"
#include "node/state_sync_jobs.hpp"
#include "node/sync_view.hpp"
#include "rpc/methods/network_port.hpp"

namespace stipple::node {

/// A state sync leaves no states of before (design: state, rule 12), whatever the chain.
Result<> check_sync_flags(const RunConfig& config);
/// How this chain is to be synced, by the flags and by what an earlier process left. Fails where a
/// mode can not be.
Result<PeeringConfig> peering_config(const RunConfig& config, const ChainAccess& access,
                                     const crypto::Ed25519Keypair& identity, StateSyncJobs& jobs);

AuthoritiesConfig authorities_config(const RunConfig& config, const ChainAccess& access,
                                     const PeerId& local);
/// Signs with the node key, which outlives this.
std::function<network::discovery::PeerSignature(ByteView)> signer_of(
    const crypto::Ed25519Keypair& identity);

/// Starts the network of this chain; events go to the core's inbox.
Result<std::unique_ptr<NetworkThread>> start_network(const RunConfig& config,
                                                     const ChainAccess& access,
                                                     const crypto::Ed25519Keypair& identity,
                                                     Inbox<Event>& inbox, Seed seed);

/// What JSON-RPC tells of the network. References outlive the port.
rpc::NetworkPort network_port(NetworkThread& network, const SyncView& sync,
                              const chain::ChainSpec& spec);

/// This node's identity: `--node-key`, `--node-key-file`, or the file of the chain's folder, which
/// is made when there is none. A validator of a live chain must have one already: peers know it by
/// its identity.
Result<crypto::Ed25519Keypair> node_identity(const RunConfig& config, const ChainAccess& access);

}  // namespace stipple::node
