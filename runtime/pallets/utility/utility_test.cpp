#include "pallets/utility/utility.hpp"

#include "pallets/sudo/sudo.hpp"
#include "pallets/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace stipple::runtime {
namespace {

constexpr Balance kUnit = config::kUnit;

struct UtilityTest : ::testing::Test {
    TestBlock block;
    AccountId alice = block.endow(1, 100 * kUnit);
    AccountId bob = test_account(2);
    Origin by_alice = Origin::signed_by(alice);

    RuntimeCall pay(Balance units) const {
        return RuntimeCall::make(Balances::index(), 0, MultiAddress::of(bob),
                                 Compact<Balance>{units * kUnit});
    }
    Balance paid() const { return Balances::free_balance(bob) / kUnit; }
    static bool is_said(const Bytes& event) {
        const auto log = host::get(System::events_log.key());
        return log &&
               std::search(log->begin(), log->end(), event.begin(), event.end()) != log->end();
    }
};

TEST_F(UtilityTest, keeps_what_went_before_the_failure_of_a_batch) {
    const Utility::Calls calls{pay(1), pay(1000), pay(2)};
    const auto result = Utility::batch(by_alice, calls);
    ASSERT_TRUE(result);
    EXPECT_EQ(paid(), 1U);
    EXPECT_TRUE(is_said(
        Utility::encode_event(Utility::kBatchInterrupted, 1U, TokenError::funds_unavailable)));
    const Weight declared = Utility::batch_cost(calls).weight;
    EXPECT_TRUE(declared.any_above(*result->actual_weight)) << "the third was not made";
}
TEST_F(UtilityTest, undoes_all_of_a_batch_all_that_fails) {
    const auto call =
        RuntimeCall::make(Utility::index(), 2, Utility::Calls{pay(1), pay(1000), pay(2)});
    const auto result = call.dispatch(by_alice);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error, DispatchError(TokenError::funds_unavailable));
    EXPECT_TRUE(call.info().weight.any_above(*result.error().post.actual_weight));
    EXPECT_EQ(paid(), 0U);
}
TEST_F(UtilityTest, goes_on_behind_a_failure_of_a_force_batch) {
    ASSERT_TRUE(Utility::force_batch(by_alice, {pay(1000), pay(1), pay(2)}));
    EXPECT_EQ(paid(), 3U);
    EXPECT_TRUE(
        is_said(Utility::encode_event(Utility::kItemFailed, TokenError::funds_unavailable)));
    EXPECT_TRUE(is_said(Utility::encode_event(Utility::kBatchCompletedWithErrors)));
}
TEST_F(UtilityTest, takes_batches_of_somebody_and_of_bounded_length_only) {
    EXPECT_EQ(Utility::batch(Origin::none(), {}).error().error, DispatchError::bad_origin());
    const Utility::Calls many(Utility::kBatchedCallsMax + 1, RuntimeCall());
    EXPECT_EQ(Utility::batch(by_alice, many).error().error, Utility::error(Utility::kTooManyCalls));
}
TEST_F(UtilityTest, calls_from_the_address_that_wallets_derive) {
    // blake2-256 of "modlpy/utilisuba", the account and the index.
    Bytes material = to_bytes("modlpy/utilisuba");
    append(material, alice);
    append(material, scale::encode(std::uint16_t{7}));
    const AccountId derived = AccountId::copy(host::blake2_256(material));
    EXPECT_EQ(Utility::derivative_account(alice, 7), derived);
    (void)Balances::mint_into(derived, 10 * kUnit);
    ASSERT_TRUE(Utility::as_derivative(by_alice, 7, pay(3)));
    EXPECT_EQ(Balances::free_balance(derived), 7 * kUnit);
    EXPECT_EQ(Balances::free_balance(alice), 100 * kUnit);
    // A batch within tells what it used; the derivation is on top of it.
    const auto inner = RuntimeCall::make(Utility::index(), 0, Utility::Calls{pay(1)});
    const auto result = Utility::as_derivative(by_alice, 7, inner);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->actual_weight->any_above(inner.info().weight));
}
TEST_F(UtilityTest, dispatches_as_anybody_for_root) {
    EXPECT_EQ(Utility::dispatch_as(by_alice, by_alice, pay(1)).error(),
              DispatchError::bad_origin());
    ASSERT_TRUE(Utility::dispatch_as(Origin::root(), by_alice, pay(5)));
    EXPECT_EQ(paid(), 5U);
}

TEST(SudoPallet, lets_its_key_act_as_root_for_nothing) {
    TestBlock block;
    const AccountId alice = block.endow(1, kUnit);
    const Origin by_alice = Origin::signed_by(alice);
    const auto call = RuntimeCall::make(System::index(), 1, std::uint64_t{64});
    EXPECT_EQ(Sudo::sudo(by_alice, call).error().error, Sudo::error(Sudo::kRequireSudo));
    Sudo::key.set(alice);
    const auto result = Sudo::sudo(by_alice, call);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->pays_fee, Pays::no);
    EXPECT_TRUE(host::exists(as_bytes(std::string_view(":heappages"))));
    ASSERT_TRUE(Sudo::set_key(by_alice, MultiAddress::of(test_account(2))));
    EXPECT_EQ(Sudo::sudo(by_alice, call).error().error, Sudo::error(Sudo::kRequireSudo));
    ASSERT_TRUE(Sudo::remove_key(Origin::signed_by(test_account(2))));
    EXPECT_FALSE(Sudo::key.exists());
}

}  // namespace
}  // namespace stipple::runtime
