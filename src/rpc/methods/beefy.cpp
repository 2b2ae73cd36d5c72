// beefy_*: the newest block with a BEEFY proof, and the proofs as they come.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcResult<> finalized_head(CallScope& scope) {
    const auto head = scope.context.beefy.finalized_head();
    if (!head) {
        return std::unexpected(RpcError{1, "BEEFY RPC endpoint not ready"});
    }
    append_json_hex(scope.out, *head);
    return {};
}

}  // namespace

void register_beefy(Registry& registry, const RpcContext& context) {
    if (!context.beefy.finalized_head) {
        return;
    }
    registry.add("beefy_getFinalizedHead", finalized_head);
    registry.add_subscription("beefy_subscribeJustifications", "beefy_unsubscribeJustifications",
                              Topic::beefy_justifications, "beefy_justifications");
}

}  // namespace stipple::rpc
