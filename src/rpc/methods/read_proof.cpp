// state_getReadProof and state_getChildReadProof: the trie nodes that show some values.
#include "rpc/methods/storage_read.hpp"
#include "state/trie/proof.hpp"

namespace stipple::rpc {
namespace {

RpcResult<> append_proof(CallScope& scope, const BlockHash& block, const TrieView& view,
                         const std::vector<Bytes>& keys) {
    const auto proof = state::prove_keys(*view.state, view.trie, keys);
    if (!proof) {
        return std::unexpected(state_error(proof.error().message()));
    }
    scope.out.append(R"({"at":)");
    append_json_hex(scope.out, block);
    scope.out.append(R"(,"proof":)");
    append_list(scope.out, *proof,
                [&scope](const Bytes& node) { append_json_hex(scope.out, node); });
    scope.out.push_back('}');
    return {};
}

RpcResult<> get_read_proof(CallScope& scope) {
    TRY_ASSIGN(const auto keys, scope.params.bytes_list("keys"));
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    const BlockHash block = block_or_best(scope.context, hash);
    TRY_ASSIGN(auto state, state_at(scope.context, block));
    return append_proof(scope, block, {std::move(state), state::TrieId::main()}, keys);
}

RpcResult<> get_child_read_proof(CallScope& scope) {
    TRY_ASSIGN(const Bytes child, scope.params.bytes("child_storage_key"));
    TRY_ASSIGN(const auto keys, scope.params.bytes_list("keys"));
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("hash"));
    const BlockHash block = block_or_best(scope.context, hash);
    TRY_ASSIGN(auto trie, child_trie(child));
    TRY_ASSIGN(auto state, state_at(scope.context, block));
    return append_proof(scope, block, {std::move(state), std::move(trie)}, keys);
}

}  // namespace

void register_read_proof(Registry& registry, const RpcContext& /*context*/) {
    registry.add("state_getReadProof", get_read_proof, Access::safe, Cost::slow);
    registry.add("state_getChildReadProof", get_child_read_proof, Access::safe, Cost::slow);
}

}  // namespace stipple::rpc
