// transaction_v1_*, transactionWatch_v1_*: sending transactions (rpc/subscriptions does it).
//
// Spec: json-rpc-interface-spec, groups "transaction" and "transactionWatch".
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {

void register_transaction(Registry& registry, const RpcContext& context) {
    if (context.pool == nullptr) {
        return;
    }
    registry.add_connected("transaction_v1_broadcast", ConnectedCall::transaction_broadcast,
                           Cost::slow);
    registry.add_connected("transaction_v1_stop", ConnectedCall::transaction_stop, Cost::slow);
    registry.add_subscription("transactionWatch_v1_submitAndWatch", "transactionWatch_v1_unwatch",
                              Topic::transaction_events, "transactionWatch_v1_watchEvent",
                              Cost::slow);
}

}  // namespace stipple::rpc
