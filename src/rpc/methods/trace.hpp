// state_traceBlock, in a file of its own.
#pragma once

namespace stipple::rpc {

class Registry;
struct RpcContext;

void register_trace(Registry& registry, const RpcContext& context);

}  // namespace stipple::rpc
