// archive_v1_*: finished blocks by hash and height, served by nodes that keep all of them.
//
// Spec: json-rpc-interface-spec, group "archive".
#include "rpc/methods/limits.hpp"
#include "rpc/methods/registry.hpp"

#include <set>

namespace stipple::rpc {
namespace {

RpcResult<> body(CallScope& scope) {
    TRY_ASSIGN(const BlockHash hash, scope.params.hash("hash"));
    const auto body = scope.context.chain.body(hash);
    if (!body || !*body) {
        scope.out.append("null");
        return {};
    }
    append_list(scope.out, **body, [&scope](const Extrinsic& extrinsic) {
        append_json_hex(scope.out, encode_opaque_extrinsic(extrinsic));
    });
    return {};
}

RpcResult<> header(CallScope& scope) {
    TRY_ASSIGN(const BlockHash hash, scope.params.hash("hash"));
    const auto header = scope.context.chain.header(hash);
    if (header && *header) {
        append_json_hex(scope.out, scale::encode(**header));
    } else {
        scope.out.append("null");
    }
    return {};
}

RpcResult<> genesis_hash(CallScope& scope) {
    append_json_hex(scope.out, scope.context.chain.heads().genesis);
    return {};
}

RpcResult<> finalized_height(CallScope& scope) {
    append_json_number(scope.out, scope.context.chain.heads().finalized.number);
    return {};
}

/// All blocks of a height: one when finalised, else one per fork that reaches it.
std::vector<BlockHash> blocks_at(const chain::Chain& chain, BlockNumber height) {
    if (height <= chain.heads().finalized.number) {
        const auto hash = chain.canonical_hash(height);
        return hash && *hash ? std::vector{**hash} : std::vector<BlockHash>{};
    }
    std::vector<BlockHash> found;
    std::set<BlockHash> visited;
    std::vector<BlockHash> waiting;
    for (const BlockRef& leaf : chain.leaves()) {
        waiting.push_back(leaf.hash);
    }
    while (!waiting.empty() && visited.size() < kHeadersVisitedMax) {
        const BlockHash hash = waiting.back();
        waiting.pop_back();
        const auto header = chain.header(hash);
        if (!visited.insert(hash).second || !header || !*header || (*header)->number < height) {
            continue;
        }
        if ((*header)->number == height) {
            found.push_back(hash);
        } else {
            waiting.push_back((*header)->parent_hash);
        }
    }
    return found;
}

RpcResult<> hash_by_height(CallScope& scope) {
    TRY_ASSIGN(const std::uint64_t height, scope.params.u64("height"));
    if (height > UINT32_MAX) {
        return std::unexpected(
            RpcError{3001, "Invalid parameter: Invalid block height: " + std::to_string(height)});
    }
    append_list(scope.out, blocks_at(scope.context.chain, static_cast<BlockNumber>(height)),
                [&scope](const BlockHash& hash) { append_json_hex(scope.out, hash); });
    return {};
}

RpcResult<> call(CallScope& scope) {
    TRY_ASSIGN(const BlockHash hash, scope.params.hash("hash"));
    TRY_ASSIGN(const std::string method, scope.params.text("function"));
    TRY_ASSIGN(const std::string hex, scope.params.text("call_parameters"));
    const auto arguments = from_hex(hex);
    if (!arguments) {
        return std::unexpected(RpcError{3001, "Invalid parameter: " + hex});
    }
    const auto result = call_runtime(scope.context, hash, method, *arguments);
    if (result) {
        scope.out.append(R"({"success":true,"value":)");
        append_json_hex(scope.out, *result);
    } else {
        scope.out.append(R"({"success":false,"error":)");
        append_json_string(scope.out, result.error().text);
    }
    scope.out.push_back('}');
    return {};
}

}  // namespace

void register_archive(Registry& registry, const RpcContext& context) {
    if (!context.is_archive) {
        return;
    }
    registry.add("archive_v1_body", body);
    registry.add("archive_v1_header", header);
    registry.add("archive_v1_genesisHash", genesis_hash);
    registry.add("archive_v1_finalizedHeight", finalized_height);
    registry.add("archive_v1_hashByHeight", hash_by_height, Access::safe, Cost::slow);
    registry.add("archive_v1_call", call, Access::safe, Cost::slow);
    registry.add_subscription("archive_v1_storage", "archive_v1_stopStorage",
                              Topic::archive_storage, "archive_v1_storageEvent", Cost::slow);
    registry.add_subscription("archive_v1_storageDiff", "archive_v1_storageDiff_stopStorageDiff",
                              Topic::archive_storage_diff, "archive_v1_storageDiffEvent",
                              Cost::slow);
    // The name of the specification, beside the field's.
    registry.alias("archive_v1_stopStorageDiff", "archive_v1_storageDiff_stopStorageDiff");
}

}  // namespace stipple::rpc
