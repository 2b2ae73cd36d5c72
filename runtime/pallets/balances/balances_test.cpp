#include "pallets/balances/balances.hpp"

#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr Balance kUnit = config::kUnit;
Compact<Balance> compact(Balance value) {
    return {value};
}

TEST(Balances, transfers_move_money_and_say_so) {
    TestBlock block;
    const AccountId alice = block.endow(1, 10 * kUnit);
    const AccountId bob = test_account(2);
    ASSERT_TRUE(Balances::transfer_allow_death(Origin::signed_by(alice), MultiAddress::of(bob),
                                               compact(3 * kUnit)));
    EXPECT_EQ(Balances::free_balance(alice), 7 * kUnit);
    EXPECT_EQ(Balances::free_balance(bob), 3 * kUnit);
    EXPECT_TRUE(
        block.has_event(Balances::encode_event(Balances::kTransfer, alice, bob, 3 * kUnit)));
    EXPECT_TRUE(block.has_event(System::encode_event(System::kNewAccount, bob)));
    EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
}
TEST(Balances, of_too_little_are_refused_with_the_reason) {
    TestBlock block;
    const AccountId alice = block.endow(1, 10 * kUnit);
    const AccountId bob = test_account(2);
    const auto too_much = Balances::transfer_allow_death(
        Origin::signed_by(alice), MultiAddress::of(bob), compact(11 * kUnit));
    ASSERT_FALSE(too_much);
    EXPECT_EQ(too_much.error(), DispatchError(TokenError::funds_unavailable));
    const auto too_little = with_storage_layer([&] {
        return Balances::transfer_allow_death(Origin::signed_by(alice), MultiAddress::of(bob),
                                              compact(1));
    });
    EXPECT_EQ(too_little.error(), DispatchError(TokenError::below_minimum));
    const auto killing = Balances::transfer_keep_alive(Origin::signed_by(alice),
                                                       MultiAddress::of(bob), compact(10 * kUnit));
    EXPECT_EQ(killing.error(), DispatchError(TokenError::not_expendable));
}
TEST(Balances, end_an_account_below_the_existential_deposit_and_its_dust) {
    TestBlock block;
    const AccountId alice = block.endow(1, 10 * kUnit);
    const AccountId bob = block.endow(2, kUnit);
    ASSERT_TRUE(Balances::transfer(alice, bob, 10 * kUnit - 5, Preservation::expendable));
    EXPECT_FALSE(System::account.contains(alice));
    EXPECT_TRUE(block.has_event(Balances::encode_event(Balances::kDustLost, alice, 5)));
    EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
}
TEST(Balances, on_hold_cannot_be_spent_and_keep_the_account) {
    TestBlock block;
    const AccountId alice = block.endow(1, 10 * kUnit);
    const RuntimeHoldReason reason{4, 0};
    ASSERT_TRUE(Balances::hold(reason, alice, 9 * kUnit));
    EXPECT_EQ(Balances::balance_on_hold(reason, alice), 9 * kUnit);
    EXPECT_EQ(Balances::reserved_balance(alice), 9 * kUnit);
    EXPECT_FALSE(Balances::transfer(alice, test_account(2), 2 * kUnit, Preservation::expendable));
    EXPECT_FALSE(Balances::transfer(alice, test_account(2), kUnit, Preservation::expendable));
    EXPECT_EQ(*Balances::release(reason, alice, 20 * kUnit), 9 * kUnit);
    EXPECT_EQ(Balances::free_balance(alice), 10 * kUnit);
    EXPECT_TRUE(Balances::holds.get(alice).empty());
    EXPECT_EQ(System::account.get(alice).consumers, 0U);
}
TEST(Balances, under_a_lock_stay_above_it) {
    TestBlock block;
    const AccountId alice = block.endow(1, 10 * kUnit);
    ASSERT_TRUE(Balances::set_lock(name_bytes<8>("staking "), alice, 8 * kUnit));
    const auto refused =
        Balances::transfer(alice, test_account(2), 3 * kUnit, Preservation::expendable);
    EXPECT_EQ(refused.error(), DispatchError(TokenError::frozen));
    EXPECT_TRUE(Balances::transfer(alice, test_account(2), 2 * kUnit, Preservation::expendable));
    Balances::remove_lock(name_bytes<8>("staking "), alice);
    EXPECT_TRUE(Balances::transfer(alice, test_account(2), 8 * kUnit, Preservation::expendable));
    EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
}
TEST(Balances, that_are_slashed_leave_the_issuance) {
    TestBlock block;
    const AccountId alice = block.endow(1, 10 * kUnit);
    ASSERT_TRUE(Balances::reserve(alice, 4 * kUnit));
    EXPECT_EQ(Balances::slash_reserved(alice, 5 * kUnit), 4 * kUnit);
    EXPECT_EQ(Balances::slash(alice, kUnit), kUnit);
    EXPECT_EQ(Balances::total_balance(alice), 5 * kUnit);
    EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
}

TEST(Balances, give_back_of_a_reserve_only_what_nobody_holds) {
    TestBlock block;
    const AccountId who = block.endow(1, 100 * config::kUnit);
    const auto reason = RuntimeHoldReason{32, 0};
    const Name8 name = name_bytes<8>("mine");
    ASSERT_TRUE(Balances::hold(reason, who, 10 * config::kUnit));
    ASSERT_TRUE(Balances::reserve_named(name, who, 5 * config::kUnit));
    ASSERT_TRUE(Balances::reserve(who, 2 * config::kUnit));
    ASSERT_TRUE(Balances::force_unreserve(Origin::root(), MultiAddress::of(who), kBalanceMax));
    EXPECT_EQ(Balances::reserved_balance(who), 15 * config::kUnit);
    EXPECT_EQ(Balances::slash_reserved(who, config::kUnit), 0U);
    EXPECT_EQ(Balances::unreserve_named(name, who, 4 * config::kUnit), 0U);
    EXPECT_EQ(Balances::slash_held(reason, who, 11 * config::kUnit), 10 * config::kUnit);
    EXPECT_EQ(Balances::reserved_balance(who), config::kUnit);
    EXPECT_TRUE(Balances::holds.get(who).empty());
    EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
}

}  // namespace
}  // namespace stipple::runtime
