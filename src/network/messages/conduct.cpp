#include "network/messages/conduct.hpp"

#include "base/check.hpp"

#include <array>

namespace stipple::network {
namespace {

struct Row {
    Conduct conduct;
    std::int32_t weight;
    const char* name;
};
constexpr std::int32_t kWorst = std::numeric_limits<std::int32_t>::min();
constexpr std::array kRows{
    Row{Conduct::good_transaction, 1 << 7, "good_transaction"},
    Row{Conduct::any_transaction, -(1 << 4), "any_transaction"},
    Row{Conduct::any_transaction_refund, 1 << 4, "any_transaction_refund"},
    Row{Conduct::bad_transaction, -(1 << 12), "bad_transaction"},
    Row{Conduct::bad_message, -(1 << 12), "bad_message"},
    Row{Conduct::bad_response, -(1 << 12), "bad_response"},
    Row{Conduct::not_requested, -(1 << 29), "not_requested"},
    Row{Conduct::no_block, -(1 << 26), "no_block"},
    Row{Conduct::bad_header, -(1 << 29), "bad_header"},
    Row{Conduct::bad_block, -(1 << 29), "bad_block"},
    Row{Conduct::bad_justification, -(1 << 16), "bad_justification"},
    Row{Conduct::bad_warp_proof, -(1 << 29), "bad_warp_proof"},
    Row{Conduct::bad_state, -(1 << 29), "bad_state"},
    Row{Conduct::genesis_mismatch, kWorst, "genesis_mismatch"},
    Row{Conduct::other_fork, -(1 << 16), "other_fork"},
    Row{Conduct::timeout, -(1 << 10), "timeout"},
    Row{Conduct::refused, -(1 << 10), "refused"},
    Row{Conduct::same_request, -(1 << 12), "same_request"},
    Row{Conduct::same_small_request, -(1 << 10), "same_small_request"},
    Row{Conduct::too_many_requests, -(1 << 10), "too_many_requests"},
    Row{Conduct::spam, -(1 << 8), "spam"},
    Row{Conduct::past_vote, -50, "past_vote"},
    Row{Conduct::future_vote, -100, "future_vote"},
    Row{Conduct::unknown_voter, -150, "unknown_voter"},
    Row{Conduct::bad_vote, -100, "bad_vote"},
    Row{Conduct::bad_finality_proof, -5000, "bad_finality_proof"},
    Row{Conduct::refused_proof, -100, "refused_proof"},
};
const Row& row(Conduct conduct) {
    const Row& found = kRows.at(static_cast<std::size_t>(conduct));
    DCHECK(found.conduct == conduct);
    return found;
}

}  // namespace

std::int32_t weight(Conduct conduct) {
    return row(conduct).weight;
}
const char* describe(Conduct conduct) {
    return row(conduct).name;
}

}  // namespace stipple::network
