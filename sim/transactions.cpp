#include "sim/transactions.hpp"

#include "sim/toy/runtime.hpp"

namespace stipple::sim {

void Transactions::plan() {
    const auto span = static_cast<std::uint64_t>(2 * every_.count());
    victims_.schedule().after(Duration(static_cast<std::int64_t>(prng_.below(span))), [this] {
        send();
        plan();
    });
}

void Transactions::send() {
    const auto account = static_cast<std::uint32_t>(prng_.below(kAccounts));
    const NodeIndex to = prng_.below(victims_.node_count());
    std::uint32_t nonce = nonces_[account];
    if (prng_.chance(1, 16)) {
        // Lost ones would block the account for good: now and then go on from what the chain has.
        nonce = nonce > 4 ? nonce - 4 : 0;
    } else if (!prng_.chance(1, 8)) {
        ++nonces_[account];
    }
    if (!victims_.node(to).is_up()) {
        return;
    }
    const auto known = toy::next_nonce(victims_.node(to).chain(), account);
    if (known && (nonce > *known + 16 || nonce < *known)) {
        nonces_[account] = *known;
        nonce = *known;
    }
    victims_.node(to).handle(node::TransactionSubmitted{
        .request = next_request_++,
        .extrinsic = toy::transfer(account, nonce, prng_.bytes(prng_.below(64))),
        .watch = prng_.chance(1, 4),
        .source = chain::pool::Source::external});
}

}  // namespace stipple::sim
