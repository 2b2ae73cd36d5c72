// chainSpec_v1_*: which chain this is.
//
// Spec: json-rpc-interface-spec, group "chainSpec".
#include "rpc/methods/registry.hpp"

#include <boost/json/serialize.hpp>

namespace stipple::rpc {
namespace {

RpcResult<> chain_name(CallScope& scope) {
    append_json_string(scope.out, scope.context.chain.spec().name);
    return {};
}
RpcResult<> genesis_hash(CallScope& scope) {
    append_json_hex(scope.out, scope.context.chain.heads().genesis);
    return {};
}
RpcResult<> properties(CallScope& scope) {
    const boost::json::value& value = scope.context.chain.spec().properties;
    scope.out.append(value.is_object() ? boost::json::serialize(value) : std::string("{}"));
    return {};
}

}  // namespace

void register_chain_spec(Registry& registry, const RpcContext& /*context*/) {
    registry.add("chainSpec_v1_chainName", chain_name);
    registry.add("chainSpec_v1_genesisHash", genesis_hash);
    registry.add("chainSpec_v1_properties", properties);
}

}  // namespace stipple::rpc
