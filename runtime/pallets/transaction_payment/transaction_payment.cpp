#include "pallets/transaction_payment/transaction_payment.hpp"

namespace stipple::runtime {

Balance TransactionPayment::weight_to_fee(Weight weight) {
    const Weight most = config::kMaxBlockWeight;
    const std::uint64_t ref_time = std::min(weight.ref_time_ps, most.ref_time_ps);
    return multiply_by_rational(ref_time, config::kBaseExtrinsicFee,
                                config::kBaseExtrinsicWeight.ref_time_ps);
}

Balance TransactionPayment::length_to_fee(std::uint32_t bytes) {
    return saturating_mul<Balance>(bytes, config::kTransactionByteFee);
}

FeeDetails TransactionPayment::fee_details(std::uint32_t bytes, const DispatchInfo& info,
                                           Balance tip) {
    if (info.pays_fee == Pays::no) {
        return {std::nullopt, tip};
    }
    InclusionFee fee;
    fee.base_fee = config::kBaseExtrinsicFee;  // what weight_to_fee makes of the base weight
    fee.len_fee = length_to_fee(bytes);
    fee.adjusted_weight_fee = next_fee_multiplier.get().times(weight_to_fee(info.weight));
    return {fee, tip};
}

Balance TransactionPayment::actual_fee(std::uint32_t bytes, const DispatchInfo& info, Weight actual,
                                       Pays pays, Balance tip) {
    return fee_details(bytes, {actual, info.kind, pays}, tip).final_fee();
}

namespace {
/// Of the normal extrinsics' share of a block, the fuller dimension.
FixedU128 normal_fullness() {
    const Weight spent = System::block_weight.get().normal;
    const Weight most = *System::block_weights().per_class.normal.max_total;
    const auto part = [](std::uint64_t used, std::uint64_t of) {
        return FixedU128{
            std::min(FixedU128::kOne, multiply_by_rational(used, FixedU128::kOne, of))};
    };
    return std::max(part(spent.ref_time_ps, most.ref_time_ps),
                    part(spent.proof_bytes, most.proof_bytes));
}
}  // namespace

/// multiplier * (1 + d + d^2/2), where d = variability * (fullness - target).
void TransactionPayment::on_finalize(BlockNumber) {
    constexpr FixedU128 kTarget{FixedU128::kOne / 4};
    constexpr FixedU128 kVariability{FixedU128::kOne * 75 / 1'000'000};
    constexpr FixedU128 kLeast{FixedU128::kOne / 10};
    const FixedU128 fullness = normal_fullness();
    const bool rises = fullness > kTarget;
    const uint128 distance =
        rises ? fullness.inner - kTarget.inner : kTarget.inner - fullness.inner;
    const FixedU128 first{kVariability.times(distance)};
    const FixedU128 second{first.times(first.inner) / 2};
    next_fee_multiplier.mutate([&](FixedU128& multiplier) {
        const uint128 now = multiplier.inner;
        if (rises) {
            const FixedU128 step{first.inner + second.inner};
            multiplier.inner = saturating_add(now, step.times(now));
        } else {
            const FixedU128 step{first.inner - second.inner};
            multiplier.inner = std::max(kLeast.inner, saturating_sub(now, step.times(now)));
        }
    });
}

void TransactionPayment::genesis(GenesisReader& config) {
    storage_version.set(FeeReleases::v2);
    if (const GenesisReader multiplier = config.field("multiplier"); multiplier.present()) {
        next_fee_multiplier.set({multiplier.number<uint128>()});
    }
}

// ---- the extension ----

namespace {
/// More for a higher tip per share of a block; operational ones as if they tipped their fee a few
/// times.
std::uint64_t priority_of(const TransactionContext& context, Balance tip, Balance fee) {
    const std::uint64_t most_weight = config::kMaxBlockWeight.ref_time_ps;
    const std::uint64_t weight =
        std::clamp<std::uint64_t>(context.info.weight.ref_time_ps, 1, most_weight);
    const std::uint64_t most_bytes = System::block_length().max.of(context.info.kind);
    const std::uint64_t bytes = std::clamp<std::uint64_t>(context.encoded_bytes, 1, most_bytes);
    const Balance per_block = std::min(most_weight / weight, most_bytes / bytes);
    Balance reward = saturating_mul(saturating_add(tip, 1), per_block);
    if (context.info.kind == DispatchClass::operational) {
        const Balance as_tip = saturating_mul<Balance>(fee, config::kOperationalFeeMultiplier);
        reward = saturating_add(reward, saturating_mul(as_tip, per_block));
    }
    return static_cast<std::uint64_t>(std::min<Balance>(reward, UINT64_MAX));
}
}  // namespace

TransactionValidity ChargeTransactionPayment::validate(const TransactionContext& context) const {
    const Balance fee =
        TransactionPayment::fee_details(context.encoded_bytes, context.info, tip.value).final_fee();
    if (Balances::reducible_balance(context.who, Preservation::preserve) < fee) {
        return invalid<Reason::payment>();
    }
    ValidTransaction valid;
    valid.priority = priority_of(context, tip.value, fee);
    return valid;
}

std::expected<void, TransactionValidityError> ChargeTransactionPayment::prepare(
    TransactionContext& context) const {
    const Balance fee =
        TransactionPayment::fee_details(context.encoded_bytes, context.info, tip.value).final_fee();
    if (!Balances::withdraw(context.who, fee, Preservation::preserve)) {
        return invalid<Reason::payment>();
    }
    context.fee_withdrawn = fee;
    return {};
}

void ChargeTransactionPayment::post_dispatch(const TransactionContext& context, Weight actual,
                                             Pays pays) const {
    const bool as_expected = actual == context.info.weight && pays == context.info.pays_fee;
    Balance fee = as_expected ? context.fee_withdrawn
                              : TransactionPayment::actual_fee(context.encoded_bytes, context.info,
                                                               actual, pays, tip.value);
    const Balance refund = saturating_sub(context.fee_withdrawn, fee);
    if (refund > 0) {
        // An account that the call ended gets nothing back.
        const auto given =
            with_storage_layer([&] { return Balances::deposit_into(context.who, refund); });
        fee = given ? fee : context.fee_withdrawn;
    }
    if (context.fee_withdrawn > 0) {
        if (tip.value > 0) {
            wiring::on_tip(tip.value);
        }
        TransactionPayment::deposit(TransactionPayment::kTransactionFeePaid, context.who, fee,
                                    tip.value);
    }
}

}  // namespace stipple::runtime
