// The relay chain's runtime: its pallets, in the order of their hooks, with their indices.
//
// Indices are those of the networks where they have one, so that tools with habits feel at home.
#include "kit/runtime.hpp"

#include "pallets/balances/balances.hpp"
#include "pallets/system/system.hpp"
#include "pallets/timestamp/timestamp.hpp"
#include "pallets/transaction_payment/transaction_payment.hpp"

namespace stipple::runtime::inline kit {

std::span<const PalletEntry> runtime_pallets() {
    static constexpr PalletEntry kPallets[] = {
        pallet<System>(0),
        pallet<Timestamp>(2),
        pallet<Balances>(4),
        pallet<TransactionPayment>(33),
    };
    return kPallets;
}

bool call_is_allowed(const RuntimeCall&) {
    return true;
}

}  // namespace stipple::runtime::inline kit
