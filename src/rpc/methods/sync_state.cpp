// sync_state_*: a chain spec from which a light client, or a node that warps, begins at today's
// finalised block.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcResult<> gen_sync_spec(CallScope& scope) {
    TRY_ASSIGN(const bool raw, scope.params.boolean("raw"));
    auto spec = scope.context.sync_state.gen_sync_spec(raw);
    if (!spec) {
        return std::unexpected(RpcError{1, std::move(spec).error()});
    }
    scope.out.append(*spec);
    return {};
}

}  // namespace

void register_sync_state(Registry& registry, const RpcContext& context) {
    if (context.sync_state.gen_sync_spec) {
        registry.add("sync_state_genSyncSpec", gen_sync_spec, Access::safe, Cost::slow);
    }
}

}  // namespace stipple::rpc
