// Eras: elections, rewards and slashes.
#include "kit/sorting.hpp"
#include "pallets/authorship/authorship.hpp"
#include "pallets/staking/elections.hpp"
#include "pallets/staking/staking.hpp"
#include "pallets/timestamp/timestamp.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
constexpr Moment kYearMs = Moment{365} * 24 * 60 * 60 * 1000 + 6 * 60 * 60 * 1000;

/// A tenth of the issuance in a year, for the time that the era was to take.
Balance reward_of_era() {
    constexpr Moment kEraMs =
        config::kSessionsPerEra * config::kEpochSlots * config::kSlotDurationMs;
    return multiply_by_rational(Balances::total_issuance.get(), kEraMs, kYearMs * 10);
}

struct Election {
    std::vector<AccountId> candidates;
    std::vector<elections::Voter> voters;
};
/// Everybody that wants to validate, and votes of all that stake. In the order of accounts.
Election election_of_all() {
    Election all;
    const auto active = [](const AccountId& who) {
        const auto known = Staking::ledger.get(who);
        return known ? known->active.value : Balance{0};
    };
    Staking::validators.for_each([&](const auto& keys, const ValidatorPrefs&) {
        all.candidates.push_back(std::get<0>(keys));
        return true;
    });
    kit::sort(all.candidates);
    for (std::uint32_t i = 0; i < all.candidates.size(); ++i) {
        all.voters.push_back({all.candidates[i], active(all.candidates[i]), {i}});
    }
    Staking::nominators.for_each([&](const auto& keys, const Nominations& nominations) {
        elections::Voter voter{std::get<0>(keys), active(std::get<0>(keys)), {}};
        for (const AccountId& target : nominations.targets) {
            const auto place = std::ranges::lower_bound(all.candidates, target);
            if (place != all.candidates.end() && *place == target) {
                voter.targets.push_back(static_cast<std::uint32_t>(place - all.candidates.begin()));
            }
        }
        all.voters.push_back(std::move(voter));
        return true;
    });
    sort_by(all.voters,
            [](const elections::Voter& a, const elections::Voter& b) { return a.who < b.who; });
    return all;
}

/// Of nominators beyond the bound those with least behind the validator are let go.
Exposure exposure_of(const elections::Elected& elected) {
    Exposure made;
    for (const elections::Backing& backing : elected.backers) {
        if (backing.who == elected.who) {
            made.own.value = backing.value;
        } else {
            made.others.push_back({backing.who, {backing.value}});
        }
    }
    if (made.others.size() > config::kMaxNominators) {
        sort_by(made.others, [](const IndividualExposure& a, const IndividualExposure& b) {
            return a.value.value > b.value.value;
        });
        made.others.resize(config::kMaxNominators);
    }
    made.total = made.own;
    for (const IndividualExposure& one : made.others) {
        made.total.value = saturating_add(made.total.value, one.value.value);
    }
    return made;
}

void forget_era(EraIndex era) {
    Staking::eras_stakers.clear(std::nullopt, era);
    Staking::eras_validator_prefs.clear(std::nullopt, era);
    Staking::claimed_rewards.clear(std::nullopt, era);
    Staking::eras_validator_reward.remove(era);
    Staking::eras_reward_points.remove(era);
    Staking::eras_total_stake.remove(era);
    Staking::eras_start_session.remove(era);
}

DispatchResult mint_at_stake(const AccountId& stash, Balance amount) {
    auto mine = Staking::ledger.get(stash);
    if (!mine) {
        return Staking::fail(Staking::kNotStash);
    }
    TRY(Balances::mint_into(stash, amount));
    TRY(Balances::hold(Staking::held(), stash, amount));
    mine->total.value = saturating_add(mine->total.value, amount);
    mine->active.value = saturating_add(mine->active.value, amount);
    Staking::ledger.insert(stash, *mine);
    return {};
}
/// A reward that its account cannot take is not minted.
void pay(const AccountId& stash, Balance amount) {
    const auto to = Staking::payee.get(stash);
    constexpr std::size_t kStaked = 0;
    constexpr std::size_t kNowhere = 4;
    if (amount == 0 || !to || to->value.index() == kNowhere) {
        return;
    }
    const auto* other = std::get_if<AccountId>(&to->value);
    const auto paid = with_storage_layer([&]() -> DispatchResult {
        return to->value.index() == kStaked
                   ? mint_at_stake(stash, amount)
                   : Balances::mint_into(other != nullptr ? *other : stash, amount);
    });
    if (paid) {
        Staking::deposit(Staking::kRewarded, stash, *to, amount);
    }
}

void slash(const AccountId& who, Balance amount) {
    auto found = Staking::ledger.get(who);
    if (!found) {
        return;
    }
    StakingLedger mine = *std::move(found);
    // From what is at stake, then from what unlocks last.
    const Balance wanted = std::min(amount, mine.total.value);
    Balance left = wanted - std::min(wanted, mine.active.value);
    mine.active.value -= wanted - left;
    while (left > 0 && !mine.unlocking.empty()) {
        Balance& last = mine.unlocking.items.back().value.value;
        const Balance part = std::min(left, last);
        last -= part;
        left -= part;
        if (last == 0) {
            mine.unlocking.items.pop_back();
        }
    }
    mine.total.value -= wanted;
    const Balance taken = Balances::slash_held(Staking::held(), who, wanted);
    if (mine.total.value == 0) {
        Staking::forget(who);
    } else {
        Staking::ledger.insert(who, mine);
    }
    Staking::deposit(Staking::kSlashed, who, taken);
}
}  // namespace

// ---- elections ----

bool Staking::elect_for(EraIndex era, std::vector<AccountId>& elected) {
    const Election all = election_of_all();
    const auto winners = elections::elect(all.candidates, all.voters, validator_count.get());
    if (winners.size() < std::max(minimum_validator_count.get(), 1U)) {
        return false;
    }
    Balance total = 0;
    for (const elections::Elected& one : winners) {
        const Exposure exposure = exposure_of(one);
        total = saturating_add(total, exposure.total.value);
        eras_stakers.insert(era, one.who, exposure);
        eras_validator_prefs.insert(era, one.who, validators.get(one.who));
        elected.push_back(one.who);
    }
    eras_total_stake.insert(era, total);
    kit::sort(elected);
    return true;
}

std::optional<std::vector<AccountId>> Staking::new_session(SessionIndex session) {
    current_planned_session.set(session);
    const auto era = current_era.get();
    const Forcing mode = force_era.get();
    const SessionIndex begun = era ? eras_start_session.get(*era).value_or(0) : 0;
    const bool over = saturating_sub(session, begun) >= config::kSessionsPerEra;
    if (era && (mode == Forcing::force_none || (mode == Forcing::not_forcing && !over))) {
        return std::nullopt;
    }
    const EraIndex next = era ? *era + 1 : 0;
    std::vector<AccountId> elected;
    if (!elect_for(next, elected)) {
        if (era) {
            deposit(kStakingElectionFailed);
        }
        return std::nullopt;
    }
    current_era.set(next);
    eras_start_session.insert(next, session);
    if (next > config::kHistoryDepth) {
        forget_era(next - config::kHistoryDepth - 1);
    }
    if (mode == Forcing::force_new) {
        force_era.set(Forcing::not_forcing);
    }
    deposit(kStakersElected);
    return elected;
}

void Staking::on_genesis_session() {
    std::vector<AccountId> elected;
    if (elect_for(0, elected)) {
        current_era.set(0);
        eras_start_session.insert(0, 0);
        start_session(0);
    }
}

void Staking::start_session(SessionIndex session) {
    const auto active = active_era.get();
    const EraIndex next = active ? active->index + 1 : 0;
    const auto begins = eras_start_session.get(next);
    if (begins && *begins <= session) {
        start_era(session);
    }
}

void Staking::start_era(SessionIndex session) {
    const auto before = active_era.get();
    const EraIndex era = before ? before->index + 1 : 0;
    active_era.set({era, std::nullopt});
    bonded_eras.mutate([&](auto& eras) {
        eras.emplace_back(era, session);
        while (std::get<0>(eras.front()) + config::kBondingDuration < era) {
            validator_slash_in_era.clear(std::nullopt, std::get<0>(eras.front()));
            eras.erase(eras.begin());
        }
    });
    apply_slashes(era);
}

void Staking::end_session(SessionIndex session) {
    const auto active = active_era.get();
    if (active && eras_start_session.get(active->index + 1) == session + 1) {
        const Balance reward = reward_of_era();
        eras_validator_reward.insert(active->index, reward);
        deposit(kEraPaid, active->index, reward, Balance{0});
    }
}

// ---- rewards ----

Weight Staking::on_initialize(BlockNumber) {
    const auto active = active_era.get();
    const auto author = Authorship::author();
    if (active && author) {
        eras_reward_points.mutate(active->index, [&](EraRewardPoints& points) {
            points.total = saturating_add(points.total, kPointsOfBlock);
            auto& mine = points.individual[*author];
            mine = saturating_add(mine, kPointsOfBlock);
        });
    }
    return work(10, 3, 1);
}

void Staking::on_finalize(BlockNumber) {
    // The first era begins without a clock: its time is that of its first block.
    if (auto active = active_era.get(); active && !active->start) {
        active->start = Timestamp::now.get();
        active_era.set(*active);
    }
}

PostDispatchResult Staking::payout_stakers(const Origin& origin, const AccountId& validator_stash,
                                           EraIndex era) {
    TRY(ensure_signed(origin));
    const auto refuse = [](const ModuleErrorInfo& why) {
        return std::unexpected(DispatchErrorWithPostInfo({payout_cost(0), Pays::yes}, error(why)));
    };
    const auto reward = eras_validator_reward.get(era);
    if (!reward) {
        return refuse(kInvalidEraToReward);
    }
    if (!bonded.contains(validator_stash)) {
        return refuse(kNotStash);
    }
    if (!claimed_rewards.get(era, validator_stash).empty()) {
        return refuse(kAlreadyClaimed);
    }
    const Exposure exposure = eras_stakers.get(era, validator_stash);
    if (exposure.total.value == 0) {
        return refuse(kInvalidEraToReward);
    }
    claimed_rewards.insert(era, validator_stash, {0});
    deposit(kPayoutStarted, era, validator_stash, 0U, std::nullopt);
    const EraRewardPoints points = eras_reward_points.get(era);
    const auto mine = points.individual.find(validator_stash);
    if (mine == points.individual.end()) {
        return PostDispatchInfo{payout_cost(0), Pays::yes};
    }
    const Balance share = multiply_by_rational(*reward, mine->second, points.total);
    const Perbill rate{
        std::min(eras_validator_prefs.get(era, validator_stash).commission.value, Perbill::kOne)};
    const Balance commission = rate.of_balance(share);
    const auto part = [&](Compact<Balance> stake) {
        return multiply_by_rational(share - commission, stake.value, exposure.total.value);
    };
    pay(validator_stash, saturating_add(commission, part(exposure.own)));
    for (const IndividualExposure& one : exposure.others) {
        pay(one.who, part(one.value));
    }
    return PostDispatchInfo{payout_cost(exposure.others.size()), Pays::yes};
}

// ---- slashes ----

void Staking::on_offence(const AccountId& validator, SessionIndex session, Perbill fraction) {
    const auto active = active_era.get();
    const auto safe = invulnerables.get();
    if (!active || std::ranges::find(safe, validator) != safe.end()) {
        return;
    }
    std::optional<EraIndex> era;
    for (const auto& [one, begun] : bonded_eras.get()) {
        if (begun <= session) {
            era = one;
        }
    }
    if (!era) {
        deposit(kOldSlashingReportDiscarded, session);
        return;
    }
    deposit(kSlashReported, validator, fraction, *era);
    const auto [before, slashed] = validator_slash_in_era.get(*era, validator).value_or(Slashed{});
    if (fraction <= before) {
        return;
    }
    const auto more = [&, rate = before](Compact<Balance> stake) {
        return fraction.of_balance(stake.value) - rate.of_balance(stake.value);
    };
    const Exposure exposure = eras_stakers.get(*era, validator);
    UnappliedSlash made{validator, more(exposure.own), {}, {}, 0};
    for (const IndividualExposure& one : exposure.others) {
        made.others.emplace_back(one.who, more(one.value));
    }
    validator_slash_in_era.insert(*era, validator, {fraction, slashed + made.own});
    if (validators.contains(validator)) {
        validators.remove(validator);
        deposit(kChilled, validator);
    }
    const EraIndex due = *era + config::kSlashDeferDuration + 1;
    unapplied_slashes.append(due, scale::encode(made));
    if (due <= active->index) {
        apply_slashes(due);
    }
}

void Staking::apply_slashes(EraIndex era) {
    for (const UnappliedSlash& one : unapplied_slashes.take(era)) {
        slash(one.validator, one.own);
        for (const auto& [who, amount] : one.others) {
            slash(who, amount);
        }
    }
}

}  // namespace stipple::runtime
