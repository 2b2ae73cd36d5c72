// childstate_*: the default child tries.
#include "rpc/methods/storage_read.hpp"

namespace stipple::rpc {
namespace {

RpcResult<TrieView> child_at(CallScope& scope, const Bytes& prefixed) {
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    TRY_ASSIGN(auto trie, child_trie(prefixed));
    TRY_ASSIGN(auto state, state_at(scope.context, block_or_best(scope.context, hash)));
    return TrieView{std::move(state), std::move(trie)};
}

RpcResult<> get_keys(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const Bytes prefix, scope.params.bytes("prefix"));
    TRY_ASSIGN(const TrieView view, child_at(scope, child));
    return append_keys(scope, view, prefix, {}, UINT64_MAX);
}

RpcResult<> get_keys_paged(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const auto prefix, scope.params.optional_bytes("prefix"));
    TRY_ASSIGN(const std::uint32_t count, scope.params.u32("count"));
    TRY_ASSIGN(const auto start, scope.params.optional_bytes("start_key"));
    TRY(check_page(count));
    TRY_ASSIGN(const TrieView view, child_at(scope, child));
    return append_keys(scope, view, prefix.value_or(Bytes{}), start, count);
}

RpcResult<> get_storage(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(const TrieView view, child_at(scope, child));
    return append_value(scope, view, key);
}

RpcResult<> get_storage_entries(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const auto keys, scope.params.bytes_list("keys"));
    TRY_ASSIGN(const TrieView view, child_at(scope, child));
    scope.out.push_back('[');
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i != 0) {
            scope.out.push_back(',');
        }
        TRY(append_value(scope, view, keys[i]));
        if (is_too_big(scope)) {
            return std::unexpected(too_big_response(scope.context.answer_bytes_max));
        }
    }
    scope.out.push_back(']');
    return {};
}

RpcResult<> get_storage_hash(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(const TrieView view, child_at(scope, child));
    return append_value_hash(scope, view, key);
}

RpcResult<> get_storage_size(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(const TrieView view, child_at(scope, child));
    TRY_ASSIGN(const auto value, read_value(view, key));
    scope.out.append(value ? std::to_string(value->size()) : std::string("null"));
    return {};
}

}  // namespace

void register_childstate(Registry& registry, const RpcContext& /*context*/) {
    registry.add("childstate_getKeys", get_keys, Access::safe, Cost::slow);
    registry.add("childstate_getKeysPaged", get_keys_paged);
    registry.alias("childstate_getKeysPagedAt", "childstate_getKeysPaged");
    registry.add("childstate_getStorage", get_storage);
    registry.add("childstate_getStorageEntries", get_storage_entries);
    registry.add("childstate_getStorageHash", get_storage_hash);
    registry.add("childstate_getStorageSize", get_storage_size);
}

}  // namespace stipple::rpc
