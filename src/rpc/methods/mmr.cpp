// mmr_*: Merkle mountain range of finalised headers, through the runtime's MmrApi.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcError mmr_error(std::uint8_t index) {
    struct Known {
        std::string_view name;
        std::string_view message;
        int code;
    };
    constexpr Known kErrors[] = {
        {"InvalidNumericOp", "Error performing numeric op", 8014},
        {"Push", "Error pushing new node", 8010},
        {"GetRoot", "Error getting new root", 8010},
        {"Commit", "Error committing changes", 8010},
        {"GenerateProof", "Error generating proof", 8012},
        {"Verify", "Invalid proof", 8013},
        {"LeafNotFound", "Leaf was not found", 8011},
        {"PalletNotIncluded", "MMR pallet not included in runtime", 8010},
        {"InvalidLeafIndex", "Requested leaf index invalid", 8010},
        {"InvalidBestKnownBlock", "Provided best known block number invalid", 8015},
    };
    if (index >= std::size(kErrors)) {
        return {8010, "Unknown error"};
    }
    const Known& known = kErrors[index];
    return error_with_text(known.code, std::string(known.message), known.name);
}

RpcError runtime_trapped(std::string_view text) {
    return error_with_text(8000, "Runtime trapped", text);
}

/// Calls a method that returns Result<T, MmrError> and gives the bytes of T.
RpcResult<Bytes> call_mmr(CallScope& scope, const BlockHash& block, std::string_view method,
                          ByteView arguments) {
    auto result = call_runtime(scope.context, block, method, arguments);
    if (!result) {
        return std::unexpected(runtime_trapped(result.error().text));
    }
    scale::Decoder in(*result);
    const std::uint8_t tag = in.u8();
    if (in.ok() && tag == 0) {
        return to_bytes(in.rest());
    }
    const std::uint8_t error = in.u8();
    return std::unexpected(in.ok() && tag == 1 ? mmr_error(error)
                                               : runtime_trapped("unreadable result"));
}

RpcResult<> root(CallScope& scope) {
    TRY_ASSIGN(const auto at, scope.params.optional_hash("at"));
    TRY_ASSIGN(const Bytes hash,
               call_mmr(scope, block_or_best(scope.context, at), "MmrApi_mmr_root", {}));
    append_json_hex(scope.out, hash);
    return {};
}

RpcResult<> generate_proof(CallScope& scope) {
    TRY_ASSIGN(const auto numbers, scope.params.u32_list("block_numbers"));
    TRY_ASSIGN(const auto best_known, scope.params.optional_u32("best_known_block_number"));
    TRY_ASSIGN(const auto at, scope.params.optional_hash("at"));
    const BlockHash block = block_or_best(scope.context, at);
    Bytes arguments = scale::encode(numbers);
    append(arguments, scale::encode(best_known));
    TRY_ASSIGN(const Bytes result, call_mmr(scope, block, "MmrApi_generate_proof", arguments));
    // (Vec<opaque leaf>, proof): the answer shows both parts in their encoding.
    scale::Decoder in(result);
    const std::size_t count = in.length();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        in.byte_string();
    }
    if (!in.ok()) {
        return std::unexpected(runtime_trapped("unreadable result"));
    }
    scope.out.append(R"({"blockHash":)");
    append_json_hex(scope.out, block);
    scope.out.append(R"(,"leaves":)");
    append_json_hex(scope.out, ByteView(result).first(result.size() - in.remaining()));
    scope.out.append(R"(,"proof":)");
    append_json_hex(scope.out, in.rest());
    scope.out.push_back('}');
    return {};
}

/// {"prev_peaks":[…],"prev_leaf_count":…,"leaf_count":…,"items":[[position,"0x…"]…]}
RpcResult<> generate_ancestry_proof(CallScope& scope) {
    TRY_ASSIGN(const std::uint32_t previous, scope.params.u32("prev_block_number"));
    TRY_ASSIGN(const auto best_known, scope.params.optional_u32("best_known_block_number"));
    TRY_ASSIGN(const auto at, scope.params.optional_hash("at"));
    Bytes arguments = scale::encode(previous);
    append(arguments, scale::encode(best_known));
    TRY_ASSIGN(const Bytes result, call_mmr(scope, block_or_best(scope.context, at),
                                            "MmrApi_generate_ancestry_proof", arguments));
    using Proof = std::tuple<std::vector<crypto::Hash256>, std::uint64_t, std::uint64_t,
                             std::vector<std::pair<std::uint64_t, crypto::Hash256>>>;
    const auto proof = scale::decode<Proof>(result);
    if (!proof) {
        return std::unexpected(runtime_trapped("unreadable result"));
    }
    const auto& [peaks, previous_leaves, leaves, items] = *proof;
    scope.out.append(R"({"prev_peaks":)");
    append_list(scope.out, peaks, [&scope](const auto& peak) { append_json_hex(scope.out, peak); });
    scope.out.append(R"(,"prev_leaf_count":)");
    append_json_number(scope.out, previous_leaves);
    scope.out.append(R"(,"leaf_count":)");
    append_json_number(scope.out, leaves);
    scope.out.append(R"(,"items":)");
    append_list(scope.out, items, [&scope](const auto& item) {
        scope.out.push_back('[');
        append_json_number(scope.out, item.first);
        scope.out.push_back(',');
        append_json_hex(scope.out, item.second);
        scope.out.push_back(']');
    });
    scope.out.push_back('}');
    return {};
}

/// A proof as generate_proof shows it.
struct LeavesProof {
    BlockHash block;
    Bytes leaves;
    Bytes proof;
};
RpcResult<LeavesProof> leaves_proof(CallScope& scope) {
    TRY_ASSIGN(const auto raw, scope.params.optional_raw("proof"));
    if (!raw || raw->front() != '{') {
        return std::unexpected(invalid_params("expected struct LeavesProof"));
    }
    Params fields(*raw);
    LeavesProof out;
    TRY_ASSIGN(out.block, fields.hash("blockHash"));
    TRY_ASSIGN(out.leaves, fields.bytes("leaves"));
    TRY_ASSIGN(out.proof, fields.bytes("proof"));
    return out;
}

RpcResult<> verify_proof(CallScope& scope) {
    TRY_ASSIGN(const LeavesProof proof, leaves_proof(scope));
    Bytes arguments = proof.leaves;
    append(arguments, proof.proof);
    TRY(call_mmr(scope, proof.block, "MmrApi_verify_proof", arguments));
    scope.out.append("true");
    return {};
}

RpcResult<> verify_proof_stateless(CallScope& scope) {
    TRY_ASSIGN(const BlockHash mmr_root, scope.params.hash("mmr_root"));
    TRY_ASSIGN(const LeavesProof proof, leaves_proof(scope));
    Bytes arguments = to_bytes(mmr_root.view());
    append(arguments, proof.leaves);
    append(arguments, proof.proof);
    TRY(call_mmr(scope, proof.block, "MmrApi_verify_proof_stateless", arguments));
    scope.out.append("true");
    return {};
}

}  // namespace

void register_mmr(Registry& registry, const RpcContext& context) {
    registry.add("mmr_root", root, Access::safe, Cost::slow);
    registry.add("mmr_verifyProofStateless", verify_proof_stateless, Access::safe, Cost::slow);
    if (context.offchain_storage != nullptr) {
        registry.add("mmr_generateProof", generate_proof, Access::safe, Cost::slow);
        registry.add("mmr_generateAncestryProof", generate_ancestry_proof, Access::safe,
                     Cost::slow);
        registry.add("mmr_verifyProof", verify_proof, Access::safe, Cost::slow);
    }
}

}  // namespace stipple::rpc
