// payment_*: what a transaction would cost.
#include "rpc/methods/registry.hpp"

namespace stipple::rpc {
namespace {

/// Calls a TransactionPaymentApi method with the extrinsic and its length.
RpcResult<Bytes> query(CallScope& scope, std::string_view method, std::string_view complaint) {
    TRY_ASSIGN(const Bytes encoded, scope.params.bytes("encoded_xt"));
    TRY_ASSIGN(const auto at, scope.params.optional_hash("at"));
    const auto extrinsic = decode_opaque_extrinsic(encoded);
    if (!extrinsic) {
        return std::unexpected(error_with_text(
            2, std::string(complaint),
            "Error { cause: Some(Error { cause: None, desc: \"" + extrinsic.error() +
                "\" }), desc: \"Could not decode `OpaqueExtrinsic.0`\" }"));
    }
    Bytes arguments = encode_opaque_extrinsic(*extrinsic);
    append_le(arguments, static_cast<std::uint32_t>(encoded.size()));
    auto result = call_runtime(scope.context, block_or_best(scope.context, at), method, arguments);
    if (!result) {
        return std::unexpected(error_with_text(1, std::string(complaint), result.error().text));
    }
    return std::move(*result);
}

RpcError unreadable(std::string_view complaint) {
    return error_with_text(1, std::string(complaint), "Failed to decode the return value");
}

RpcResult<> query_info(CallScope& scope) {
    constexpr std::string_view kComplaint = "Unable to query dispatch info.";
    TRY_ASSIGN(const Bytes result, query(scope, "TransactionPaymentApi_query_info", kComplaint));
    scale::Decoder in(result);
    const std::uint64_t ref_time = in.compact64();
    const std::uint64_t proof_size = in.compact64();
    const std::uint8_t dispatch_class = in.u8();
    const uint128 partial_fee = in.u128();
    if (!in.ok() || dispatch_class > 2) {
        return std::unexpected(unreadable(kComplaint));
    }
    constexpr std::string_view kClasses[] = {"normal", "operational", "mandatory"};
    std::string& out = scope.out;
    out.append(R"({"weight":{"ref_time":)").append(std::to_string(ref_time));
    out.append(R"(,"proof_size":)").append(std::to_string(proof_size));
    out.append(R"(},"class":")").append(kClasses[dispatch_class]).append(R"(","partialFee":")");
    append_json_number(out, partial_fee);
    out.append("\"}");
    return {};
}

RpcResult<> query_fee_details(CallScope& scope) {
    constexpr std::string_view kComplaint = "Unable to query fee details.";
    TRY_ASSIGN(const Bytes result,
               query(scope, "TransactionPaymentApi_query_fee_details", kComplaint));
    scale::Decoder in(result);
    std::string& out = scope.out;
    if (!in.option()) {
        if (!in.ok()) {
            return std::unexpected(unreadable(kComplaint));
        }
        out.append(R"({"inclusionFee":null})");
        return {};
    }
    const uint128 base = in.u128();
    const uint128 length = in.u128();
    const uint128 weight = in.u128();
    if (!in.ok()) {
        return std::unexpected(unreadable(kComplaint));
    }
    out.append(R"({"inclusionFee":{"baseFee":)");
    append_json_hex_number(out, base);
    out.append(R"(,"lenFee":)");
    append_json_hex_number(out, length);
    out.append(R"(,"adjustedWeightFee":)");
    append_json_hex_number(out, weight);
    out.append("}}");
    return {};
}

}  // namespace

void register_payment(Registry& registry, const RpcContext& /*context*/) {
    registry.add("payment_queryInfo", query_info, Access::safe, Cost::slow);
    registry.add("payment_queryFeeDetails", query_fee_details, Access::safe, Cost::slow);
}

}  // namespace stipple::rpc
