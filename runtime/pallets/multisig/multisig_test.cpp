#include "pallets/multisig/multisig.hpp"

#include "pallets/testing.hpp"
#include "pallets/utility/utility.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

using Owners = Multisig::Owners;
constexpr Balance kUnit = config::kUnit;
constexpr Weight kEnough{config::kSecondPs, 1'000'000};
constexpr Balance kDeposit = config::kMultisigDepositBase + 2 * config::kMultisigDepositFactor;

RuntimeCall transfer(const AccountId& to, Balance value) {
    return RuntimeCall::make(Balances::index(), 0, MultiAddress::of(to), Compact<Balance>{value});
}
DispatchError reason(const auto& failed) {
    if constexpr (requires { failed.error().error; }) {
        return failed.error().error;
    } else {
        return failed.error();
    }
}

/// Three owners with money, and their 2-of-3 account with money.
struct MultisigTest : ::testing::Test {
    TestBlock block;
    AccountId alice = block.endow(1, 1000 * kUnit);
    AccountId bob = block.endow(2, 1000 * kUnit);
    AccountId carol = block.endow(3, 1000 * kUnit);
    AccountId account = Multisig::account_of({alice, bob, carol}, 2);
    RuntimeCall call = transfer(test_account(9), 5 * kUnit);
    Multisig::CallHash call_hash = call.hash().bytes;
    Multisig::Timepoint opened = Multisig::now();
    MultisigTest() { EXPECT_TRUE(Balances::mint_into(account, 100 * kUnit)); }

    auto as_multi(const AccountId& who, const Owners& others,
                  std::optional<Multisig::Timepoint> timepoint, std::uint16_t threshold = 2,
                  Weight max_weight = kEnough) {
        return with_storage_layer([&] {
            return Multisig::as_multi(Origin::signed_by(who), threshold, others, timepoint, call,
                                      max_weight);
        });
    }
    auto approve(const AccountId& who, const Owners& others,
                 std::optional<Multisig::Timepoint> timepoint, std::uint16_t threshold = 2) {
        return with_storage_layer([&] {
            return Multisig::approve_as_multi(Origin::signed_by(who), threshold, others, timepoint,
                                              call_hash, kEnough);
        });
    }
    auto cancel(const AccountId& who, const Owners& others, Multisig::Timepoint timepoint) {
        return with_storage_layer([&] {
            return Multisig::cancel_as_multi(Origin::signed_by(who), 2, others, timepoint,
                                             call_hash);
        });
    }
};

TEST(MultisigAccount, is_the_address_that_every_wallet_derives) {
    native_host::reset();
    // Alice, Bob and Charlie of the development accounts, any two of them:
    // 5DjYJStmdZ2rcqXbXGX7TW85JsrW6uG4y9MUcLq2BoPMpRA7.
    Owners owners;
    for (const char* key : {"8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48",
                            "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22",
                            "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"}) {
        owners.push_back(AccountId::copy(*from_hex(key)));
    }
    EXPECT_EQ(Multisig::account_of(owners, 2).hex(),
              "0x49daa32c7287890f38b7e1a8cd2961723d36d20baa0bf3b82e0c4bdda93b1c0a");
}
TEST_F(MultisigTest, dispatches_at_the_threshold_and_returns_the_deposit) {
    ASSERT_TRUE(as_multi(bob, {alice, carol}, {}));
    EXPECT_EQ(Balances::reserved_balance(bob), kDeposit);
    EXPECT_TRUE(
        block.has_event(Multisig::encode_event(Multisig::kNewMultisig, bob, account, call_hash)));
    block.next();
    ASSERT_TRUE(as_multi(alice, {bob, carol}, opened));
    EXPECT_EQ(Balances::free_balance(test_account(9)), 5 * kUnit);
    EXPECT_EQ(Balances::reserved_balance(bob), 0U);
    EXPECT_EQ(Balances::free_balance(bob), 1000 * kUnit);
    EXPECT_FALSE(Multisig::multisigs.contains(account, call_hash));
    EXPECT_TRUE(block.has_event(Multisig::encode_event(Multisig::kMultisigExecuted, alice, opened,
                                                       account, call_hash, {DispatchResult()})));
}
TEST_F(MultisigTest, tells_how_a_failing_call_failed_and_is_over) {
    call = transfer(test_account(9), 5000 * kUnit);
    call_hash = call.hash().bytes;
    ASSERT_TRUE(as_multi(alice, {bob, carol}, {}));
    ASSERT_TRUE(as_multi(bob, {alice, carol}, opened));
    EXPECT_TRUE(block.has_event(
        Multisig::encode_event(Multisig::kMultisigExecuted, bob, opened, account, call_hash,
                               {std::unexpected(DispatchError(TokenError::funds_unavailable))})));
    EXPECT_EQ(Balances::reserved_balance(alice), 0U);
    EXPECT_FALSE(Multisig::multisigs.contains(account, call_hash));
}
TEST_F(MultisigTest, collects_approvals_by_hash) {
    const AccountId three = Multisig::account_of({alice, bob, carol}, 3);
    ASSERT_TRUE(Balances::mint_into(three, 100 * kUnit));
    ASSERT_TRUE(approve(carol, {alice, bob}, {}, 3));
    ASSERT_TRUE(approve(alice, {bob, carol}, opened, 3));
    EXPECT_TRUE(block.has_event(
        Multisig::encode_event(Multisig::kMultisigApproval, alice, opened, three, call_hash)));
    EXPECT_EQ(Multisig::multisigs.get(three, call_hash)->approvals.items, (Owners{alice, carol}));
    EXPECT_EQ(Multisig::multisigs.get(three, call_hash)->depositor, carol);
    ASSERT_TRUE(as_multi(bob, {alice, carol}, opened, 3));
    EXPECT_EQ(Balances::free_balance(test_account(9)), 5 * kUnit);
}
TEST_F(MultisigTest, is_dispatched_by_an_owner_who_approved_its_hash_last) {
    ASSERT_TRUE(approve(alice, {bob, carol}, {}));
    ASSERT_TRUE(approve(bob, {alice, carol}, opened));
    EXPECT_EQ(reason(approve(carol, {alice, bob}, opened)),
              Multisig::error(Multisig::kAlreadyApproved));
    ASSERT_TRUE(as_multi(alice, {bob, carol}, opened));
    EXPECT_EQ(Balances::free_balance(test_account(9)), 5 * kUnit);
}
TEST_F(MultisigTest, of_threshold_one_dispatches_at_once) {
    const AccountId any = Multisig::account_of({alice, bob}, 1);
    ASSERT_TRUE(Balances::mint_into(any, 100 * kUnit));
    const auto result = Multisig::as_multi_threshold_1(Origin::signed_by(bob), {alice}, call);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->actual_weight->ref_time_ps > call.info().weight.ref_time_ps);
    EXPECT_EQ(Balances::free_balance(any), 95 * kUnit);
    call = transfer(test_account(9), 5000 * kUnit);
    EXPECT_EQ(reason(Multisig::as_multi_threshold_1(Origin::signed_by(bob), {alice}, call)),
              DispatchError(TokenError::funds_unavailable));
}
TEST_F(MultisigTest, is_cancelled_by_who_opened_it) {
    ASSERT_TRUE(as_multi(alice, {bob, carol}, {}));
    EXPECT_EQ(reason(cancel(alice, {bob, carol}, {7, 7})),
              Multisig::error(Multisig::kWrongTimepoint));
    EXPECT_EQ(reason(cancel(bob, {alice, carol}, opened)), Multisig::error(Multisig::kNotOwner));
    ASSERT_TRUE(cancel(alice, {bob, carol}, opened));
    EXPECT_EQ(Balances::free_balance(alice), 1000 * kUnit);
    EXPECT_TRUE(block.has_event(
        Multisig::encode_event(Multisig::kMultisigCancelled, alice, opened, account, call_hash)));
    EXPECT_EQ(reason(cancel(alice, {bob, carol}, opened)), Multisig::error(Multisig::kNotFound));
}
TEST_F(MultisigTest, refuses_bad_lists_of_owners) {
    EXPECT_EQ(reason(as_multi(alice, {bob}, {}, 1)), Multisig::error(Multisig::kMinimumThreshold));
    EXPECT_EQ(reason(as_multi(alice, {}, {})), Multisig::error(Multisig::kTooFewSignatories));
    EXPECT_EQ(reason(as_multi(alice, Owners(100, bob), {})),
              Multisig::error(Multisig::kTooManySignatories));
    EXPECT_EQ(reason(as_multi(alice, {carol, bob}, {})),
              Multisig::error(Multisig::kSignatoriesOutOfOrder));
    EXPECT_EQ(reason(as_multi(alice, {bob, bob}, {})),
              Multisig::error(Multisig::kSignatoriesOutOfOrder));
    EXPECT_EQ(reason(as_multi(alice, {alice, bob}, {})),
              Multisig::error(Multisig::kSenderInSignatories));
    EXPECT_EQ(reason(Multisig::as_multi_threshold_1(Origin::root(), {bob}, call)),
              DispatchError::bad_origin());
}
TEST_F(MultisigTest, refuses_wrong_timepoints_low_weights_and_double_approval) {
    EXPECT_EQ(reason(as_multi(alice, {bob, carol}, opened)),
              Multisig::error(Multisig::kUnexpectedTimepoint));
    ASSERT_TRUE(as_multi(alice, {bob, carol}, {}));
    EXPECT_EQ(reason(as_multi(bob, {alice, carol}, {})), Multisig::error(Multisig::kNoTimepoint));
    EXPECT_EQ(reason(as_multi(bob, {alice, carol}, Multisig::Timepoint{1, 5})),
              Multisig::error(Multisig::kWrongTimepoint));
    EXPECT_EQ(reason(as_multi(alice, {bob, carol}, opened)),
              Multisig::error(Multisig::kAlreadyApproved));
    EXPECT_EQ(reason(as_multi(bob, {alice, carol}, opened, 2, {1, 1})),
              Multisig::error(Multisig::kMaxWeightTooLow));
    EXPECT_EQ(Balances::reserved_balance(alice), kDeposit);
}
TEST_F(MultisigTest, needs_the_deposit) {
    const AccountId poor = block.endow(4, config::kExistentialDeposit * 2);
    EXPECT_EQ(reason(as_multi(poor, {test_account(5)}, {})),
              Balances::error(Balances::kInsufficientBalance));
}

}  // namespace
}  // namespace stipple::runtime
