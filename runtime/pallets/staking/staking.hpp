// Staking: validators and their nominators put money at stake, are elected by it, earn and lose.
//
// Who bonds has money on hold, and a ledger of it. Validators declare themselves, nominators name
// up to 16 of them. An era is some sessions; for each the validators are elected two sessions ahead
// (elections.hpp) and their exposures kept: they share the era's reward by points (20 a block) and
// stake, when anybody calls payout_stakers, and are what an offence costs. Slashes wait some eras,
// in which Root may cancel them, and take money that is unlocking, too; unlocking takes longer than
// that. Names are those of pallet_staking; this is the small part of it that a chain needs:
// controllers are the stashes themselves, exposures have one page, rewards are minted at a fixed
// yearly rate, and what is slashed is burned.
#pragma once

#include "kit/address.hpp"
#include "pallets/balances/balances.hpp"
#include "pallets/staking/types.hpp"

namespace stipple::runtime {

struct Staking : Pallet<Staking> {
    static constexpr std::string_view kName = "Staking";
    static constexpr std::uint32_t kPointsOfBlock = 20;

    enum class HoldReason : std::uint8_t { staking };
    friend constexpr EnumNames describe(HoldReason) {
        return {"pallet_staking::pallet::pallet::HoldReason", {"Staking"}};
    }

    // ---- storage ----
    template <class V>
    using ByAccount = StorageMap<Twox64Concat<AccountId>, V>;
    template <class V>
    using ByEra = StorageMap<Twox64Concat<EraIndex>, V>;
    template <class V>
    using ByEraAndAccount = StorageDoubleMap<Twox64Concat<EraIndex>, Twox64Concat<AccountId>, V>;
    using Slashed = std::tuple<Perbill, Balance>;

    static constexpr StorageValue<std::uint32_t> validator_count{
        kName, "ValidatorCount", "The ideal number of active validators."};
    static constexpr StorageValue<std::uint32_t> minimum_validator_count{
        kName, "MinimumValidatorCount", "With fewer elected the validators stay."};
    static constexpr StorageValue<BoundedVec<AccountId, config::kMaxInvulnerables>> invulnerables{
        kName, "Invulnerables", "Validators that may never be slashed."};
    static constexpr ByAccount<Optional<AccountId>> bonded{
        kName, "Bonded", "From the stash to the account that controls it: itself."};
    static constexpr StorageMap<Blake2Concat<AccountId>, Optional<StakingLedger>> ledger{
        kName, "Ledger", "What is bonded."};
    static constexpr ByAccount<Optional<RewardDestination>> payee{
        kName, "Payee", "Where the reward payment should be made."};
    static constexpr CountedMap<Twox64Concat<AccountId>, ValidatorPrefs> validators{
        kName, "Validators", "Who wants to validate, with preferences.", "CounterForValidators"};
    static constexpr CountedMap<Twox64Concat<AccountId>, Optional<Nominations>> nominators{
        kName, "Nominators", "Who nominates whom.", "CounterForNominators"};
    static constexpr StorageValue<Optional<EraIndex>> current_era{kName, "CurrentEra",
                                                                  "The latest planned era."};
    static constexpr StorageValue<Optional<ActiveEraInfo>> active_era{
        kName, "ActiveEra", "The era that validates now."};
    static constexpr ByEra<Optional<SessionIndex>> eras_start_session{
        kName, "ErasStartSessionIndex", "The session at which an era began or will."};
    static constexpr ByEraAndAccount<Exposure> eras_stakers{
        kName, "ErasStakers", "The exposure of a validator in an era."};
    static constexpr ByEraAndAccount<ValidatorPrefs> eras_validator_prefs{
        kName, "ErasValidatorPrefs", "The preferences of a validator in an era."};
    static constexpr ByEraAndAccount<std::vector<std::uint32_t>> claimed_rewards{
        kName, "ClaimedRewards", "The pages of an exposure that were paid: [0] or none."};
    static constexpr ByEra<Optional<Balance>> eras_validator_reward{
        kName, "ErasValidatorReward", "The reward of an era that is over."};
    static constexpr ByEra<EraRewardPoints> eras_reward_points{kName, "ErasRewardPoints",
                                                               "Points of an era's validators."};
    static constexpr ByEra<Balance> eras_total_stake{kName, "ErasTotalStake",
                                                     "The total stake of an era."};
    static constexpr StorageValue<Forcing> force_era{kName, "ForceEra", "Mode of era forcing."};
    static constexpr ByEra<std::vector<UnappliedSlash>> unapplied_slashes{
        kName, "UnappliedSlashes", "Slashes by the era in which they are applied."};
    static constexpr StorageValue<std::vector<std::tuple<EraIndex, SessionIndex>>> bonded_eras{
        kName, "BondedEras", "Eras whose offences still count, and their first sessions."};
    static constexpr ByEraAndAccount<Optional<Slashed>> validator_slash_in_era{
        kName, "ValidatorSlashInEra", "The largest slash of a validator in an era."};
    static constexpr StorageValue<SessionIndex> current_planned_session{
        kName, "CurrentPlannedSession", "The last planned session."};
    static constexpr auto storage = list(
        validator_count, minimum_validator_count, invulnerables, bonded, ledger, payee, validators,
        nominators, current_era, active_era, eras_start_session, eras_stakers, eras_validator_prefs,
        claimed_rewards, eras_validator_reward, eras_reward_points, eras_total_stake, force_era,
        unapplied_slashes, bonded_eras, validator_slash_in_era, current_planned_session);

    // ---- events ----
    static constexpr Event<EraIndex, Balance, Balance> kEraPaid{
        0,
        "EraPaid",
        {"era_index", "validator_payout", "remainder"},
        "The reward of an era is set."};
    static constexpr Event<AccountId, RewardDestination, Balance> kRewarded{
        1, "Rewarded", {"stash", "dest", "amount"}, "A reward was paid."};
    static constexpr Event<AccountId, Balance> kSlashed{
        2, "Slashed", {"staker", "amount"}, "A staker was slashed."};
    static constexpr Event<AccountId, Perbill, EraIndex> kSlashReported{
        3, "SlashReported", {"validator", "fraction", "slash_era"}, "A slash is to come."};
    static constexpr Event<SessionIndex> kOldSlashingReportDiscarded{
        4, "OldSlashingReportDiscarded", {"session_index"}, "An offence was too long ago."};
    static constexpr Event<> kStakersElected{5, "StakersElected", {}, "An era has its stakers."};
    static constexpr Event<AccountId, Balance> kBonded{
        6, "Bonded", {"stash", "amount"}, "An account has bonded this amount."};
    static constexpr Event<AccountId, Balance> kUnbonded{
        7, "Unbonded", {"stash", "amount"}, "An account has unbonded this amount."};
    static constexpr Event<AccountId, Balance> kWithdrawn{
        8, "Withdrawn", {"stash", "amount"}, "What was unlocked is free again."};
    static constexpr Event<> kStakingElectionFailed{
        10, "StakingElectionFailed", {}, "Too few were elected; the validators stay."};
    static constexpr Event<AccountId> kChilled{
        11, "Chilled", {"stash"}, "An account validates or nominates no more."};
    static constexpr Event<EraIndex, AccountId, std::uint32_t, std::optional<std::uint32_t>>
        kPayoutStarted{12,
                       "PayoutStarted",
                       {"era_index", "validator_stash", "page", "next"},
                       "The rewards of a validator and its nominators are being paid."};
    static constexpr Event<AccountId, ValidatorPrefs> kValidatorPrefsSet{
        13, "ValidatorPrefsSet", {"stash", "prefs"}, "A validator has set its preferences."};
    static constexpr Event<Forcing> kForceEra{
        16, "ForceEra", {"mode"}, "The mode of era forcing has changed."};
    static constexpr auto events =
        list(kEraPaid, kRewarded, kSlashed, kSlashReported, kOldSlashingReportDiscarded,
             kStakersElected, kBonded, kUnbonded, kWithdrawn, kStakingElectionFailed, kChilled,
             kPayoutStarted, kValidatorPrefsSet, kForceEra);

    // ---- errors ----
    static constexpr ModuleErrorInfo kNotController{0, "NotController", "Nothing is bonded."};
    static constexpr ModuleErrorInfo kNotStash{1, "NotStash", "Not a stash account."};
    static constexpr ModuleErrorInfo kAlreadyBonded{2, "AlreadyBonded", "Stash is bonded."};
    static constexpr ModuleErrorInfo kEmptyTargets{4, "EmptyTargets", "Targets are empty."};
    static constexpr ModuleErrorInfo kInvalidSlashIndex{6, "InvalidSlashIndex",
                                                        "Slash record index out of bounds."};
    static constexpr ModuleErrorInfo kInsufficientBond{
        7, "InsufficientBond", "Below the least bond, or of a role that is still held."};
    static constexpr ModuleErrorInfo kNoMoreChunks{8, "NoMoreChunks",
                                                   "Too many amounts are unlocking."};
    static constexpr ModuleErrorInfo kNoUnlockChunk{9, "NoUnlockChunk", "Nothing is unlocking."};
    static constexpr ModuleErrorInfo kInvalidEraToReward{11, "InvalidEraToReward",
                                                         "No such era to reward."};
    static constexpr ModuleErrorInfo kNotSortedAndUnique{13, "NotSortedAndUnique",
                                                         "Items are not sorted and unique."};
    static constexpr ModuleErrorInfo kAlreadyClaimed{14, "AlreadyClaimed",
                                                     "Rewards were paid already."};
    static constexpr ModuleErrorInfo kTooManyTargets{19, "TooManyTargets",
                                                     "Too many nomination targets."};
    static constexpr ModuleErrorInfo kBadTarget{20, "BadTarget",
                                                "A target does not validate or is blocked."};
    static constexpr ModuleErrorInfo kTooManyNominators{22, "TooManyNominators",
                                                        "There are too many nominators."};
    static constexpr ModuleErrorInfo kTooManyValidators{23, "TooManyValidators",
                                                        "There are too many validators."};
    static constexpr ModuleErrorInfo kBoundNotMet{25, "BoundNotMet", "Some bound is not met."};
    static constexpr auto errors =
        list(kNotController, kNotStash, kAlreadyBonded, kEmptyTargets, kInvalidSlashIndex,
             kInsufficientBond, kNoMoreChunks, kNoUnlockChunk, kInvalidEraToReward,
             kNotSortedAndUnique, kAlreadyClaimed, kTooManyTargets, kBadTarget, kTooManyNominators,
             kTooManyValidators, kBoundNotMet);

    // ---- calls ----
    static DispatchResult bond(const Origin& origin, Compact<Balance> value,
                               const RewardDestination& payee_of);
    static DispatchResult bond_extra(const Origin& origin, Compact<Balance> max_additional);
    static DispatchResult unbond(const Origin& origin, Compact<Balance> value);
    static DispatchResult withdraw_unbonded(const Origin& origin, std::uint32_t num_slashing_spans);
    static DispatchResult validate(const Origin& origin, const ValidatorPrefs& prefs);
    static DispatchResult nominate(const Origin& origin, const std::vector<MultiAddress>& targets);
    static DispatchResult chill(const Origin& origin);
    static DispatchResult set_payee(const Origin& origin, const RewardDestination& payee_of);
    static DispatchResult set_validator_count(const Origin& origin, Compact<std::uint32_t> next);
    static DispatchResult force_no_eras(const Origin& origin);
    static DispatchResult force_new_era(const Origin& origin);
    static DispatchResult set_invulnerables(const Origin& origin,
                                            const std::vector<AccountId>& list);
    static DispatchResult force_new_era_always(const Origin& origin);
    static DispatchResult cancel_deferred_slash(const Origin& origin, EraIndex era,
                                                const std::vector<std::uint32_t>& slash_indices);
    static PostDispatchResult payout_stakers(const Origin& origin, const AccountId& validator_stash,
                                             EraIndex era);
    static DispatchResult rebond(const Origin& origin, Compact<Balance> value);
    /// Of a payout to this many nominators. What is read of each is short, so that a payout to all
    /// there can be fits into a block.
    static constexpr Weight payout_cost(std::uint64_t paid) {
        return work(50, 8, 3) + Weight{work(40, 4, 3).ref_time_ps, 1500} * (paid + 1);
    }
    static constexpr auto calls = list(
        call<0>("bond", &bond, {"value", "payee"}, work(40, 4, 5),
                "Put this much of the caller's money at stake."),
        call<1>("bond_extra", &bond_extra, {"max_additional"}, work(40, 4, 4),
                "Put more at stake, as far as there is."),
        call<2>("unbond", &unbond, {"value"}, work(30, 5, 2),
                "Begin to unlock this much; it is free after some eras."),
        call<3>("withdraw_unbonded", &withdraw_unbonded, {"num_slashing_spans"}, work(50, 6, 8),
                "Take back what has unlocked."),
        call<4>("validate", &validate, {"prefs"}, work(25, 4, 4), "Want to validate."),
        call<5>("nominate", &nominate, {"targets"}, work(60, 20, 4), "Nominate these validators."),
        call<6>("chill", &chill, {}, work(20, 3, 4), "Neither validate nor nominate."),
        call<7>("set_payee", &set_payee, {"payee"}, work(12, 1, 1), "Say where rewards go."),
        call<9>("set_validator_count", &set_validator_count, {"new"}, work(5, 0, 1),
                "Set the ideal number of validators."),
        call<12>("force_no_eras", &force_no_eras, {}, work(5, 0, 1), "No new eras."),
        call<13>("force_new_era", &force_new_era, {}, work(5, 0, 1),
                 "A new era at the next session, then as before."),
        call<14>("set_invulnerables", &set_invulnerables, {"invulnerables"}, work(10, 0, 1),
                 "Set the validators that may not be slashed."),
        call<16>("force_new_era_always", &force_new_era_always, {}, work(5, 0, 1),
                 "A new era at every session."),
        call<17>(
            "cancel_deferred_slash", &cancel_deferred_slash, {"era", "slash_indices"},
            +[](EraIndex, const std::vector<std::uint32_t>& which) {
                return work(20, 1, 1) + Weight{work(200, 0, 0).ref_time_ps, 30'000} * which.size();
            },
            "Cancel slashes that are to be applied in an era."),
        call<18>(
            "payout_stakers", &payout_stakers, {"validator_stash", "era"},
            +[](const AccountId&, EraIndex) { return payout_cost(config::kMaxNominators); },
            "Pay the rewards of an era to a validator and its nominators."),
        call<19>("rebond", &rebond, {"value"}, work(30, 2, 1),
                 "Put back at stake what is unlocking."));

    // ---- constants ----
    static constexpr auto constants =
        list(constant(
                 "HistoryDepth", [] { return config::kHistoryDepth; }, "Eras that are remembered."),
             constant(
                 "SessionsPerEra", [] { return config::kSessionsPerEra; }, "Sessions of an era."),
             constant(
                 "BondingDuration", [] { return config::kBondingDuration; },
                 "Eras that unlocking takes."),
             constant(
                 "SlashDeferDuration", [] { return config::kSlashDeferDuration; },
                 "Eras that a slash waits."),
             constant(
                 "MaxExposurePageSize", [] { return config::kMaxNominators; },
                 "Nominators of an exposure: those with most behind the validator."),
             constant(
                 "MaxUnlockingChunks", [] { return StakingLedger::kMaxUnlockingChunks; },
                 "Amounts that unlock at a time."));

    // ---- hooks ----
    static Weight on_initialize(BlockNumber number);
    static void on_finalize(BlockNumber number);
    static void genesis(GenesisReader& config);

    // ---- for Session and Offences, through wiring ----
    static void on_genesis_session();
    /// The validators of the session, if an era begins with it.
    static std::optional<std::vector<AccountId>> new_session(SessionIndex session);
    static void start_session(SessionIndex session);
    static void end_session(SessionIndex session);
    static void on_offence(const AccountId& validator, SessionIndex session, Perbill fraction);

    // ---- within the pallet ----
    static RuntimeHoldReason held() { return hold_reason(index(), HoldReason::staking); }
    static Outcome<StakingLedger> ledger_of(const Origin& origin);
    static void forget(const AccountId& stash);
    static void apply_slashes(EraIndex era);

 private:
    static bool elect_for(EraIndex era, std::vector<AccountId>& elected);
    static void start_era(SessionIndex session);
};

}  // namespace stipple::runtime
