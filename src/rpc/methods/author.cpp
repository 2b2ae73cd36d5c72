// author_*: the transaction pool and this node's session keys. Watching a transaction is in
// rpc/subscriptions.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

constexpr int kOther = 1040;

RpcResult<executor::KeyType> key_type(CallScope& scope) {
    TRY_ASSIGN(const std::string text, scope.params.text("key_type"));
    const auto type = executor::KeyType::from(as_bytes(text));
    if (!type) {
        return std::unexpected(
            RpcError{kOther, "Invalid key type ID format (should be of length four)"});
    }
    return *type;
}

RpcResult<> submit_extrinsic(CallScope& scope) {
    TRY_ASSIGN(const Bytes encoded, scope.params.bytes("extrinsic"));
    auto extrinsic = decode_opaque_extrinsic(encoded);
    if (!extrinsic) {
        return std::unexpected(RpcError{
            kOther,
            "Client error: Could not decode `OpaqueExtrinsic.0`:\n\t" + extrinsic.error() + "\n"});
    }
    TRY_ASSIGN(const ExtrinsicHash hash, scope.context.pool->submit(std::move(*extrinsic)));
    append_json_hex(scope.out, hash);
    return {};
}

RpcResult<> pending_extrinsics(CallScope& scope) {
    append_list(scope.out, scope.context.pool->ready(), [&scope](const Extrinsic& extrinsic) {
        append_json_hex(scope.out, encode_opaque_extrinsic(extrinsic));
    });
    return {};
}

/// One item of author_removeExtrinsic: {"hash":"0x…"} or {"extrinsic":"0x…"}.
RpcResult<ExtrinsicHash> removed_hash(std::string_view raw) {
    JsonScanner in(raw);
    bool escaped = false;
    const auto kind = in.accept('{') ? in.string(escaped) : std::nullopt;
    const auto value = kind && in.accept(':') ? in.value() : std::nullopt;
    if (value && value->front() == '"') {
        const auto bytes = parse_hex_text(value->substr(1, value->size() - 2));
        if (bytes && *kind == "hash" && bytes->size() == ExtrinsicHash::kSize) {
            return ExtrinsicHash::copy(*bytes);
        }
        if (bytes && *kind == "extrinsic") {
            if (const auto extrinsic = decode_opaque_extrinsic(*bytes)) {
                return extrinsic->hash();
            }
        }
    }
    return std::unexpected(invalid_params("expected {\"hash\": …} or {\"extrinsic\": …}"));
}

RpcResult<> remove_extrinsic(CallScope& scope) {
    TRY_ASSIGN(const auto raw, scope.params.optional_raw("bytes_or_hash"));
    JsonScanner in(raw.value_or(""));
    if (!in.accept('[')) {
        return std::unexpected(invalid_params("expected a sequence"));
    }
    std::vector<ExtrinsicHash> hashes;
    while (!in.accept(']')) {
        const auto item = in.value();
        if (!item) {
            return std::unexpected(invalid_params("expected a sequence"));
        }
        TRY_ASSIGN(const ExtrinsicHash hash, removed_hash(*item));
        hashes.push_back(hash);
        in.accept(',');
    }
    append_list(scope.out, scope.context.pool->remove(hashes),
                [&scope](const ExtrinsicHash& hash) { append_json_hex(scope.out, hash); });
    return {};
}

RpcResult<> insert_key(CallScope& scope) {
    TRY_ASSIGN(const executor::KeyType type, key_type(scope));
    TRY_ASSIGN(const std::string suri, scope.params.text("suri"));
    TRY_ASSIGN(const Bytes public_key, scope.params.bytes("public"));
    if (!scope.context.keys.insert(type, suri, public_key)) {
        return std::unexpected(RpcError{kOther, "The key store is unavailable"});
    }
    scope.out.append("null");
    return {};
}

RpcResult<> has_key(CallScope& scope) {
    TRY_ASSIGN(const Bytes public_key, scope.params.bytes("public_key"));
    TRY_ASSIGN(const executor::KeyType type, key_type(scope));
    scope.out.append(scope.context.keys.has(type, public_key) ? "true" : "false");
    return {};
}

struct SessionKeys {
    Bytes keys;
    std::optional<Bytes> proof;
};

/// Has the runtime make new session keys in our keystore; from API version 2 on with a proof that
/// they belong to `owner`.
RpcResult<SessionKeys> generate_session_keys(const RpcContext& context, ByteView owner) {
    const BlockHash best = context.chain.heads().best.hash;
    const auto version = api_version(context, best, "SessionKeys");
    if (!version) {
        return std::unexpected(RpcError{kOther, "Client error: " + version.error().text});
    }
    if (!*version) {
        return std::unexpected(
            RpcError{kOther, "`SessionKeys` runtime api not present in the runtime"});
    }
    Bytes arguments;
    if (**version >= 2) {
        scale::encode_byte_string(arguments, owner);
    }
    arguments.push_back(0);  // no seed
    const auto result = call_runtime(context, best, "SessionKeys_generate_session_keys", arguments,
                                     context.keys.keystore);
    if (!result) {
        return std::unexpected(RpcError{kOther, "Client error: " + result.error().text});
    }
    scale::Decoder in(*result);
    SessionKeys out;
    out.keys = to_bytes(in.byte_string());
    if (**version >= 2) {
        out.proof = to_bytes(in.byte_string());
    }
    if (!in.ok()) {
        return std::unexpected(RpcError{kOther, "Session keys are not encoded correctly"});
    }
    return out;
}

RpcResult<> rotate_keys(CallScope& scope) {
    TRY_ASSIGN(const SessionKeys keys, generate_session_keys(scope.context, {}));
    append_json_hex(scope.out, keys.keys);
    return {};
}

RpcResult<> rotate_keys_with_owner(CallScope& scope) {
    TRY_ASSIGN(const Bytes owner, scope.params.bytes("owner"));
    TRY_ASSIGN(const SessionKeys keys, generate_session_keys(scope.context, owner));
    scope.out.append(R"({"keys":)");
    append_json_hex(scope.out, keys.keys);
    scope.out.append(R"(,"proof":)");
    if (keys.proof) {
        append_json_hex(scope.out, *keys.proof);
    } else {
        scope.out.append("null");
    }
    scope.out.push_back('}');
    return {};
}

RpcResult<> has_session_keys(CallScope& scope) {
    TRY_ASSIGN(const Bytes session_keys, scope.params.bytes("session_keys"));
    Bytes arguments;
    scale::encode_byte_string(arguments, session_keys);
    const auto result = call_runtime(scope.context, scope.context.chain.heads().best.hash,
                                     "SessionKeys_decode_session_keys", arguments);
    if (!result) {
        return std::unexpected(RpcError{kOther, "Client error: " + result.error().text});
    }
    using Decoded = std::optional<std::vector<std::pair<Bytes, executor::KeyType>>>;
    const auto decoded = scale::decode<Decoded>(*result);
    if (!decoded || !*decoded) {
        return std::unexpected(RpcError{kOther, "Session keys are not encoded correctly"});
    }
    bool all = true;
    for (const auto& [public_key, type] : **decoded) {
        all = all && scope.context.keys.has(type, public_key);
    }
    scope.out.append(all ? "true" : "false");
    return {};
}

}  // namespace

void register_author(Registry& registry, const RpcContext& context) {
    if (context.pool != nullptr) {
        registry.add("author_submitExtrinsic", submit_extrinsic, Access::safe, Cost::slow);
        registry.add("author_pendingExtrinsics", pending_extrinsics, Access::safe, Cost::slow);
        registry.add("author_removeExtrinsic", remove_extrinsic, Access::unsafe, Cost::slow);
        registry.add_subscription("author_submitAndWatchExtrinsic", "author_unwatchExtrinsic",
                                  Topic::transaction, "author_extrinsicUpdate", Cost::slow);
    }
    if (context.keys.insert) {
        registry.add("author_insertKey", insert_key, Access::unsafe, Cost::slow);
    }
    if (context.keys.has) {
        registry.add("author_hasKey", has_key, Access::unsafe, Cost::slow);
        registry.add("author_hasSessionKeys", has_session_keys, Access::unsafe, Cost::slow);
    }
    if (context.keys.keystore != nullptr) {
        registry.add("author_rotateKeys", rotate_keys, Access::unsafe, Cost::slow);
        registry.add("author_rotateKeysWithOwner", rotate_keys_with_owner, Access::unsafe,
                     Cost::slow);
    }
}

}  // namespace stipple::rpc
