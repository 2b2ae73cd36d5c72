// engine_* and dev_*: blocks on order, for development chains. Names and shapes are those people
// know from manual seal and from local-chain tools.
#include "rpc/methods/limits.hpp"
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcError refused(std::string why) {
    constexpr int kDevError = 15001;
    return RpcError{kDevError, std::move(why)};
}

RpcResult<BlockHash> seal(CallScope& scope, DevBlock block) {
    auto made = scope.context.dev.seal(std::move(block));
    if (!made) {
        return std::unexpected(refused(std::move(made).error()));
    }
    return *made;
}

/// {hash, aux}: aux is what import said of it; a block of ours is always as it should be.
RpcResult<> create_block(CallScope& scope) {
    DevBlock block;
    TRY_ASSIGN(block.create_empty, scope.params.boolean("create_empty"));
    TRY_ASSIGN(block.finalize, scope.params.boolean("finalize"));
    TRY_ASSIGN(block.parent, scope.params.optional_hash("parent_hash"));
    TRY_ASSIGN(const BlockHash hash, seal(scope, std::move(block)));
    scope.out.append(R"({"hash":)");
    append_json_hex(scope.out, hash);
    scope.out.append(R"(,"aux":{"header_only":false,"clear_justification_requests":false,)"
                     R"("needs_justification":false,"bad_justification":false,"is_new_best":)");
    const bool is_best = scope.context.chain.heads().best.hash == hash;
    scope.out.append(is_best ? "true}}" : "false}}");
    return {};
}

RpcResult<> finalize_block(CallScope& scope) {
    TRY_ASSIGN(const BlockHash hash, scope.params.hash("hash"));
    if (auto done = scope.context.dev.finalize(hash); !done) {
        return std::unexpected(refused(std::move(done).error()));
    }
    scope.out.append("true");
    return {};
}

/// [count]: so many blocks, one when absent; the hash of the last.
RpcResult<> new_block(CallScope& scope) {
    TRY_ASSIGN(const auto count, scope.params.optional_u32("count"));
    if (count.value_or(1) == 0 || count.value_or(1) > kDevBlocksMax) {
        return std::unexpected(invalid_params("count: 1 to 1000 blocks"));
    }
    BlockHash last;
    for (std::uint32_t i = 0; i < count.value_or(1); ++i) {
        TRY_ASSIGN(last, seal(scope, DevBlock{.finalize = true}));
    }
    append_json_hex(scope.out, last);
    return {};
}

/// [[key, value or null], …]: a block is made with these values in its state.
RpcResult<> set_storage(CallScope& scope) {
    TRY_ASSIGN(const auto items, scope.params.raw_list("values"));
    DevBlock block{.finalize = true};
    for (const std::string_view item : items) {
        Params pair(item);
        TRY_ASSIGN(Bytes key, pair.bytes("key"));
        TRY_ASSIGN(auto value, pair.optional_bytes("value"));
        block.storage.emplace_back(std::move(key), std::move(value));
    }
    TRY_ASSIGN(const BlockHash hash, seal(scope, std::move(block)));
    append_json_hex(scope.out, hash);
    return {};
}

/// [unix milliseconds]: a block is made at this time or, if the chain is past it, at the next slot.
RpcResult<> time_travel(CallScope& scope) {
    TRY_ASSIGN(const std::uint64_t at, scope.params.u64("timestamp"));
    TRY(seal(scope, DevBlock{.finalize = true, .not_before = UnixMillis{at}}));
    append_json_number(scope.out, at);
    return {};
}

/// [number or hash]: the chain is taken back to this block of it, whose hash is the answer. The
/// transactions of the blocks that are gone go back into the pool; followers start anew.
RpcResult<> set_head(CallScope& scope) {
    Params also_number = scope.params;
    BlockHash head;
    if (const auto number = also_number.u32("block"); number) {
        const auto hash = scope.context.chain.canonical_hash(*number);
        if (!hash || !*hash) {
            return std::unexpected(refused("no block has this number"));
        }
        head = **hash;
    } else {
        TRY_ASSIGN(head, scope.params.hash("block"));
    }
    if (auto done = scope.context.dev.set_head(head); !done) {
        return std::unexpected(refused(std::move(done).error()));
    }
    append_json_hex(scope.out, head);
    return {};
}

}  // namespace

void register_dev(Registry& registry, const RpcContext& context) {
    if (context.dev.seal) {
        registry.add("engine_createBlock", create_block, Access::unsafe, Cost::slow);
        registry.add("engine_finalizeBlock", finalize_block, Access::unsafe, Cost::slow);
        registry.add("dev_newBlock", new_block, Access::unsafe, Cost::slow);
        registry.add("dev_setStorage", set_storage, Access::unsafe, Cost::slow);
        registry.add("dev_setHead", set_head, Access::unsafe, Cost::slow);
        registry.add("dev_timeTravel", time_travel, Access::unsafe, Cost::slow);
    }
}

}  // namespace stipple::rpc
