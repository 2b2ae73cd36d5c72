// system_*: the node itself, its peers and its log.
#include "crypto/ss58.hpp"
#include "rpc/methods/limits.hpp"
#include "rpc/methods/registry.hpp"

#include <boost/json/serialize.hpp>

namespace stipple::rpc {
namespace {

RpcResult<> name(CallScope& scope) {
    append_json_string(scope.out, scope.context.node.name);
    return {};
}
RpcResult<> version(CallScope& scope) {
    append_json_string(scope.out, scope.context.node.version);
    return {};
}
RpcResult<> chain_name(CallScope& scope) {
    append_json_string(scope.out, scope.context.chain.spec().name);
    return {};
}

/// Known types as a string, others as {"Custom":"…"}.
RpcResult<> chain_type(CallScope& scope) {
    const std::string& type = scope.context.chain.spec().chain_type;
    if (type == "Live" || type == "Local" || type == "Development") {
        append_json_string(scope.out, type);
    } else {
        scope.out.append(R"({"Custom":)");
        append_json_string(scope.out, type);
        scope.out.push_back('}');
    }
    return {};
}

RpcResult<> properties(CallScope& scope) {
    const boost::json::value& value = scope.context.chain.spec().properties;
    scope.out.append(value.is_object() ? boost::json::serialize(value) : std::string("{}"));
    return {};
}

RpcResult<> health(CallScope& scope) {
    const Health health = scope.context.ports.health();
    scope.out.append(R"({"peers":)").append(std::to_string(health.peers));
    scope.out.append(R"(,"isSyncing":)").append(health.is_syncing ? "true" : "false");
    scope.out.append(R"(,"shouldHavePeers":)").append(health.should_have_peers ? "true" : "false");
    scope.out.push_back('}');
    return {};
}

RpcResult<> sync_state(CallScope& scope) {
    const SyncState state = scope.context.ports.sync_state();
    scope.out.append(R"({"startingBlock":)").append(std::to_string(state.starting_block));
    scope.out.append(R"(,"currentBlock":)").append(std::to_string(state.current_block));
    scope.out.append(R"(,"highestBlock":)").append(std::to_string(state.highest_block));
    scope.out.push_back('}');
    return {};
}

RpcResult<> node_roles(CallScope& scope) {
    scope.out.append(scope.context.node.is_authority ? R"(["Authority"])" : R"(["Full"])");
    return {};
}

RpcResult<> local_peer_id(CallScope& scope) {
    append_json_string(scope.out, scope.context.ports.local_peer_id());
    return {};
}

void append_strings(std::string& out, const std::vector<std::string>& items) {
    append_list(out, items, [&out](const std::string& item) { append_json_string(out, item); });
}
RpcResult<> local_listen_addresses(CallScope& scope) {
    append_strings(scope.out, scope.context.ports.listen_addresses());
    return {};
}
RpcResult<> reserved_peers(CallScope& scope) {
    append_strings(scope.out, scope.context.ports.reserved_peers());
    return {};
}

RpcResult<> peers(CallScope& scope) {
    append_list(scope.out, scope.context.ports.peers(), [&scope](const PeerInfo& peer) {
        scope.out.append(R"({"peerId":)");
        append_json_string(scope.out, peer.peer_id);
        scope.out.append(R"(,"roles":)");
        append_json_string(scope.out, peer.roles);
        scope.out.append(R"(,"bestHash":)");
        append_json_hex(scope.out, peer.best_hash);
        scope.out.append(R"(,"bestNumber":)").append(std::to_string(peer.best_number));
        scope.out.push_back('}');
    });
    return {};
}

RpcResult<> done_or_error(CallScope& scope, const std::expected<void, std::string>& done,
                          int code) {
    if (!done) {
        return std::unexpected(RpcError{code, done.error()});
    }
    scope.out.append("null");
    return {};
}

RpcResult<> network_state(CallScope& scope) {
    scope.out.append(scope.context.ports.network_state());
    return {};
}

constexpr int kMalformedPeer = 2002;

RpcResult<> add_reserved_peer(CallScope& scope) {
    TRY_ASSIGN(const std::string peer, scope.params.text("peer"));
    return done_or_error(scope, scope.context.ports.add_reserved_peer(peer), kMalformedPeer);
}
RpcResult<> remove_reserved_peer(CallScope& scope) {
    TRY_ASSIGN(const std::string peer, scope.params.text("peer_id"));
    return done_or_error(scope, scope.context.ports.remove_reserved_peer(peer), kMalformedPeer);
}
RpcResult<> add_log_filter(CallScope& scope) {
    TRY_ASSIGN(const std::string directives, scope.params.text("directives"));
    return done_or_error(scope, scope.context.ports.add_log_filter(directives), kInternalError);
}
RpcResult<> reset_log_filter(CallScope& scope) {
    return done_or_error(scope, scope.context.ports.reset_log_filter(), kInternalError);
}

/// The account's next nonce, transactions waiting in the pool counted in.
RpcResult<> account_next_index(CallScope& scope) {
    TRY_ASSIGN(const std::string text, scope.params.text("account"));
    const auto account = crypto::ss58_decode(text);
    if (!account || account->payload.size() != 32) {
        return std::unexpected(
            invalid_params(account ? "BadLength" : std::string(crypto::describe(account.error()))));
    }
    const RpcContext& context = scope.context;
    const auto result = call_runtime(context, context.chain.heads().best.hash,
                                     "AccountNonceApi_account_nonce", account->payload);
    const auto nonce = result ? scale::decode<std::uint32_t>(*result)
                              : std::unexpected(scale::DecodeError::end_of_input);
    if (!nonce) {
        return std::unexpected(error_with_text(1, "Unable to query nonce.",
                                               result ? "bad nonce" : result.error().text));
    }
    std::uint32_t next = *nonce;
    for (std::uint32_t i = 0; context.pool != nullptr && i < kPendingNoncesMax; ++i) {
        Bytes tag = account->payload;
        append_le(tag, next);
        if (!context.pool->provides(tag)) {
            break;
        }
        ++next;
    }
    append_json_number(scope.out, next);
    return {};
}

RpcError dry_run_error(std::string_view text) {
    return error_with_text(1, "Unable to dry run extrinsic.", text);
}

RpcResult<> dry_run(CallScope& scope) {
    TRY_ASSIGN(const Bytes extrinsic, scope.params.bytes("extrinsic"));
    TRY_ASSIGN(const auto at, scope.params.optional_hash("at"));
    const BlockHash block = block_or_best(scope.context, at);
    const auto decoded = decode_opaque_extrinsic(extrinsic);
    if (!decoded) {
        return std::unexpected(
            error_with_text(2, "Unable to dry run extrinsic",
                            "Could not decode `OpaqueExtrinsic.0`:\n\t" + decoded.error() + "\n"));
    }
    if (const auto known = api_version(scope.context, block, "BlockBuilder"); !known || !*known) {
        return std::unexpected(dry_run_error(
            known ? "Could not find `BlockBuilder` api for block `" + block.hex() + "`."
                  : known.error().text));
    }
    const auto result = call_runtime(scope.context, block, "BlockBuilder_apply_extrinsic",
                                     encode_opaque_extrinsic(*decoded));
    if (!result) {
        return std::unexpected(dry_run_error(result.error().text));
    }
    append_json_hex(scope.out, *result);
    return {};
}

}  // namespace

void register_system(Registry& registry, const RpcContext& context) {
    registry.add("system_name", name);
    registry.add("system_version", version);
    registry.add("system_chain", chain_name);
    registry.add("system_chainType", chain_type);
    registry.add("system_properties", properties);
    registry.add("system_nodeRoles", node_roles);
    registry.add("system_accountNextIndex", account_next_index, Access::safe, Cost::slow);
    registry.alias("account_nextIndex", "system_accountNextIndex");
    registry.add("system_dryRun", dry_run, Access::unsafe, Cost::slow);
    registry.alias("system_dryRunAt", "system_dryRun");
    const NodePorts& ports = context.ports;
    const auto add_if = [&registry](bool served, std::string_view method, MethodFunction function,
                                    Access access) {
        if (served) {
            registry.add(method, function, access);
        }
    };
    add_if(!!ports.health, "system_health", health, Access::safe);
    add_if(!!ports.sync_state, "system_syncState", sync_state, Access::safe);
    add_if(!!ports.local_peer_id, "system_localPeerId", local_peer_id, Access::safe);
    add_if(!!ports.listen_addresses, "system_localListenAddresses", local_listen_addresses,
           Access::safe);
    add_if(!!ports.peers, "system_peers", peers, Access::unsafe);
    add_if(!!ports.network_state, "system_unstable_networkState", network_state, Access::unsafe);
    add_if(!!ports.reserved_peers, "system_reservedPeers", reserved_peers, Access::safe);
    add_if(!!ports.add_reserved_peer, "system_addReservedPeer", add_reserved_peer, Access::unsafe);
    add_if(!!ports.remove_reserved_peer, "system_removeReservedPeer", remove_reserved_peer,
           Access::unsafe);
    add_if(!!ports.add_log_filter, "system_addLogFilter", add_log_filter, Access::unsafe);
    add_if(!!ports.reset_log_filter, "system_resetLogFilter", reset_log_filter, Access::unsafe);
}

}  // namespace stipple::rpc
