// Types of the Staking pallet that clients know by name.
#pragma once

#include "kit/arithmetic.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

using EraIndex = std::uint32_t;

/// Money that is no longer staked and may be withdrawn from an era on.
struct UnlockChunk {
    Compact<Balance> value;
    Compact<EraIndex> era;
    friend bool operator==(const UnlockChunk&, const UnlockChunk&) = default;
    static auto fields(auto& self) { return std::tie(self.value, self.era); }
    static constexpr TypeName kType{"pallet_staking::ledger::UnlockChunk", {"value", "era"}};
};

/// What somebody has bonded: `total` is `active` and all that is unlocking.
struct StakingLedger {
    static constexpr std::uint32_t kMaxUnlockingChunks = 32;
    AccountId stash;
    Compact<Balance> total;
    Compact<Balance> active;
    BoundedVec<UnlockChunk, kMaxUnlockingChunks> unlocking;
    BoundedVec<EraIndex, config::kHistoryDepth> legacy_claimed_rewards;  ///< empty here
    friend bool operator==(const StakingLedger&, const StakingLedger&) = default;
    static auto fields(auto& self) {
        return std::tie(self.stash, self.total, self.active, self.unlocking,
                        self.legacy_claimed_rewards);
    }
    static constexpr TypeName kType{
        "pallet_staking::ledger::StakingLedger",
        {"stash", "total", "active", "unlocking", "legacy_claimed_rewards"}};
};

/// Where rewards go: to the stake, to the stash's free balance (twice, for history), to somebody
/// else, or nowhere.
struct RewardDestination {
    std::variant<Unit, Unit, Unit, AccountId, Unit> value;
    static constexpr VariantNames kVariant{"pallet_staking::RewardDestination",
                                           {"Staked", "Stash", "Controller", "Account", "None"}};
    friend bool operator==(const RewardDestination&, const RewardDestination&) = default;
};

struct ValidatorPrefs {
    Compact<std::uint32_t> commission;  ///< parts of 10^9 of the rewards, before they are shared
    bool blocked = false;               ///< takes no more nominations
    friend bool operator==(const ValidatorPrefs&, const ValidatorPrefs&) = default;
    static auto fields(auto& self) { return std::tie(self.commission, self.blocked); }
};
}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {
template <>
struct TypeInfo<ValidatorPrefs> {
    static Bytes describe(Registry& types) {
        return Registry::composite(
            "pallet_staking::ValidatorPrefs",
            {{"commission", types.id<Compact<Perbill>>()}, {"blocked", types.id<bool>()}});
    }
};
}  // namespace stipple::runtime::inline kit

namespace stipple::runtime {

struct Nominations {
    static constexpr std::uint32_t kMaxTargets = 16;
    BoundedVec<AccountId, kMaxTargets> targets;
    EraIndex submitted_in = 0;
    bool suppressed = false;
    friend bool operator==(const Nominations&, const Nominations&) = default;
    static auto fields(auto& self) {
        return std::tie(self.targets, self.submitted_in, self.suppressed);
    }
    static constexpr TypeName kType{"pallet_staking::Nominations",
                                    {"targets", "submitted_in", "suppressed"}};
};

struct ActiveEraInfo {
    EraIndex index = 0;
    std::optional<Moment> start;
    static auto fields(auto& self) { return std::tie(self.index, self.start); }
    static constexpr TypeName kType{"pallet_staking::ActiveEraInfo", {"index", "start"}};
};

struct IndividualExposure {
    AccountId who;
    Compact<Balance> value;
    friend bool operator==(const IndividualExposure&, const IndividualExposure&) = default;
    static auto fields(auto& self) { return std::tie(self.who, self.value); }
    static constexpr TypeName kType{"sp_staking::IndividualExposure", {"who", "value"}};
};
/// Whose money stands behind a validator in an era.
struct Exposure {
    Compact<Balance> total;
    Compact<Balance> own;
    std::vector<IndividualExposure> others;
    friend bool operator==(const Exposure&, const Exposure&) = default;
    static auto fields(auto& self) { return std::tie(self.total, self.own, self.others); }
    static constexpr TypeName kType{"sp_staking::Exposure", {"total", "own", "others"}};
};

struct EraRewardPoints {
    std::uint32_t total = 0;
    std::map<AccountId, std::uint32_t> individual;
    static auto fields(auto& self) { return std::tie(self.total, self.individual); }
    static constexpr TypeName kType{"pallet_staking::EraRewardPoints", {"total", "individual"}};
};

/// A slash that waits for its era. Nobody is paid for a report, so the last two stay empty.
struct UnappliedSlash {
    AccountId validator;
    Balance own = 0;
    std::vector<std::tuple<AccountId, Balance>> others;
    std::vector<AccountId> reporters;
    Balance payout = 0;
    static auto fields(auto& self) {
        return std::tie(self.validator, self.own, self.others, self.reporters, self.payout);
    }
    static constexpr TypeName kType{"pallet_staking::UnappliedSlash",
                                    {"validator", "own", "others", "reporters", "payout"}};
};

enum class Forcing : std::uint8_t { not_forcing, force_new, force_none, force_always };
constexpr EnumNames describe(Forcing) {
    return {"pallet_staking::Forcing", {"NotForcing", "ForceNew", "ForceNone", "ForceAlways"}};
}

}  // namespace stipple::runtime
