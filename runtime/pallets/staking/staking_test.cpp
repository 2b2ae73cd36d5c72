#include "pallets/staking/staking.hpp"

#include "kit/genesis_build.hpp"
#include "pallets/authorship/authorship.hpp"
#include "pallets/session/session.hpp"
#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr Balance kRich = 1000 * config::kUnit;

/// Validators 1 and 2 with 100 and 200 units at stake, a nominator 3 of both
/// with 60; the first era has begun.
struct StakingTest : ::testing::Test {
    TestBlock block;

    StakingTest() {
        for (std::uint8_t i = 1; i <= 4; ++i) {
            block.endow(i, kRich);
        }
        EXPECT_TRUE(bond(1, 100));
        EXPECT_TRUE(bond(2, 200));
        EXPECT_TRUE(bond(3, 60));
        EXPECT_TRUE(Staking::validate(by(1), {{Perbill::percent(10).parts}, false}));
        EXPECT_TRUE(Staking::validate(by(2), {}));
        EXPECT_TRUE(Staking::nominate(by(3), {address(1), address(2)}));
        Staking::validator_count.set(2);
        Staking::on_genesis_session();
    }
    static Origin by(std::uint8_t who) { return Origin::signed_by(test_account(who)); }
    static MultiAddress address(std::uint8_t who) {
        MultiAddress made;
        made.value.emplace<0>(test_account(who));
        return made;
    }
    static DispatchResult bond(std::uint8_t who, Balance units) {
        RewardDestination at_stash;
        at_stash.value.emplace<1>();
        return Staking::bond(by(who), {units * config::kUnit}, at_stash);
    }
    static Balance on_hold(std::uint8_t who) {
        return Balances::balance_on_hold(Staking::held(), test_account(who));
    }
    /// The sessions up to the beginning of era `era`, as the session pallet runs
    /// them.
    static void begin_era(EraIndex era) {
        static constexpr SessionIndex kAhead = 2;
        while (Staking::active_era.get()->index < era) {
            const SessionIndex ended = session++;
            Staking::end_session(ended);
            Staking::start_session(ended + 1);
            Staking::new_session(ended + kAhead);
        }
    }
    void SetUp() override {
        session = 0;
        Staking::new_session(1);
    }
    static void expect_consistent() {
        EXPECT_EQ(Balances::total_issuance.get(), TestBlock::sum_of_accounts());
        Staking::ledger.for_each([](const auto& keys, const StakingLedger& mine) {
            Balance sum = mine.active.value;
            for (const UnlockChunk& chunk : mine.unlocking) {
                sum += chunk.value.value;
            }
            EXPECT_EQ(sum, mine.total.value);
            EXPECT_EQ(Balances::balance_on_hold(Staking::held(), std::get<0>(keys)), sum);
            return true;
        });
    }
    static inline SessionIndex session = 0;
};

TEST_F(StakingTest, holds_what_is_bonded_and_frees_it_after_the_bonding_duration) {
    EXPECT_EQ(on_hold(3), 60 * config::kUnit);
    EXPECT_EQ(bond(3, 1).error(), Staking::error(Staking::kAlreadyBonded));
    ASSERT_TRUE(Staking::bond_extra(by(3), {40 * config::kUnit}));
    ASSERT_TRUE(Staking::unbond(by(3), {30 * config::kUnit}));
    ASSERT_TRUE(Staking::unbond(by(3), {10 * config::kUnit}));
    EXPECT_EQ(Staking::ledger.get(test_account(3))->unlocking.size(), 1U);
    ASSERT_TRUE(Staking::rebond(by(3), {15 * config::kUnit}));
    EXPECT_EQ(Staking::ledger.get(test_account(3))->active.value, 75 * config::kUnit);
    begin_era(config::kBondingDuration - 1);
    Staking::current_era.set(config::kBondingDuration - 1);
    ASSERT_TRUE(Staking::withdraw_unbonded(by(3), 0));
    EXPECT_EQ(on_hold(3), 100 * config::kUnit);
    Staking::current_era.set(config::kBondingDuration);
    ASSERT_TRUE(Staking::withdraw_unbonded(by(3), 0));
    EXPECT_EQ(on_hold(3), 75 * config::kUnit);
    expect_consistent();
}
TEST_F(StakingTest, forgets_who_has_withdrawn_everything) {
    EXPECT_EQ(Staking::unbond(by(3), {kRich}).error(), Staking::error(Staking::kInsufficientBond));
    ASSERT_TRUE(Staking::chill(by(3)));
    ASSERT_TRUE(Staking::unbond(by(3), {kRich}));
    Staking::current_era.set(config::kBondingDuration);
    ASSERT_TRUE(Staking::withdraw_unbonded(by(3), 0));
    EXPECT_FALSE(Staking::bonded.contains(test_account(3)));
    EXPECT_FALSE(Staking::ledger.contains(test_account(3)));
    EXPECT_EQ(Balances::free_balance(test_account(3)), kRich);
    EXPECT_EQ(Staking::chill(by(3)).error(), Staking::error(Staking::kNotController));
}
TEST_F(StakingTest, refuses_bad_nominations) {
    EXPECT_EQ(Staking::nominate(by(3), {}).error(), Staking::error(Staking::kEmptyTargets));
    EXPECT_EQ(Staking::nominate(by(3), {address(4)}).error(), Staking::error(Staking::kBadTarget));
    EXPECT_EQ(Staking::nominate(by(3), std::vector(17, address(1))).error(),
              Staking::error(Staking::kTooManyTargets));
    ASSERT_TRUE(Staking::validate(by(2), {{0}, true}));
    EXPECT_TRUE(Staking::nominate(by(3), {address(2), address(2)})) << "nominated before";
    EXPECT_EQ(Staking::nominators.get(test_account(3))->targets.size(), 1U);
    EXPECT_EQ(Staking::nominate(by(4), {address(1)}).error(),
              Staking::error(Staking::kNotController));
}
TEST_F(StakingTest, elects_two_sessions_ahead_and_keeps_exposures) {
    // By hand: 2 is elected with 260, load 1/260 of the nominator; 1 with 1/160 +
    // 60/260/160 = 1/130: the nominator stands behind each with half of its 60.
    const Exposure first = Staking::eras_stakers.get(0, test_account(1));
    EXPECT_EQ(first.own.value, 100 * config::kUnit);
    ASSERT_EQ(first.others.size(), 1U);
    const Balance half = 30 * config::kUnit;
    EXPECT_LE(first.others[0].value.value - half + 1, 2U);
    EXPECT_EQ(Staking::eras_total_stake.get(0), 360 * config::kUnit);
    EXPECT_EQ(Staking::new_session(config::kSessionsPerEra - 1), std::nullopt);
    const auto chosen = Staking::new_session(config::kSessionsPerEra);
    EXPECT_EQ(chosen, (std::vector{test_account(1), test_account(2)}));
    EXPECT_EQ(Staking::current_era.get(), 1U);
    EXPECT_EQ(Staking::active_era.get()->index, 0U);
}
TEST_F(StakingTest, keeps_the_validators_when_too_few_are_elected) {
    Staking::minimum_validator_count.set(3);
    EXPECT_EQ(Staking::new_session(config::kSessionsPerEra), std::nullopt);
    EXPECT_TRUE(block.has_event(Staking::encode_event(Staking::kStakingElectionFailed)));
    EXPECT_EQ(Staking::current_era.get(), 0U);
}
TEST_F(StakingTest, begins_eras_when_root_says) {
    EXPECT_EQ(Staking::force_new_era(by(1)).error(), DispatchError::bad_origin());
    ASSERT_TRUE(Staking::force_new_era(Origin::root()));
    EXPECT_TRUE(Staking::new_session(2));
    EXPECT_FALSE(Staking::new_session(3));
    ASSERT_TRUE(Staking::force_no_eras(Origin::root()));
    EXPECT_FALSE(Staking::new_session(30));
    ASSERT_TRUE(Staking::force_new_era_always(Origin::root()));
    EXPECT_TRUE(Staking::new_session(31));
    EXPECT_TRUE(Staking::new_session(32));
}
TEST_F(StakingTest, pays_by_points_commission_and_stake_once) {
    Authorship::author_of_block.set(test_account(1));
    Staking::on_initialize(1);
    Staking::on_initialize(2);
    Staking::on_initialize(3);
    Authorship::author_of_block.set(test_account(2));
    Staking::on_initialize(4);
    EXPECT_EQ(Staking::payout_stakers(by(4), test_account(1), 0).error().error,
              Staking::error(Staking::kInvalidEraToReward));
    begin_era(1);
    const Balance reward = Staking::eras_validator_reward.get(0).value();
    const Balance expected = multiply_by_rational(4 * kRich, 6 * 10 * 6000, 315'576'000'000);
    EXPECT_EQ(reward, expected);
    const Balance before = Balances::free_balance(test_account(1));
    const auto paid = Staking::payout_stakers(by(4), test_account(1), 0);
    ASSERT_TRUE(paid);
    EXPECT_EQ(paid->actual_weight, Staking::payout_cost(1)) << "of one nominator";
    // Three points of four; a tenth first; then 100 of 130 for its own stake.
    const Balance share = reward / 4 * 3;
    const Balance own = share / 10 + (share - share / 10) / 13 * 10;
    const Balance earned = Balances::free_balance(test_account(1)) - before;
    EXPECT_LT(earned > own ? earned - own : own - earned, 100U) << "but for rounding";
    EXPECT_GT(Balances::free_balance(test_account(3)), kRich - 60 * config::kUnit);
    EXPECT_EQ(Staking::payout_stakers(by(4), test_account(1), 0).error().error,
              Staking::error(Staking::kAlreadyClaimed));
    EXPECT_EQ(Staking::payout_stakers(by(4), test_account(4), 0).error().error,
              Staking::error(Staking::kNotStash));
    expect_consistent();
}
TEST(StakingWeights, let_the_largest_payout_into_a_block) {
    const Weight most = *System::block_weights().per_class.normal.max_extrinsic;
    EXPECT_FALSE(Staking::payout_cost(config::kMaxNominators).any_above(most));
}
TEST_F(StakingTest, adds_rewards_to_the_stake_where_it_is_told_to) {
    Authorship::author_of_block.set(test_account(2));
    Staking::on_initialize(1);
    ASSERT_TRUE(Staking::set_payee(by(2), {}));
    begin_era(1);
    ASSERT_TRUE(Staking::payout_stakers(by(4), test_account(2), 0));
    EXPECT_GT(Staking::ledger.get(test_account(2))->active.value, 200 * config::kUnit);
    expect_consistent();
}
TEST_F(StakingTest, slashes_after_the_delay_and_reaches_what_is_unlocking) {
    const Balance issued = Balances::total_issuance.get();
    Staking::on_offence(test_account(1), 0, Perbill::percent(50));
    EXPECT_FALSE(Staking::validators.contains(test_account(1))) << "chilled at once";
    ASSERT_TRUE(Staking::chill(by(3)));
    ASSERT_TRUE(Staking::unbond(by(3), {60 * config::kUnit}));
    begin_era(config::kSlashDeferDuration);
    EXPECT_EQ(on_hold(1), 100 * config::kUnit);
    begin_era(config::kSlashDeferDuration + 1);
    EXPECT_EQ(on_hold(1), 50 * config::kUnit);
    EXPECT_LT(on_hold(3), 45 * config::kUnit + 2);
    EXPECT_EQ(on_hold(2), 200 * config::kUnit);
    EXPECT_LT(Balances::total_issuance.get(), issued - 64 * config::kUnit);
    expect_consistent();
}
TEST_F(StakingTest, slashes_an_offender_of_an_era_for_the_difference_only) {
    Staking::on_offence(test_account(1), 0, Perbill::percent(20));
    Staking::on_offence(test_account(1), 0, Perbill::percent(10));
    Staking::on_offence(test_account(1), 0, Perbill::percent(50));
    const EraIndex due = config::kSlashDeferDuration + 1;
    const auto waiting = Staking::unapplied_slashes.get(due);
    ASSERT_EQ(waiting.size(), 2U);
    EXPECT_EQ(waiting[0].own, 20 * config::kUnit);
    EXPECT_EQ(waiting[1].own, 30 * config::kUnit);
    EXPECT_EQ(Staking::cancel_deferred_slash(Origin::root(), due, {0, 0}).error(),
              Staking::error(Staking::kNotSortedAndUnique));
    EXPECT_EQ(Staking::cancel_deferred_slash(Origin::root(), due, {2}).error(),
              Staking::error(Staking::kInvalidSlashIndex));
    ASSERT_TRUE(Staking::cancel_deferred_slash(Origin::root(), due, {0}));
    begin_era(due);
    EXPECT_EQ(on_hold(1), 70 * config::kUnit);
}
TEST_F(StakingTest, spares_the_invulnerable_and_the_long_past) {
    ASSERT_TRUE(Staking::set_invulnerables(Origin::root(), {test_account(1)}));
    Staking::on_offence(test_account(1), 0, Perbill::percent(100));
    EXPECT_TRUE(Staking::validators.contains(test_account(1)));
    begin_era(config::kBondingDuration + 1);
    Staking::on_offence(test_account(2), 0, Perbill::percent(100));
    EXPECT_TRUE(Staking::validators.contains(test_account(2)));
    EXPECT_TRUE(block.has_event(Staking::encode_event(Staking::kOldSlashingReportDiscarded, 0U)));
}
TEST_F(StakingTest, forgets_who_has_lost_everything) {
    Staking::on_offence(test_account(1), 0, Perbill::percent(100));
    begin_era(config::kSlashDeferDuration + 1);
    EXPECT_FALSE(Staking::ledger.contains(test_account(1)));
    EXPECT_EQ(on_hold(1), 0U);
    expect_consistent();
}

TEST(StakingGenesis, refuses_bad_stakers_with_their_path) {
    const std::string account = "0x" + std::string(64, '1');
    const std::string other = "0x" + std::string(64, '2');
    const auto refusal = [&](const std::string& staking) {
        native_host::reset();
        const auto built = build_genesis(R"({"balances":{"balances":[[")" + account +
                                         R"(",1000000000000]]},"staking":)" + staking + "}");
        return built ? std::string("none") : built.error();
    };
    const auto staker = [](const std::string& stash, const std::string& amount,
                           const std::string& role) {
        return "[\"" + stash + "\",\"" + stash + "\"," + amount + "," + role + "]";
    };
    const auto stakers = [](const std::string& list) { return R"({"stakers":[)" + list + "]}"; };
    const std::string good = staker(account, "500000000000", R"("Validator")");
    EXPECT_EQ(refusal(stakers(good)), "session.keys: no authorities");
    EXPECT_EQ(refusal(stakers(good + "," + good)),
              "staking.stakers[1][0]: the stash is there twice");
    EXPECT_EQ(refusal(stakers(staker(other, "500000000000", R"("Idle")"))),
              "staking.stakers[0][2]: more than the stash has and need not keep");
    EXPECT_EQ(refusal(stakers(staker(account, "1", R"("Idle")"))),
              "staking.stakers[0][2]: below the existential deposit");
    EXPECT_EQ(refusal(stakers(staker(account, "500000000000", R"("Boss")"))),
              "staking.stakers[0][3]: not a role");
    EXPECT_EQ(
        refusal(stakers(staker(account, "500000000000", R"({"Nominator":[")" + other + R"("]})"))),
        "staking.stakers[0][3].Nominator[0]: not a validator of an entry before");
    EXPECT_EQ(refusal(R"({"validatorCount":1001})"),
              "staking.validatorCount: more validators than there can be");
    EXPECT_EQ(refusal(R"({"validatorCount":1,"minimumValidatorCount":2})"),
              "staking.minimumValidatorCount: above validatorCount");
    EXPECT_EQ(refusal(R"({"invulnerables":[")" + account + R"(",")" + account + R"("]})"),
              "staking.invulnerables[1]: the account is there twice");
}

}  // namespace
}  // namespace stipple::runtime
