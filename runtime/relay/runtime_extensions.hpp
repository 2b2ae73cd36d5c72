// The transaction extensions of this runtime, in the order clients sign them.
#pragma once

#include "pallets/transaction_payment/transaction_payment.hpp"

namespace stipple::runtime::config {

using Extensions =
    std::tuple<CheckNonZeroSender, CheckSpecVersion, CheckTxVersion, CheckGenesis, CheckMortality,
               CheckNonce, CheckWeight, ChargeTransactionPayment, CheckMetadataHash>;

}  // namespace stipple::runtime::config
