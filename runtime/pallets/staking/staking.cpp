// Calls of stakers: bonding, unbonding, and the roles. Eras, rewards and slashes: eras.cpp.
#include "pallets/staking/staking.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
constexpr Balance kMinimum = config::kExistentialDeposit;

bool has_role(const AccountId& stash) {
    return Staking::validators.contains(stash) || Staking::nominators.contains(stash);
}
void give_up_roles(const AccountId& stash) {
    Staking::validators.remove(stash);
    Staking::nominators.remove(stash);
}
void add(Compact<Balance>& sum, Balance value) {
    sum.value = saturating_add(sum.value, value);
}
DispatchResult force(Forcing mode) {
    Staking::force_era.set(mode);
    Staking::deposit(Staking::kForceEra, mode);
    return {};
}
/// What has unlocked goes from the ledger's total; how much.
Balance take_unlocked(StakingLedger& ledger, EraIndex era) {
    Balance free = 0;
    std::erase_if(ledger.unlocking.items, [&](const UnlockChunk& chunk) {
        const bool unlocked = chunk.era.value <= era;
        free = saturating_add(free, unlocked ? chunk.value.value : 0);
        return unlocked;
    });
    free = std::min(free, ledger.total.value);
    ledger.total.value -= free;
    return free;
}
}  // namespace

Outcome<StakingLedger> Staking::ledger_of(const Origin& origin) {
    TRY_ASSIGN(const AccountId stash, ensure_signed(origin));
    auto found = ledger.get(stash);
    return found ? Outcome<StakingLedger>(*std::move(found)) : fail(kNotController);
}

DispatchResult Staking::bond(const Origin& origin, Compact<Balance> value,
                             const RewardDestination& payee_of) {
    TRY_ASSIGN(const AccountId stash, ensure_signed(origin));
    if (bonded.contains(stash)) {
        return fail(kAlreadyBonded);
    }
    const Balance staked =
        std::min(value.value, Balances::reducible_balance(stash, Preservation::preserve));
    if (staked < kMinimum) {
        return fail(kInsufficientBond);
    }
    TRY(Balances::hold(held(), stash, staked));
    bonded.insert(stash, stash);
    payee.insert(stash, payee_of);
    ledger.insert(stash, {stash, {staked}, {staked}, {}, {}});
    deposit(kBonded, stash, staked);
    return {};
}

DispatchResult Staking::bond_extra(const Origin& origin, Compact<Balance> max_additional) {
    TRY_ASSIGN(StakingLedger mine, ledger_of(origin));
    const Balance extra = std::min(max_additional.value,
                                   Balances::reducible_balance(mine.stash, Preservation::preserve));
    if (saturating_add(mine.active.value, extra) < kMinimum) {
        return fail(kInsufficientBond);
    }
    TRY(Balances::hold(held(), mine.stash, extra));
    add(mine.total, extra);
    add(mine.active, extra);
    ledger.insert(mine.stash, mine);
    deposit(kBonded, mine.stash, extra);
    return {};
}

DispatchResult Staking::unbond(const Origin& origin, Compact<Balance> value) {
    TRY_ASSIGN(StakingLedger mine, ledger_of(origin));
    Balance leaving = std::min(value.value, mine.active.value);
    if (leaving == 0) {
        return {};
    }
    // Less than the existential deposit does not stay at stake alone.
    if (mine.active.value - leaving < kMinimum) {
        leaving = mine.active.value;
    }
    if (leaving == mine.active.value && has_role(mine.stash)) {
        return fail(kInsufficientBond);
    }
    mine.active.value -= leaving;
    const EraIndex era = saturating_add(current_era.get().value_or(0), config::kBondingDuration);
    if (!mine.unlocking.empty() && mine.unlocking.items.back().era.value == era) {
        add(mine.unlocking.items.back().value, leaving);
    } else if (!mine.unlocking.try_push({{leaving}, {era}})) {
        return fail(kNoMoreChunks);
    }
    ledger.insert(mine.stash, mine);
    deposit(kUnbonded, mine.stash, leaving);
    return {};
}

DispatchResult Staking::rebond(const Origin& origin, Compact<Balance> value) {
    TRY_ASSIGN(StakingLedger mine, ledger_of(origin));
    if (mine.unlocking.empty()) {
        return fail(kNoUnlockChunk);
    }
    Balance left = value.value;
    Balance back = 0;
    while (left > 0 && !mine.unlocking.empty()) {
        Balance& last = mine.unlocking.items.back().value.value;
        const Balance part = std::min(left, last);
        left -= part;
        last -= part;
        back = saturating_add(back, part);
        if (last == 0) {
            mine.unlocking.items.pop_back();
        }
    }
    add(mine.active, back);
    if (mine.active.value < kMinimum) {
        return fail(kInsufficientBond);
    }
    ledger.insert(mine.stash, mine);
    deposit(kBonded, mine.stash, back);
    return {};
}

DispatchResult Staking::withdraw_unbonded(const Origin& origin, std::uint32_t) {
    TRY_ASSIGN(StakingLedger mine, ledger_of(origin));
    const Balance free = take_unlocked(mine, current_era.get().value_or(0));
    if (mine.unlocking.empty() && mine.active.value < kMinimum) {
        const Balance rest = Balances::balance_on_hold(held(), mine.stash);
        forget(mine.stash);
        TRY(Balances::release(held(), mine.stash, rest));
        deposit(kWithdrawn, mine.stash, rest);
        return {};
    }
    if (free > 0) {
        TRY(Balances::release(held(), mine.stash, free));
        ledger.insert(mine.stash, mine);
        deposit(kWithdrawn, mine.stash, free);
    }
    return {};
}

void Staking::forget(const AccountId& stash) {
    give_up_roles(stash);
    bonded.remove(stash);
    ledger.remove(stash);
    payee.remove(stash);
}

// ---- roles ----

DispatchResult Staking::validate(const Origin& origin, const ValidatorPrefs& prefs) {
    TRY_ASSIGN(const StakingLedger mine, ledger_of(origin));
    if (mine.active.value < kMinimum) {
        return fail(kInsufficientBond);
    }
    if (!validators.contains(mine.stash) && validators.count() >= config::kMaxValidators) {
        return fail(kTooManyValidators);
    }
    ValidatorPrefs sane = prefs;
    sane.commission.value = std::min(sane.commission.value, Perbill::kOne);
    nominators.remove(mine.stash);
    validators.insert(mine.stash, sane);
    deposit(kValidatorPrefsSet, mine.stash, sane);
    return {};
}

DispatchResult Staking::nominate(const Origin& origin, const std::vector<MultiAddress>& targets) {
    TRY_ASSIGN(const StakingLedger mine, ledger_of(origin));
    if (mine.active.value < kMinimum) {
        return fail(kInsufficientBond);
    }
    const auto before = nominators.get(mine.stash);
    if (!before && nominators.count() >= config::kMaxElectingNominators) {
        return fail(kTooManyNominators);
    }
    if (targets.empty()) {
        return fail(kEmptyTargets);
    }
    if (targets.size() > Nominations::kMaxTargets) {
        return fail(kTooManyTargets);
    }
    Nominations made;
    made.submitted_in = current_era.get().value_or(0);
    for (const MultiAddress& target : targets) {
        TRY_ASSIGN(const AccountId who, lookup(target));
        const bool kept =
            before && std::ranges::find(before->targets, who) != before->targets.end();
        if (!validators.contains(who) || (!kept && validators.get(who).blocked)) {
            return fail(kBadTarget);
        }
        if (std::ranges::find(made.targets, who) == made.targets.end()) {
            made.targets.items.push_back(who);
        }
    }
    validators.remove(mine.stash);
    nominators.insert(mine.stash, made);
    return {};
}

DispatchResult Staking::chill(const Origin& origin) {
    TRY_ASSIGN(const StakingLedger mine, ledger_of(origin));
    if (has_role(mine.stash)) {
        give_up_roles(mine.stash);
        deposit(kChilled, mine.stash);
    }
    return {};
}

DispatchResult Staking::set_payee(const Origin& origin, const RewardDestination& payee_of) {
    TRY_ASSIGN(const StakingLedger mine, ledger_of(origin));
    payee.insert(mine.stash, payee_of);
    return {};
}

// ---- Root ----

DispatchResult Staking::set_validator_count(const Origin& origin, Compact<std::uint32_t> next) {
    TRY(ensure_root(origin));
    if (next.value > config::kMaxValidators) {
        return fail(kTooManyValidators);
    }
    validator_count.set(next.value);
    return {};
}

DispatchResult Staking::set_invulnerables(const Origin& origin,
                                          const std::vector<AccountId>& list) {
    TRY(ensure_root(origin));
    auto bounded = BoundedVec<AccountId, config::kMaxInvulnerables>::from(list);
    if (!bounded) {
        return fail(kBoundNotMet);
    }
    invulnerables.set(*bounded);
    return {};
}

DispatchResult Staking::force_no_eras(const Origin& origin) {
    TRY(ensure_root(origin));
    return force(Forcing::force_none);
}

DispatchResult Staking::force_new_era(const Origin& origin) {
    TRY(ensure_root(origin));
    return force(Forcing::force_new);
}

DispatchResult Staking::force_new_era_always(const Origin& origin) {
    TRY(ensure_root(origin));
    return force(Forcing::force_always);
}

DispatchResult Staking::cancel_deferred_slash(const Origin& origin, EraIndex era,
                                              const std::vector<std::uint32_t>& slash_indices) {
    TRY(ensure_root(origin));
    if (slash_indices.empty()) {
        return fail(kEmptyTargets);
    }
    if (std::ranges::adjacent_find(slash_indices, std::greater_equal<>()) != slash_indices.end()) {
        return fail(kNotSortedAndUnique);
    }
    auto waiting = unapplied_slashes.get(era);
    if (slash_indices.back() >= waiting.size()) {
        return fail(kInvalidSlashIndex);
    }
    for (auto index_at = slash_indices.rbegin(); index_at != slash_indices.rend(); ++index_at) {
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(*index_at));
    }
    unapplied_slashes.insert(era, waiting);
    return {};
}

}  // namespace stipple::runtime
