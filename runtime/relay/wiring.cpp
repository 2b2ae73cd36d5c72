// What the pallets of this runtime tell each other.
#include "pallets/timestamp/timestamp.hpp"
#include "pallets/transaction_payment/transaction_payment.hpp"

namespace stipple::runtime::wiring {

void on_timestamp_set(Moment) {}

void on_tip(Balance) {}

}  // namespace stipple::runtime::wiring
