// Every method by name: what runs, who may call it, and where.
//
// `rpc_methods` lists what is here, so a method whose port is absent is left out when the registry
// is made. Immutable afterwards, shared by all threads.
#pragma once

#include "rpc/methods/call_scope.hpp"

#include <map>
#include <unordered_map>

namespace stipple::rpc {

/// Where a method runs: `quick` ones on the thread that read the request.
enum class Cost : std::uint8_t { quick, slow };
enum class Access : std::uint8_t { safe, unsafe };

using MethodFunction = RpcResult<> (*)(CallScope& scope);

/// What a subscription watches; its own parameters are read when it is made.
enum class Topic : std::uint8_t {
    new_heads,
    all_heads,
    finalized_heads,
    storage,
    runtime_version,
    transaction,
    justifications,
    beefy_justifications,
    chain_head,
    transaction_events,
    archive_storage,
    archive_storage_diff,
};

/// Calls that belong to what their connection has begun.
enum class ConnectedCall : std::uint8_t {
    chain_head_header,
    chain_head_body,
    chain_head_storage,
    chain_head_call,
    chain_head_unpin,
    chain_head_continue,
    chain_head_stop_operation,
    transaction_broadcast,
    transaction_stop,
};

struct Method {
    enum class Kind : std::uint8_t { call, connected_call, subscribe, unsubscribe };
    Kind kind = Kind::call;
    MethodFunction function = nullptr;  ///< of a call
    Access access = Access::safe;
    Cost cost = Cost::quick;
    ConnectedCall connected = ConnectedCall::chain_head_header;  ///< of a connected call
    Topic topic = Topic::new_heads;                              ///< of the other two
    std::string_view notification{};  ///< method name of what a subscription sends
};

class Registry {
 public:
    /// All methods the context can serve.
    explicit Registry(const RpcContext& context);
    /// Null when there is none of that name.
    const Method* find(std::string_view name) const;
    /// Sorted.
    const std::vector<std::string_view>& names() const { return names_; }

    // Used by the namespaces' own lists; names are string literals.
    void add(std::string_view name, MethodFunction function, Access access = Access::safe,
             Cost cost = Cost::quick);
    /// Those that begin operations are slow: what follows the answer runs behind it.
    void add_connected(std::string_view name, ConnectedCall call, Cost cost = Cost::quick);
    void add_subscription(std::string_view name, std::string_view unsubscribe, Topic topic,
                          std::string_view notification, Cost cost = Cost::quick);
    void alias(std::string_view name, std::string_view of);

 private:
    std::unordered_map<std::string_view, Method> methods_;
    std::vector<std::string_view> names_;
};

// One list per namespace, each in its file.
void register_archive(Registry& registry, const RpcContext& context);
void register_author(Registry& registry, const RpcContext& context);
void register_babe(Registry& registry, const RpcContext& context);
void register_beefy(Registry& registry, const RpcContext& context);
void register_chain(Registry& registry, const RpcContext& context);
void register_chain_head(Registry& registry, const RpcContext& context);
void register_chain_spec(Registry& registry, const RpcContext& context);
void register_childstate(Registry& registry, const RpcContext& context);
void register_dev(Registry& registry, const RpcContext& context);
void register_grandpa(Registry& registry, const RpcContext& context);
void register_mmr(Registry& registry, const RpcContext& context);
void register_offchain(Registry& registry, const RpcContext& context);
void register_payment(Registry& registry, const RpcContext& context);
void register_read_proof(Registry& registry, const RpcContext& context);
void register_state(Registry& registry, const RpcContext& context);
void register_state_queries(Registry& registry, const RpcContext& context);
void register_sync_state(Registry& registry, const RpcContext& context);
void register_system(Registry& registry, const RpcContext& context);
void register_transaction(Registry& registry, const RpcContext& context);

}  // namespace stipple::rpc
