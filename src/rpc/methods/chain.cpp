// chain_*: headers, blocks, hashes.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcError chain_error(const Error& error) {
    return {3002, "Client error: " + error.message()};
}

RpcResult<> get_header(CallScope& scope) {
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    const auto header = scope.context.chain.header(block_or_best(scope.context, hash));
    if (!header) {
        return std::unexpected(chain_error(header.error()));
    }
    if (*header) {
        append_header_json(scope.out, **header);
    } else {
        scope.out.append("null");
    }
    return {};
}

void append_byte_array(std::string& out, ByteView bytes) {
    append_list(out, bytes, [&out](std::uint8_t byte) { append_json_number(out, byte); });
}

void append_justifications(std::string& out, const std::optional<Justifications>& justifications) {
    if (!justifications || justifications->empty()) {
        out.append("null");
        return;
    }
    append_list(out, *justifications, [&out](const Justification& justification) {
        out.push_back('[');
        append_byte_array(out, justification.engine);
        out.push_back(',');
        append_byte_array(out, justification.data);
        out.push_back(']');
    });
}

RpcResult<> get_block(CallScope& scope) {
    TRY_ASSIGN(const auto at, scope.params.optional_hash("hash"));
    const chain::Chain& chain = scope.context.chain;
    const BlockHash hash = block_or_best(scope.context, at);
    const auto header = chain.header(hash);
    const auto body = chain.body(hash);
    const auto justifications = chain.justifications(hash);
    if (!header || !body || !justifications) {
        return std::unexpected(chain_error(!header ? header.error()
                                           : !body ? body.error()
                                                   : justifications.error()));
    }
    if (!*header || !*body) {
        scope.out.append("null");
        return {};
    }
    scope.out.append(R"({"block":{"header":)");
    append_header_json(scope.out, **header);
    scope.out.append(R"(,"extrinsics":)");
    append_list(scope.out, **body, [&scope](const Extrinsic& extrinsic) {
        append_json_hex(scope.out, encode_opaque_extrinsic(extrinsic));
    });
    scope.out.append(R"(},"justifications":)");
    append_justifications(scope.out, *justifications);
    scope.out.push_back('}');
    return {};
}

const RpcError& not_list_or_value() {
    static const RpcError error =
        invalid_params("data did not match any variant of untagged enum ListOrValue");
    return error;
}

/// A block number as a JSON integer or a hex string. Above u32 it names no block here.
RpcResult<std::uint64_t> block_number(std::string_view raw) {
    if (raw.front() == '"') {
        const std::string_view text = raw.substr(1, raw.size() - 2);
        if (!text.starts_with("0x") || text.size() < 3 || text.size() > 18) {
            return std::unexpected(not_list_or_value());
        }
        std::uint64_t value = 0;
        for (const char c : text.substr(2)) {
            const auto digit = from_hex(std::string("0") + c);
            if (!digit) {
                return std::unexpected(not_list_or_value());
            }
            value = value << 4 | (*digit)[0];
        }
        return value;
    }
    std::uint64_t value = 0;
    for (const char c : raw) {
        if (c < '0' || c > '9' || value > (UINT64_MAX - 9) / 10) {
            return std::unexpected(not_list_or_value());
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

RpcResult<> append_hash_at(CallScope& scope, std::string_view raw_number) {
    TRY_ASSIGN(const std::uint64_t number, block_number(raw_number));
    if (number > UINT32_MAX) {
        const bool hex = raw_number.front() == '"';
        std::string shown =
            hex ? "Hex(" + std::to_string(number) + ")" : "Number(" + std::to_string(number) + ")";
        return std::unexpected(
            RpcError{3001, "`" + shown + "` > u32::MAX, the max block number is u32."});
    }
    const auto hash = scope.context.chain.canonical_hash(static_cast<BlockNumber>(number));
    if (!hash) {
        return std::unexpected(chain_error(hash.error()));
    }
    if (*hash) {
        append_json_hex(scope.out, **hash);
    } else {
        scope.out.append("null");
    }
    return {};
}

RpcResult<> get_block_hash(CallScope& scope) {
    TRY_ASSIGN(const auto raw, scope.params.optional_raw("hash"));
    if (!raw) {
        append_json_hex(scope.out, scope.context.chain.heads().best.hash);
        return {};
    }
    if (raw->front() != '[') {
        return append_hash_at(scope, *raw);
    }
    JsonScanner in(*raw);
    in.accept('[');
    scope.out.push_back('[');
    bool first = true;
    while (!in.accept(']')) {
        const auto item = in.value();
        if (!item) {
            return std::unexpected(not_list_or_value());
        }
        if (!first) {
            scope.out.push_back(',');
        }
        first = false;
        TRY(append_hash_at(scope, *item));
        in.accept(',');
    }
    scope.out.push_back(']');
    return {};
}

RpcResult<> get_finalized_head(CallScope& scope) {
    append_json_hex(scope.out, scope.context.chain.heads().finalized.hash);
    return {};
}

}  // namespace

void register_chain(Registry& registry, const RpcContext& /*context*/) {
    registry.add("chain_getHeader", get_header);
    registry.add("chain_getBlock", get_block);
    registry.add("chain_getBlockHash", get_block_hash);
    registry.alias("chain_getHead", "chain_getBlockHash");
    registry.add("chain_getFinalizedHead", get_finalized_head);
    registry.alias("chain_getFinalisedHead", "chain_getFinalizedHead");
    registry.add_subscription("chain_subscribeAllHeads", "chain_unsubscribeAllHeads",
                              Topic::all_heads, "chain_allHead");
    registry.add_subscription("chain_subscribeNewHeads", "chain_unsubscribeNewHeads",
                              Topic::new_heads, "chain_newHead");
    registry.alias("chain_subscribeNewHead", "chain_subscribeNewHeads");
    registry.alias("subscribe_newHead", "chain_subscribeNewHeads");
    registry.alias("chain_unsubscribeNewHead", "chain_unsubscribeNewHeads");
    registry.alias("unsubscribe_newHead", "chain_unsubscribeNewHeads");
    registry.add_subscription("chain_subscribeFinalizedHeads", "chain_unsubscribeFinalizedHeads",
                              Topic::finalized_heads, "chain_finalizedHead");
    registry.alias("chain_subscribeFinalisedHeads", "chain_subscribeFinalizedHeads");
    registry.alias("chain_unsubscribeFinalisedHeads", "chain_unsubscribeFinalizedHeads");
}

}  // namespace stipple::rpc
