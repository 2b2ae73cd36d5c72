// Balances: the currency, as part of every account.
//
// An account lives while its free balance is at least the existential deposit (or somebody else
// provides for it). Money on hold (holds, named reserves) is `reserved`: still owned, not
// spendable. Locks and freezes overlap: the total may not fall below the largest of them
// (`frozen`). Total issuance is the sum of all free and reserved balances at the end of every call.
//
// Other pallets use the functions below the calls; each says what it leaves undone on failure.
#pragma once

#include "kit/address.hpp"
#include "pallets/balances/types.hpp"
#include "pallets/system/system.hpp"

namespace stipple::runtime {

struct Balances : Pallet<Balances> {
    static constexpr std::string_view kName = "Balances";

    // ---- storage ----
    static constexpr StorageValue<Balance> total_issuance{kName, "TotalIssuance",
                                                          "The total units issued in the system."};
    static constexpr StorageValue<Balance> inactive_issuance{
        kName, "InactiveIssuance", "The units that nobody can vote with."};
    static constexpr StorageMap<Blake2Concat<AccountId>, AccountData> account{
        kName, "Account", "Unused here: balances are in System.Account."};
    static constexpr StorageMap<Blake2Concat<AccountId>,
                                WeakBoundedVec<BalanceLock, config::kMaxLocks>>
        locks{kName, "Locks", "Any liquidity locks on some account balances."};
    static constexpr StorageMap<Blake2Concat<AccountId>,
                                BoundedVec<ReserveData, config::kMaxReserves>>
        reserves{kName, "Reserves", "Named reserves on some account balances."};
    static constexpr StorageMap<Blake2Concat<AccountId>,
                                BoundedVec<IdAmount<RuntimeHoldReason>, config::kMaxHolds>>
        holds{kName, "Holds", "Holds on account balances."};
    static constexpr StorageMap<Blake2Concat<AccountId>,
                                BoundedVec<IdAmount<RuntimeFreezeReason>, config::kMaxFreezes>>
        freezes{kName, "Freezes", "Freeze locks on account balances."};
    static constexpr auto storage =
        list(total_issuance, inactive_issuance, account, locks, reserves, holds, freezes);

    // ---- events ----
    static constexpr Event<AccountId, Balance> kEndowed{
        0, "Endowed", {"account", "free_balance"}, "An account was created with some balance."};
    static constexpr Event<AccountId, Balance> kDustLost{
        1,
        "DustLost",
        {"account", "amount"},
        "An account was removed whose balance was below the existential deposit."};
    static constexpr Event<AccountId, AccountId, Balance> kTransfer{
        2, "Transfer", {"from", "to", "amount"}, "Transfer succeeded."};
    static constexpr Event<AccountId, Balance> kBalanceSet{
        3, "BalanceSet", {"who", "free"}, "A balance was set by root."};
    static constexpr Event<AccountId, Balance> kReserved{
        4, "Reserved", {"who", "amount"}, "Some balance was reserved (moved from free)."};
    static constexpr Event<AccountId, Balance> kUnreserved{
        5, "Unreserved", {"who", "amount"}, "Some balance was unreserved (moved to free)."};
    static constexpr Event<AccountId, AccountId, Balance, BalanceStatus> kReserveRepatriated{
        6,
        "ReserveRepatriated",
        {"from", "to", "amount", "destination_status"},
        "Some balance was moved from the reserve of one account to another."};
    static constexpr Event<AccountId, Balance> kDeposit{
        7, "Deposit", {"who", "amount"}, "Some amount was deposited (e.g. a fee refund)."};
    static constexpr Event<AccountId, Balance> kWithdraw{
        8, "Withdraw", {"who", "amount"}, "Some amount was withdrawn (e.g. for fees)."};
    static constexpr Event<AccountId, Balance> kSlashed{
        9, "Slashed", {"who", "amount"}, "Some amount was removed for misbehavior."};
    static constexpr Event<AccountId, Balance> kMinted{
        10, "Minted", {"who", "amount"}, "Some amount was minted into an account."};
    static constexpr Event<AccountId, Balance> kBurned{
        11, "Burned", {"who", "amount"}, "Some amount was burned from an account."};
    static constexpr Event<AccountId, Balance> kSuspended{
        12, "Suspended", {"who", "amount"}, "Some amount was suspended from an account."};
    static constexpr Event<AccountId, Balance> kRestored{
        13, "Restored", {"who", "amount"}, "Some amount was restored into an account."};
    static constexpr Event<AccountId> kUpgraded{
        14, "Upgraded", {"who"}, "An account was upgraded."};
    static constexpr Event<Balance> kIssued{
        15, "Issued", {"amount"}, "Total issuance was increased by `amount`."};
    static constexpr Event<Balance> kRescinded{
        16, "Rescinded", {"amount"}, "Total issuance was decreased by `amount`."};
    static constexpr Event<AccountId, Balance> kLocked{
        17, "Locked", {"who", "amount"}, "Some balance was locked."};
    static constexpr Event<AccountId, Balance> kUnlocked{
        18, "Unlocked", {"who", "amount"}, "Some balance was unlocked."};
    static constexpr Event<AccountId, Balance> kFrozen{
        19, "Frozen", {"who", "amount"}, "Some balance was frozen."};
    static constexpr Event<AccountId, Balance> kThawed{
        20, "Thawed", {"who", "amount"}, "Some balance was thawed."};
    static constexpr Event<Balance, Balance> kTotalIssuanceForced{
        21, "TotalIssuanceForced", {"old", "new"}, "The `TotalIssuance` was forcefully changed."};
    static constexpr auto events = list(
        kEndowed, kDustLost, kTransfer, kBalanceSet, kReserved, kUnreserved, kReserveRepatriated,
        kDeposit, kWithdraw, kSlashed, kMinted, kBurned, kSuspended, kRestored, kUpgraded, kIssued,
        kRescinded, kLocked, kUnlocked, kFrozen, kThawed, kTotalIssuanceForced);

    // ---- errors ----
    static constexpr ModuleErrorInfo kVestingBalance{0, "VestingBalance",
                                                     "Vesting balance too high to send value."};
    static constexpr ModuleErrorInfo kLiquidityRestrictions{
        1, "LiquidityRestrictions", "Account liquidity restrictions prevent withdrawal."};
    static constexpr ModuleErrorInfo kInsufficientBalance{2, "InsufficientBalance",
                                                          "Balance too low to send value."};
    static constexpr ModuleErrorInfo kExistentialDepositError{
        3, "ExistentialDeposit", "Value too low to create account due to existential deposit."};
    static constexpr ModuleErrorInfo kExpendability{4, "Expendability",
                                                    "Transfer/payment would kill account."};
    static constexpr ModuleErrorInfo kExistingVestingSchedule{
        5, "ExistingVestingSchedule", "A vesting schedule already exists for this account."};
    static constexpr ModuleErrorInfo kDeadAccount{6, "DeadAccount",
                                                  "Beneficiary account must pre-exist."};
    static constexpr ModuleErrorInfo kTooManyReserves{7, "TooManyReserves",
                                                      "Number of named reserves exceed the bound."};
    static constexpr ModuleErrorInfo kTooManyHolds{8, "TooManyHolds",
                                                   "Number of holds exceed the bound."};
    static constexpr ModuleErrorInfo kTooManyFreezes{9, "TooManyFreezes",
                                                     "Number of freezes exceed the bound."};
    static constexpr ModuleErrorInfo kIssuanceDeactivated{
        10, "IssuanceDeactivated",
        "The issuance cannot be modified since it is already deactivated."};
    static constexpr ModuleErrorInfo kDeltaZero{11, "DeltaZero", "The delta cannot be zero."};
    static constexpr auto errors =
        list(kVestingBalance, kLiquidityRestrictions, kInsufficientBalance,
             kExistentialDepositError, kExpendability, kExistingVestingSchedule, kDeadAccount,
             kTooManyReserves, kTooManyHolds, kTooManyFreezes, kIssuanceDeactivated, kDeltaZero);

    // ---- calls ----
    static DispatchResult transfer_allow_death(const Origin& origin, const MultiAddress& dest,
                                               Compact<Balance> value);
    static DispatchResult force_transfer(const Origin& origin, const MultiAddress& source,
                                         const MultiAddress& dest, Compact<Balance> value);
    static DispatchResult transfer_keep_alive(const Origin& origin, const MultiAddress& dest,
                                              Compact<Balance> value);
    static DispatchResult transfer_all(const Origin& origin, const MultiAddress& dest,
                                       bool keep_alive);
    static DispatchResult force_unreserve(const Origin& origin, const MultiAddress& who,
                                          Balance amount);
    static DispatchResult upgrade_accounts(const Origin& origin, const std::vector<AccountId>& who);
    static DispatchResult force_set_balance(const Origin& origin, const MultiAddress& who,
                                            Compact<Balance> new_free);
    static DispatchResult force_adjust_total_issuance(const Origin& origin,
                                                      AdjustmentDirection direction,
                                                      Compact<Balance> delta);
    static DispatchResult burn(const Origin& origin, Compact<Balance> value, bool keep_alive);
    static constexpr auto calls = list(
        call<0>("transfer_allow_death", &transfer_allow_death, {"dest", "value"}, work(25, 1, 1),
                "Transfer some liquid free balance to another account."),
        call<2>("force_transfer", &force_transfer, {"source", "dest", "value"}, work(27, 2, 2),
                "Exactly as `transfer_allow_death`, except the origin must be root."),
        call<3>("transfer_keep_alive", &transfer_keep_alive, {"dest", "value"}, work(22, 1, 1),
                "As `transfer_allow_death`, but the transfer may not end the origin account."),
        call<4>("transfer_all", &transfer_all, {"dest", "keep_alive"}, work(28, 1, 1),
                "Transfer the entire transferable balance from the caller account."),
        call<5>("force_unreserve", &force_unreserve, {"who", "amount"}, work(15, 3, 1),
                "Unreserve some balance from a user by force."),
        call<6>(
            "upgrade_accounts", &upgrade_accounts, {"who"},
            +[](const std::vector<AccountId>& who) { return work(10, 1, 1) * who.size(); },
            "Upgrade a specified account."),
        call<8>("force_set_balance", &force_set_balance, {"who", "new_free"}, work(20, 1, 1),
                "Set the regular balance of a given account."),
        call<9>("force_adjust_total_issuance", &force_adjust_total_issuance, {"direction", "delta"},
                work(6, 1, 1), "Adjust the total issuance in a saturating way."),
        call<10>("burn", &burn, {"value", "keep_alive"}, work(20, 1, 1),
                 "Burn the specified liquid free balance from the origin account."));

    // ---- constants ----
    static constexpr auto constants = list(
        constant(
            "ExistentialDeposit", [] { return config::kExistentialDeposit; },
            "The minimum amount required to keep an account open."),
        constant(
            "MaxLocks", [] { return config::kMaxLocks; }, "Locks of an account, at most."),
        constant(
            "MaxReserves", [] { return config::kMaxReserves; },
            "Named reserves of an account, at most."),
        constant(
            "MaxFreezes", [] { return config::kMaxFreezes; }, "Freezes of an account, at most."));

    // ---- for other pallets: what an account has ----
    static AccountData data_of(const AccountId& who) { return System::account.get(who).data; }
    static Balance free_balance(const AccountId& who) { return data_of(who).free; }
    static Balance reserved_balance(const AccountId& who) { return data_of(who).reserved; }
    static Balance total_balance(const AccountId& who);
    /// What could be taken now without breaking freezes, or the account when it is to live.
    static Balance reducible_balance(const AccountId& who, Preservation preservation);
    static bool can_reserve(const AccountId& who, Balance value);

    // ---- moving money; a failure may leave changes, so call within a storage layer ----
    static DispatchResult transfer(const AccountId& from, const AccountId& to, Balance value,
                                   Preservation preservation);
    /// Takes from the account (event Withdraw) and from the issuance: fees.
    static DispatchResult withdraw(const AccountId& who, Balance value, Preservation preservation);
    /// Gives to the account (event Deposit) and to the issuance; a new account needs at least the
    /// existential deposit.
    static DispatchResult deposit_into(const AccountId& who, Balance value);
    /// Events Minted and Burned instead.
    static DispatchResult mint_into(const AccountId& who, Balance value);
    static DispatchResult burn_from(const AccountId& who, Balance value, Preservation preservation);
    /// Takes up to `value` from free, then from reserved; gives what was taken off the issuance.
    static Balance slash(const AccountId& who, Balance value);

    // ---- reserves ----
    static DispatchResult reserve(const AccountId& who, Balance value);
    /// Frees up to `value`; gives what could not be freed.
    static Balance unreserve(const AccountId& who, Balance value);
    /// Moves up to `value` of the reserve of one to another; gives what could not be moved.
    static Outcome<Balance> repatriate_reserved(const AccountId& from, const AccountId& to,
                                                Balance value, BalanceStatus status);
    /// Takes up to `value` from the reserve and the issuance; gives what was taken.
    static Balance slash_reserved(const AccountId& who, Balance value);
    static DispatchResult reserve_named(const Name8& id, const AccountId& who, Balance value);
    static Balance unreserve_named(const Name8& id, const AccountId& who, Balance value);

    // ---- holds: reserves with a reason ----
    static Balance balance_on_hold(RuntimeHoldReason reason, const AccountId& who);
    static DispatchResult hold(RuntimeHoldReason reason, const AccountId& who, Balance value);
    /// Releases up to `value`; gives what was released.
    static Outcome<Balance> release(RuntimeHoldReason reason, const AccountId& who, Balance value);
    /// Takes up to `value` from the hold and the issuance; gives what was taken.
    static Balance slash_held(RuntimeHoldReason reason, const AccountId& who, Balance value);

    // ---- locks and freezes: floors under the total ----
    static DispatchResult set_lock(const Name8& id, const AccountId& who, Balance value);
    static void remove_lock(const Name8& id, const AccountId& who);
    static DispatchResult set_freeze(RuntimeFreezeReason reason, const AccountId& who,
                                     Balance value);
    static DispatchResult thaw(RuntimeFreezeReason reason, const AccountId& who);

    static void genesis(GenesisReader& config);

 private:
    static DispatchResult put(const AccountId& who, const AccountInfo& before,
                              const AccountData& data);
    /// `before` is what is stored of the account.
    static DispatchResult decrease(const AccountId& who, const AccountInfo& before, Balance value,
                                   Preservation preservation);
    static DispatchResult increase(const AccountId& who, Balance value);
    static DispatchResult refreeze(const AccountId& who);
};

}  // namespace stipple::runtime
