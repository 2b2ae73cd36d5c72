// TransactionPayment: what a transaction costs, and who pays.
//
// fee = base fee + bytes * byte fee + weight fee * multiplier, and the tip. The multiplier rises
// and falls slowly with how full blocks are. The whole is withdrawn before dispatch; what the call
// did not use is given back after. Fees leave the issuance; `wiring::on_tip` decides about tips.
#pragma once

#include "pallets/balances/balances.hpp"
#include "pallets/system/extensions.hpp"

namespace stipple::runtime {

namespace wiring {
/// A tip was paid; it has left the issuance, and may be given to somebody here.
void on_tip(Balance tip);
}  // namespace wiring

enum class FeeReleases : std::uint8_t { v1_ancient, v2 };
constexpr EnumNames describe(FeeReleases) {
    return {"pallet_transaction_payment::Releases", {"V1Ancient", "V2"}};
}
struct InclusionFee {
    Balance base_fee = 0;
    Balance len_fee = 0;
    Balance adjusted_weight_fee = 0;
    Balance sum() const {
        return saturating_add(saturating_add(base_fee, len_fee), adjusted_weight_fee);
    }
    static auto fields(auto& self) {
        return std::tie(self.base_fee, self.len_fee, self.adjusted_weight_fee);
    }
    static constexpr TypeName kType{"pallet_transaction_payment::types::InclusionFee",
                                    {"base_fee", "len_fee", "adjusted_weight_fee"}};
};
struct FeeDetails {
    std::optional<InclusionFee> inclusion_fee;  ///< absent when the call is free
    Balance tip = 0;
    Balance final_fee() const {
        return saturating_add(inclusion_fee ? inclusion_fee->sum() : Balance{0}, tip);
    }
    static auto fields(auto& self) { return std::tie(self.inclusion_fee, self.tip); }
    static constexpr TypeName kType{"pallet_transaction_payment::types::FeeDetails",
                                    {"inclusion_fee", "tip"}};
};
struct RuntimeDispatchInfo {
    Weight weight;
    DispatchClass kind = DispatchClass::normal;
    Balance partial_fee = 0;
    static auto fields(auto& self) { return std::tie(self.weight, self.kind, self.partial_fee); }
    static constexpr TypeName kType{"pallet_transaction_payment::types::RuntimeDispatchInfo",
                                    {"weight", "class", "partial_fee"}};
};

struct TransactionPayment : Pallet<TransactionPayment> {
    static constexpr std::string_view kName = "TransactionPayment";

    static constexpr StorageValue<FixedU128> next_fee_multiplier{
        kName, "NextFeeMultiplier", "What the weight fee of the next block is multiplied by.",
        &FixedU128::one};
    static constexpr StorageValue<FeeReleases> storage_version{kName, "StorageVersion",
                                                               "The version of this storage."};
    static constexpr auto storage = list(next_fee_multiplier, storage_version);

    static constexpr Event<AccountId, Balance, Balance> kTransactionFeePaid{
        0,
        "TransactionFeePaid",
        {"who", "actual_fee", "tip"},
        "A transaction fee `actual_fee`, of which `tip` was added, has been paid by `who`."};
    static constexpr auto events = list(kTransactionFeePaid);

    static constexpr auto constants = list(constant(
        "OperationalFeeMultiplier", [] { return config::kOperationalFeeMultiplier; },
        "How much more an operational transaction counts in the pool."));

    static FeeDetails fee_details(std::uint32_t bytes, const DispatchInfo& info, Balance tip);
    /// As fee_details, for the weight that was really used.
    static Balance actual_fee(std::uint32_t bytes, const DispatchInfo& info, Weight actual,
                              Pays pays, Balance tip);
    static Balance weight_to_fee(Weight weight);
    static Balance length_to_fee(std::uint32_t bytes);

    static void on_finalize(BlockNumber number);
    static void genesis(GenesisReader& config);
};

/// Takes the fee before dispatch and gives back what was too much.
struct ChargeTransactionPayment : ExtensionDefaults {
    Compact<Balance> tip;
    static auto fields(auto& self) { return std::tie(self.tip); }
    static constexpr std::string_view kName = "ChargeTransactionPayment";
    static constexpr TypeName kType{"pallet_transaction_payment::ChargeTransactionPayment", {""}};
    TransactionValidity validate(const TransactionContext& context) const;
    std::expected<void, TransactionValidityError> prepare(TransactionContext& context) const;
    void post_dispatch(const TransactionContext& context, Weight actual, Pays pays) const;
};

}  // namespace stipple::runtime
