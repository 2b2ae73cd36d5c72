// JSON-RPC wired to the node: what the methods answer from.
#pragma once

#include "chain/offchain/local_storage.hpp"
#include "io/http/server.hpp"
#include "node/keys.hpp"
#include "node/metrics.hpp"
#include "node/pool_service.hpp"
#include "rpc/subscriptions/service.hpp"

namespace stipple::node {

/// All outlive the context.
struct RpcParts {
    const chain::Chain& chain;
    const StoreReader& database;
    const RunConfig& config;
    PoolService& pool;
    Keys& keys;
    chain::offchain::LocalStorage& offchain_storage;
    executor::SignatureCachePort& signatures;
    Inbox<Event>& inbox;
    /// Null: no network, no peers.
    const rpc::NetworkPort* network = nullptr;
    executor::Executor* executor = nullptr;
};

rpc::RpcContext make_rpc_context(const RpcParts& parts);
/// By the epoch of the best block. Takes a VRF for each of its slots and our keys.
std::expected<std::vector<rpc::AuthorshipReport>, std::string> epoch_authorship(
    const chain::Chain& chain, const chain::Keystore& keystore, std::uint16_t address_format);
rpc::ServiceConfig service_config(const RpcConfig& config);
io::http::ServerConfig server_config(const RpcConfig& config);
/// Counts calls under the names dashboards use.
void observe_calls(rpc::RpcService& service, Metrics& metrics);

}  // namespace stipple::node
