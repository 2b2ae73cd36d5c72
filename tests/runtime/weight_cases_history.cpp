// Calls that take a history: eras that are over, slashes that wait, an upgrade that was authorised.
#include "crypto/hash.hpp"
#include "crypto/suri.hpp"
#include "pallets/staking/staking.hpp"
#include "pallets/system/system.hpp"
#include "tests/runtime/weight_cases.hpp"
#include "tests/support/shared_data.hpp"

namespace stipple::bench {

using runtime::AccountId;
using runtime::AccountInfo;
using runtime::Balance;
using runtime::Balances;
using runtime::EraIndex;
using runtime::RuntimeCall;
using runtime::Staking;
using runtime::System;

namespace {
constexpr Balance kUnit = runtime::config::kUnit;
constexpr std::uint32_t kFew = 50;
/// Payouts declare much before they know how many nominators there are.
constexpr std::uint32_t kFewPayouts = 5;
/// An era that is over, and one whose slashes wait.
constexpr EraIndex kEra = 7;
constexpr std::uint32_t kPointsOfEach = 20;

void add(Items& items, ByteView key, const auto& value) {
    items.emplace_back(to_bytes(key), scale::encode(value));
}

// ---- payouts ----

/// A staker with a hundred units on hold, who adds rewards to the stake: what costs most.
void add_staker(Items& items, const AccountId& who) {
    AccountInfo info;
    info.providers = 1;
    info.consumers = 1;
    info.data.free = 100 * kUnit;
    info.data.reserved = 100 * kUnit;
    add(items, System::account.key(who), info);
    add(items, Balances::holds.key(who),
        std::vector{runtime::IdAmount<runtime::RuntimeHoldReason>{Staking::held(), 100 * kUnit}});
    add(items, Staking::bonded.key(who), who);
    add(items, Staking::payee.key(who), runtime::RewardDestination{});
    add(items, Staking::ledger.key(who),
        runtime::StakingLedger{who, {100 * kUnit}, {100 * kUnit}, {}, {}});
}
AccountId nominator(std::uint32_t i) {
    return account(10'000 + i);
}
runtime::Exposure exposure(std::uint32_t nominators) {
    runtime::Exposure made{{(1 + nominators) * 100 * kUnit}, {100 * kUnit}, {}};
    for (std::uint32_t i = 0; i < nominators; ++i) {
        made.others.push_back({nominator(i), {100 * kUnit}});
    }
    return made;
}
/// What an era leaves that is over, in which account(i) has validated.
Items era_of(std::uint32_t i, std::uint32_t validators) {
    Items items;
    add_staker(items, account(i));
    runtime::EraRewardPoints points;
    for (std::uint32_t k = 0; k < validators; ++k) {
        points.individual.emplace(account(k), kPointsOfEach);
        points.total += kPointsOfEach;
    }
    add(items, Staking::eras_reward_points.key(kEra), points);
    add(items, Staking::eras_validator_reward.key(kEra), Balance{1000 * kUnit});
    add(items, Staking::eras_stakers.key(kEra, account(i)), exposure(0));
    return items;
}
Sent payout(std::uint32_t i) {
    return by_alice(RuntimeCall::make(Staking::index(), 18, account(i), kEra));
}
Sent put_most_nominators(std::uint32_t) {
    Items items = era_of(0, 1);
    const Items behind = most_nominators(account(0), kEra);
    items.insert(items.end(), behind.begin(), behind.end());
    return put(items);
}

// ---- slashes ----

/// Of a validator with all the nominators there can be.
Sent put_slash(std::uint32_t i) {
    runtime::UnappliedSlash slash{account(i), kUnit, {}, {}, 0};
    for (std::uint32_t k = 0; k < runtime::config::kMaxNominators; ++k) {
        slash.others.emplace_back(nominator(k), kUnit);
    }
    Items items;
    add(items, Staking::unapplied_slashes.key(kEra + i), std::vector{slash});
    return put(items);
}
Sent cancel_slash(std::uint32_t i) {
    return by_sudo(
        RuntimeCall::make(Staking::index(), 17, kEra + i, std::vector<std::uint32_t>{0}));
}

// ---- money that has unlocked ----

/// All that account(i) has at stake is free.
Sent put_unlocked(std::uint32_t i) {
    Items items;
    add_staker(items, account(i));
    runtime::StakingLedger ledger{account(i), {100 * kUnit}, {0}, {}, {}};
    CHECK(ledger.unlocking.try_push({{100 * kUnit}, {kEra}}));
    add(items, Staking::ledger.key(account(i)), ledger);
    add(items, Staking::validators.key(account(i)), runtime::ValidatorPrefs{});
    add(items, Staking::current_era.key(), kEra);
    return put(items);
}
Sent withdraw(std::uint32_t i) {
    return {account(i), RuntimeCall::make(Staking::index(), 3, std::uint32_t{0})};
}

// ---- upgrades ----

const Bytes& next_code() {
    static const Bytes code = testing::read_file(STIPPLE_NEXT_RUNTIME_PATH);
    return code;
}
Sent authorize(std::uint32_t) {
    return by_sudo(RuntimeCall::make(System::index(), 9, crypto::blake2b_256(next_code())));
}

constexpr WeightCase kHistory[] = {
    {"Staking.payout_stakers_to_none_but_the_validator", kFewPayouts, payout, {[](std::uint32_t i) {
         return put(era_of(i, kFewPayouts));
     }}},
    {"Staking.payout_stakers_to_512_nominators", 1, payout, {put_most_nominators}},
    {"Sudo.sudo(Staking.cancel_deferred_slash)", 20, cancel_slash, {put_slash}},
    {"Staking.withdraw_unbonded_and_end", kFew, withdraw, {put_unlocked}},
    {"Sudo.sudo(System.set_code)", 1,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(System::index(), 2, next_code())); }},
    {"Sudo.sudo(System.set_code_without_checks)", 1,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(System::index(), 3, next_code())); }},
    {"Sudo.sudo(System.authorize_upgrade_without_checks)", kFew,
     [](std::uint32_t) {
         return by_sudo(RuntimeCall::make(System::index(), 10, runtime::Hash{}));
     }},
    {"System.apply_authorized_upgrade",
     1,
     [](std::uint32_t) { return by_alice(RuntimeCall::make(System::index(), 11, next_code())); },
     {authorize}},
};
}  // namespace

Sent put(const Items& items) {
    return by_sudo(RuntimeCall::make(System::index(), 4, items));
}
Items most_nominators(const AccountId& validator, EraIndex era) {
    Items items;
    add(items, Staking::eras_stakers.key(era, validator),
        exposure(runtime::config::kMaxNominators));
    for (std::uint32_t i = 0; i < runtime::config::kMaxNominators; ++i) {
        add_staker(items, nominator(i));
    }
    return items;
}
std::span<const WeightCase> history_weight_cases() {
    return kHistory;
}

}  // namespace stipple::bench
