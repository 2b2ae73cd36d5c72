// babe_*: which slots are ours.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcResult<> epoch_authorship(CallScope& scope) {
    const auto reports = scope.context.babe.epoch_authorship();
    if (!reports) {
        return std::unexpected(RpcError{9002, "Failed to fetch epoch data"});
    }
    const auto append_slots = [&scope](std::string_view name,
                                       const std::vector<std::uint64_t>& slots) {
        scope.out.append("\"").append(name).append("\":");
        append_list(scope.out, slots,
                    [&scope](std::uint64_t slot) { append_json_number(scope.out, slot); });
    };
    scope.out.push_back('{');
    bool first = true;
    for (const AuthorshipReport& report : *reports) {
        scope.out.append(first ? "" : ",");
        first = false;
        append_json_string(scope.out, report.address);
        scope.out.append(":{");
        append_slots("primary", report.primary);
        scope.out.push_back(',');
        append_slots("secondary", report.secondary);
        scope.out.push_back(',');
        append_slots("secondary_vrf", report.secondary_vrf);
        scope.out.push_back('}');
    }
    scope.out.push_back('}');
    return {};
}

}  // namespace

void register_babe(Registry& registry, const RpcContext& context) {
    if (context.babe.epoch_authorship) {
        registry.add("babe_epochAuthorship", epoch_authorship, Access::unsafe, Cost::slow);
    }
}

}  // namespace stipple::rpc
