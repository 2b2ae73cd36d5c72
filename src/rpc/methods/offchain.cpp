// offchain_localStorage*: the persistent store of offchain workers. The store that would follow
// forks
// ("LOCAL") exists nowhere in the field.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcResult<> check_kind(CallScope& scope) {
    TRY_ASSIGN(const std::string kind, scope.params.text("kind"));
    if (kind == "LOCAL") {
        return std::unexpected(RpcError{5001, "This storage kind is not available yet"});
    }
    if (kind != "PERSISTENT") {
        return std::unexpected(
            invalid_params("unknown variant `" + kind + "`, expected `PERSISTENT` or `LOCAL`"));
    }
    return {};
}

RpcResult<> get(CallScope& scope) {
    TRY(check_kind(scope));
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    const auto value = scope.context.offchain_storage->get(key);
    if (value) {
        append_json_hex(scope.out, *value);
    } else {
        scope.out.append("null");
    }
    return {};
}

RpcResult<> set(CallScope& scope) {
    TRY(check_kind(scope));
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    TRY_ASSIGN(Bytes value, scope.params.bytes("value"));
    scope.context.offchain_storage->set(key, std::move(value));
    scope.out.append("null");
    return {};
}

RpcResult<> clear(CallScope& scope) {
    TRY(check_kind(scope));
    TRY_ASSIGN(const Bytes key, scope.params.bytes("key"));
    scope.context.offchain_storage->set(key, std::nullopt);
    scope.out.append("null");
    return {};
}

}  // namespace

void register_offchain(Registry& registry, const RpcContext& context) {
    if (context.offchain_storage != nullptr) {
        registry.add("offchain_localStorageGet", get, Access::unsafe);
        registry.add("offchain_localStorageSet", set, Access::unsafe, Cost::slow);
        registry.add("offchain_localStorageClear", clear, Access::unsafe, Cost::slow);
    }
}

}  // namespace stipple::rpc
