#include "rpc/methods/storage_read.hpp"

#include "crypto/hash.hpp"
#include "rpc/methods/limits.hpp"

namespace stipple::rpc {

RpcResult<state::TrieId> child_trie(ByteView prefixed) {
    const ByteView prefix = as_bytes(state::kDefaultChildStoragePrefix);
    if (!starts_with(prefixed, prefix) || prefixed.size() == prefix.size()) {
        return std::unexpected(state_error("Invalid child storage key"));
    }
    return state::TrieId{to_bytes(prefixed.subspan(prefix.size()))};
}

RpcResult<std::optional<Bytes>> read_value(const TrieView& view, ByteView key) {
    auto value = view.state->get(view.trie, key);
    if (!value) {
        return std::unexpected(state_error(value.error().message()));
    }
    return std::move(*value);
}

RpcResult<> append_value(CallScope& scope, const TrieView& view, ByteView key) {
    TRY_ASSIGN(const auto value, read_value(view, key));
    if (value) {
        append_json_hex(scope.out, *value);
    } else {
        scope.out.append("null");
    }
    return {};
}

RpcResult<> append_value_hash(CallScope& scope, const TrieView& view, ByteView key) {
    TRY_ASSIGN(const auto value, read_value(view, key));
    if (value) {
        append_json_hex(scope.out, crypto::blake2b_256(*value));
    } else {
        scope.out.append("null");
    }
    return {};
}

RpcResult<> append_keys(CallScope& scope, const TrieView& view, ByteView prefix,
                        const std::optional<Bytes>& start, std::uint64_t count) {
    const bool from_start = start && compare(*start, prefix) >= 0;
    auto cursor = view.state->keys(view.trie, from_start ? ByteView(*start) : prefix);
    if (from_start && cursor->valid() && equal(cursor->key(), *start)) {
        cursor->next();
    }
    scope.out.push_back('[');
    for (std::uint64_t i = 0; i < count && cursor->valid(); ++i, cursor->next()) {
        if (!starts_with(cursor->key(), prefix)) {
            break;
        }
        if (is_too_big(scope)) {
            return std::unexpected(too_big_response(scope.context.answer_bytes_max));
        }
        if (i != 0) {
            scope.out.push_back(',');
        }
        append_json_hex(scope.out, cursor->key());
    }
    scope.out.push_back(']');
    if (auto status = cursor->status(); !status) {
        return std::unexpected(state_error(status.error().message()));
    }
    return {};
}

RpcResult<> check_page(std::uint32_t count) {
    if (count > kKeysPagedMax) {
        return std::unexpected(
            RpcError{4002, "count exceeds maximum value. value: " + std::to_string(count) +
                               ", max: " + std::to_string(kKeysPagedMax)});
    }
    return {};
}

}  // namespace stipple::rpc
