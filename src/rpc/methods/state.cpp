// state_*: values, keys, runtime calls of one block. Ranges and counts are in state_queries.cpp.
#include "primitives/runtime_version.hpp"
#include "rpc/methods/limits.hpp"
#include "rpc/methods/storage_read.hpp"

namespace stipple::rpc {
namespace {

/// The main trie at the last parameter, an optional block hash.
RpcResult<TrieView> main_at(CallScope& scope) {
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    TRY_ASSIGN(auto state, state_at(scope.context, block_or_best(scope.context, hash)));
    return TrieView{std::move(state), state::TrieId::main()};
}

RpcResult<> call(CallScope& scope) {
    TRY_ASSIGN(const std::string method, scope.params.text("name"));
    TRY_ASSIGN(const Bytes arguments, scope.params.bytes("bytes"));
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    const auto result =
        call_runtime(scope.context, block_or_best(scope.context, hash), method, arguments);
    if (!result) {
        return std::unexpected(state_error(result.error().text));
    }
    append_json_hex(scope.out, *result);
    return {};
}

RpcResult<> get_storage(CallScope& scope) {
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(const TrieView view, main_at(scope));
    return append_value(scope, view, key);
}

RpcResult<> get_storage_hash(CallScope& scope) {
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(const TrieView view, main_at(scope));
    return append_value_hash(scope, view, key);
}

/// The size of a value, or of all values below a prefix that is no key itself.
RpcResult<> get_storage_size(CallScope& scope) {
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(const TrieView view, main_at(scope));
    TRY_ASSIGN(const auto value, read_value(view, key));
    if (value) {
        append_json_number(scope.out, value->size());
        return {};
    }
    const std::size_t visits_max = scope.unsafe_allowed ? kKeysVisitedMax : kKeysVisitedSafeMax;
    std::uint64_t sum = 0;
    std::size_t visits = 0;
    auto cursor = view.state->keys(view.trie, key);
    for (; cursor->valid() && starts_with(cursor->key(), key); cursor->next()) {
        if (++visits > visits_max) {
            return std::unexpected(state_error("too many keys under this prefix"));
        }
        const auto below = cursor->value();
        sum += below ? below->bytes.size() : 0;
    }
    if (sum > 0) {
        append_json_number(scope.out, sum);
    } else {
        scope.out.append("null");
    }
    return {};
}

RpcResult<> get_keys(CallScope& scope) {
    TRY_ASSIGN(const Bytes prefix, scope.params.bytes("prefix"));
    TRY_ASSIGN(const TrieView view, main_at(scope));
    return append_keys(scope, view, prefix, {}, UINT64_MAX);
}

RpcResult<> get_keys_paged(CallScope& scope) {
    TRY_ASSIGN(const auto prefix, scope.params.optional_bytes("prefix"));
    TRY_ASSIGN(const std::uint32_t count, scope.params.u32("count"));
    TRY_ASSIGN(const auto start, scope.params.optional_bytes("start_key"));
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    TRY(check_page(count));
    TRY_ASSIGN(auto state, state_at(scope.context, block_or_best(scope.context, hash)));
    const TrieView view{std::move(state), state::TrieId::main()};
    return append_keys(scope, view, prefix.value_or(Bytes{}), start, count);
}

RpcResult<> get_pairs(CallScope& scope) {
    TRY_ASSIGN(const Bytes prefix, scope.params.bytes("prefix"));
    TRY_ASSIGN(const TrieView view, main_at(scope));
    scope.out.push_back('[');
    bool first = true;
    auto cursor = view.state->keys(view.trie, prefix);
    for (; cursor->valid() && starts_with(cursor->key(), prefix); cursor->next()) {
        const auto value = cursor->value();
        if (!value) {
            return std::unexpected(state_error(value.error().message()));
        }
        scope.out.append(first ? "[" : ",[");
        first = false;
        append_json_hex(scope.out, cursor->key());
        scope.out.push_back(',');
        append_json_hex(scope.out, value->bytes);
        scope.out.push_back(']');
        if (is_too_big(scope)) {
            return std::unexpected(too_big_response(scope.context.answer_bytes_max));
        }
    }
    scope.out.push_back(']');
    return {};
}

RpcResult<> get_metadata(CallScope& scope) {
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    const BlockHash block = block_or_best(scope.context, hash);
    if (auto known = api_version(scope.context, block, "Metadata"); !known) {
        return std::unexpected(state_error(known.error().text));
    }
    const auto result = call_runtime(scope.context, block, "Metadata_metadata", {});
    if (!result) {
        return std::unexpected(state_error(result.error().text));
    }
    scale::Decoder in(*result);
    const ByteView metadata = in.byte_string();
    if (!in.ok()) {
        return std::unexpected(state_error("Failed to decode return value of metadata"));
    }
    append_json_hex(scope.out, metadata);
    return {};
}

RpcResult<> get_runtime_version(CallScope& scope) {
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    const BlockHash block = block_or_best(scope.context, hash);
    if (auto known = api_version(scope.context, block, "Core"); !known) {
        return std::unexpected(state_error(known.error().text));
    }
    const auto runtime = scope.context.chain.runtime(block);
    if (!runtime) {
        return std::unexpected(state_error(runtime.error().message));
    }
    append_version_json(scope.out, (*runtime)->version());
    return {};
}

/// Only collators keep recordings of proof sizes; clients tell by the code that this node has none.
RpcResult<> call_recorded(CallScope& scope) {
    TRY(scope.params.text("name"));
    TRY(scope.params.bytes("bytes"));
    TRY(scope.params.hash("block"));
    if (!scope.unsafe_allowed) {
        return std::unexpected(
            RpcError{4005, "Recorded runtime calls are unsafe and disabled on this node"});
    }
    return std::unexpected(RpcError{4004, "Recorded runtime calls are not supported by this node"});
}

}  // namespace

void register_state(Registry& registry, const RpcContext& /*context*/) {
    registry.add("state_call", call, Access::safe, Cost::slow);
    registry.alias("state_callAt", "state_call");
    registry.add("state_callRecorded", call_recorded);
    registry.add("state_getStorage", get_storage);
    registry.alias("state_getStorageAt", "state_getStorage");
    registry.add("state_getStorageHash", get_storage_hash);
    registry.alias("state_getStorageHashAt", "state_getStorageHash");
    registry.add("state_getStorageSize", get_storage_size, Access::safe, Cost::slow);
    registry.alias("state_getStorageSizeAt", "state_getStorageSize");
    registry.add("state_getKeys", get_keys, Access::safe, Cost::slow);
    registry.add("state_getKeysPaged", get_keys_paged);
    registry.alias("state_getKeysPagedAt", "state_getKeysPaged");
    registry.add("state_getPairs", get_pairs, Access::unsafe, Cost::slow);
    registry.add("state_getMetadata", get_metadata, Access::safe, Cost::slow);
    registry.add("state_getRuntimeVersion", get_runtime_version, Access::safe, Cost::slow);
    registry.alias("chain_getRuntimeVersion", "state_getRuntimeVersion");
    registry.add_subscription("state_subscribeRuntimeVersion", "state_unsubscribeRuntimeVersion",
                              Topic::runtime_version, "state_runtimeVersion", Cost::slow);
    registry.alias("chain_subscribeRuntimeVersion", "state_subscribeRuntimeVersion");
    registry.alias("chain_unsubscribeRuntimeVersion", "state_unsubscribeRuntimeVersion");
    registry.add_subscription("state_subscribeStorage", "state_unsubscribeStorage", Topic::storage,
                              "state_storage", Cost::slow);
}

}  // namespace stipple::rpc
