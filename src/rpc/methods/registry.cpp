#include "rpc/methods/registry.hpp"

#include "base/check.hpp"
#include "rpc/methods/bitswap.hpp"
#include "rpc/methods/trace.hpp"

#include <algorithm>

namespace stipple::rpc {
namespace {

RpcResult<> rpc_methods(CallScope& scope) {
    scope.out.append(R"({"methods":)");
    append_list(scope.out, *scope.method_names,
                [&scope](std::string_view name) { append_json_string(scope.out, name); });
    scope.out.push_back('}');
    return {};
}

}  // namespace

Registry::Registry(const RpcContext& context) {
    add("rpc_methods", rpc_methods);
    register_archive(*this, context);
    register_author(*this, context);
    register_babe(*this, context);
    register_beefy(*this, context);
    register_bitswap(*this, context);
    register_chain(*this, context);
    register_chain_head(*this, context);
    register_chain_spec(*this, context);
    register_childstate(*this, context);
    register_dev(*this, context);
    register_grandpa(*this, context);
    register_mmr(*this, context);
    register_offchain(*this, context);
    register_payment(*this, context);
    register_read_proof(*this, context);
    register_state(*this, context);
    register_state_queries(*this, context);
    register_sync_state(*this, context);
    register_system(*this, context);
    register_trace(*this, context);
    register_transaction(*this, context);
    std::ranges::sort(names_);
}

const Method* Registry::find(std::string_view name) const {
    const auto found = methods_.find(name);
    return found == methods_.end() ? nullptr : &found->second;
}

void Registry::add(std::string_view name, MethodFunction function, Access access, Cost cost) {
    const bool fresh =
        methods_.emplace(name, Method{.function = function, .access = access, .cost = cost}).second;
    CHECK(fresh);
    names_.push_back(name);
}

void Registry::add_connected(std::string_view name, ConnectedCall call, Cost cost) {
    methods_.emplace(name,
                     Method{.kind = Method::Kind::connected_call, .cost = cost, .connected = call});
    names_.push_back(name);
}

void Registry::add_subscription(std::string_view name, std::string_view unsubscribe, Topic topic,
                                std::string_view notification, Cost cost) {
    methods_.emplace(name, Method{.kind = Method::Kind::subscribe,
                                  .cost = cost,
                                  .topic = topic,
                                  .notification = notification});
    methods_.emplace(unsubscribe, Method{.kind = Method::Kind::unsubscribe, .topic = topic});
    names_.push_back(name);
    names_.push_back(unsubscribe);
}

void Registry::alias(std::string_view name, std::string_view of) {
    const Method* method = find(of);
    CHECK(method != nullptr);
    methods_.emplace(name, *method);
    names_.push_back(name);
}

}  // namespace stipple::rpc
