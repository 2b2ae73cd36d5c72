// For unit tests of pallets: a fresh native host with a block begun on it.
//
//     TestBlock block;                       // block 1, timestamp not set
//     const AccountId alice = block.endow(1, 1000 * config::kUnit);
//     ASSERT_TRUE(Balances::transfer(...));
//     EXPECT_TRUE(block.has_event(Balances::encode_event(Balances::kTransfer, alice, bob, 7)));
//
// TestBlock::next() ends the block's hooks for no pallet: it only moves the number, which is what
// most tests want; tests of hooks call them.
#pragma once

#include "kit/native_host.hpp"
#include "pallets/balances/balances.hpp"
#include "pallets/system/system.hpp"

#include <algorithm>

namespace stipple::runtime {

inline AccountId test_account(std::uint8_t seed) {
    AccountId who;
    who.bytes.fill(seed);
    return who;
}

class TestBlock {
 public:
    TestBlock() {
        native_host::reset();
        start(1);
    }
    /// An account of this balance, made as a mint makes it.
    AccountId endow(std::uint8_t seed, Balance balance) {
        const AccountId who = test_account(seed);
        (void)Balances::mint_into(who, balance);
        return who;
    }
    void next() { start(System::number.get() + 1); }
    void start(BlockNumber number) {
        Header header;
        header.number = number;
        System::reset_events();
        System::start_block(header);
        System::execution_phase.set(Phase::apply_extrinsic(0));
    }
    /// Whether the block has this event (from `encode_event`).
    bool has_event(const Bytes& encoded) const {
        const auto log = host::get(System::events_log.key());
        return log &&
               std::search(log->begin(), log->end(), encoded.begin(), encoded.end()) != log->end();
    }
    std::uint32_t event_count() const { return System::events_so_far(); }
    /// The sum of all accounts: equals the issuance after every call.
    static Balance sum_of_accounts() {
        Balance sum = 0;
        System::account.for_each([&](const auto&, const AccountInfo& info) {
            sum += info.data.free + info.data.reserved;
            return true;
        });
        return sum;
    }
};

}  // namespace stipple::runtime
