// chainHead_v1_*: what follows a connection through its subscriptions (rpc/subscriptions) is only
// named here.
//
// Spec: json-rpc-interface-spec, group "chainHead".
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {

void register_chain_head(Registry& registry, const RpcContext& /*context*/) {
    registry.add_subscription("chainHead_v1_follow", "chainHead_v1_unfollow", Topic::chain_head,
                              "chainHead_v1_followEvent");
    registry.add_connected("chainHead_v1_header", ConnectedCall::chain_head_header);
    registry.add_connected("chainHead_v1_unpin", ConnectedCall::chain_head_unpin);
    registry.add_connected("chainHead_v1_stopOperation", ConnectedCall::chain_head_stop_operation);
    registry.add_connected("chainHead_v1_body", ConnectedCall::chain_head_body, Cost::slow);
    registry.add_connected("chainHead_v1_storage", ConnectedCall::chain_head_storage, Cost::slow);
    registry.add_connected("chainHead_v1_call", ConnectedCall::chain_head_call, Cost::slow);
    registry.add_connected("chainHead_v1_continue", ConnectedCall::chain_head_continue, Cost::slow);
}

}  // namespace stipple::rpc
