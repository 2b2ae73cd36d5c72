// grandpa_*: finality proofs and the voter's rounds, from the ports of the finality gadget.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

RpcResult<> prove_finality(CallScope& scope) {
    TRY_ASSIGN(const std::uint32_t number, scope.params.u32("block"));
    const auto proof = scope.context.grandpa.prove_finality(number);
    if (!proof) {
        return std::unexpected(RpcError{4, "GRANDPA prove finality rpc failed: " + proof.error()});
    }
    if (*proof) {
        append_json_hex(scope.out, **proof);
    } else {
        scope.out.append("null");
    }
    return {};
}

void append_votes(std::string& out, std::string_view name, std::uint64_t weight,
                  const std::vector<std::string>& missing) {
    out.append(",\"").append(name).append(R"(":{"currentWeight":)");
    out.append(std::to_string(weight)).append(R"(,"missing":)");
    append_list(out, missing,
                [&out](const std::string& address) { append_json_string(out, address); });
    out.push_back('}');
}

void append_round(std::string& out, const RoundReport& round) {
    out.append(R"({"round":)").append(std::to_string(round.round));
    out.append(R"(,"totalWeight":)").append(std::to_string(round.total_weight));
    out.append(R"(,"thresholdWeight":)").append(std::to_string(round.threshold_weight));
    append_votes(out, "prevotes", round.prevote_weight, round.prevotes_missing);
    append_votes(out, "precommits", round.precommit_weight, round.precommits_missing);
    out.push_back('}');
}

RpcResult<> round_state(CallScope& scope) {
    const auto report = scope.context.grandpa.round_state();
    if (!report) {
        return std::unexpected(RpcError{1, "GRANDPA RPC endpoint not ready"});
    }
    std::string& out = scope.out;
    out.append(R"({"setId":)").append(std::to_string(report->set_id)).append(R"(,"best":)");
    append_round(out, report->best);
    out.append(R"(,"background":)");
    append_list(out, report->background,
                [&out](const RoundReport& round) { append_round(out, round); });
    out.push_back('}');
    return {};
}

}  // namespace

void register_grandpa(Registry& registry, const RpcContext& context) {
    if (context.grandpa.prove_finality) {
        registry.add("grandpa_proveFinality", prove_finality, Access::safe, Cost::slow);
    }
    if (context.grandpa.round_state) {
        registry.add("grandpa_roundState", round_state);
    }
    registry.add_subscription("grandpa_subscribeJustifications",
                              "grandpa_unsubscribeJustifications", Topic::justifications,
                              "grandpa_justifications");
}

}  // namespace stipple::rpc
