// Multisig: a call made by an account that several accounts own together.
//
// The account is a hash of the sorted owners and the threshold, so it exists without anybody making
// it. The first approval of a call opens an operation and reserves a deposit; the approval that
// reaches the threshold dispatches the call, and the deposit goes back to who paid it. An operation
// is known by the hash of its call and by the place of its first approval (the timepoint), so that
// an old approval never counts for a new operation.
#pragma once

#include "kit/pallet.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

/// An extrinsic of the chain. Not inside of the pallet, whose calls are made of it while the pallet
/// is incomplete (and so are the initialisers of what is inside).
struct MultisigTimepoint {
    BlockNumber height = 0;
    std::uint32_t index = 0;
    friend bool operator==(const MultisigTimepoint&, const MultisigTimepoint&) = default;
    static auto fields(auto& self) { return std::tie(self.height, self.index); }
    static constexpr TypeName kType{"pallet_multisig::Timepoint", {"height", "index"}};
};

struct Multisig : Pallet<Multisig> {
    static constexpr std::string_view kName = "Multisig";

    using CallHash = std::array<std::uint8_t, 32>;
    using Owners = std::vector<AccountId>;

    using Timepoint = MultisigTimepoint;
    struct Operation {
        Timepoint when;
        Balance deposit = 0;
        AccountId depositor;
        BoundedVec<AccountId, config::kMultisigMaxSignatories> approvals;  ///< sorted
        static auto fields(auto& self) {
            return std::tie(self.when, self.deposit, self.depositor, self.approvals);
        }
        static constexpr TypeName kType{"pallet_multisig::Multisig",
                                        {"when", "deposit", "depositor", "approvals"}};
    };

    // ---- storage ----
    static constexpr StorageDoubleMap<Twox64Concat<AccountId>, Blake2Concat<CallHash>,
                                      Optional<Operation>>
        multisigs{kName, "Multisigs", "Open operations, by account and hash of the call."};
    static constexpr auto storage = list(multisigs);

    // ---- events ----
    using CallOutcome = ScaleResult<void, DispatchError>;
    static constexpr Event<AccountId, AccountId, CallHash> kNewMultisig{
        0,
        "NewMultisig",
        {"approving", "multisig", "call_hash"},
        "A new multisig operation has begun."};
    static constexpr Event<AccountId, Timepoint, AccountId, CallHash> kMultisigApproval{
        1,
        "MultisigApproval",
        {"approving", "timepoint", "multisig", "call_hash"},
        "Somebody approved a multisig operation."};
    static constexpr Event<AccountId, Timepoint, AccountId, CallHash, CallOutcome>
        kMultisigExecuted{2,
                          "MultisigExecuted",
                          {"approving", "timepoint", "multisig", "call_hash", "result"},
                          "A multisig operation got its last approval and was dispatched."};
    static constexpr Event<AccountId, Timepoint, AccountId, CallHash> kMultisigCancelled{
        3,
        "MultisigCancelled",
        {"cancelling", "timepoint", "multisig", "call_hash"},
        "A multisig operation was cancelled."};
    static constexpr auto events =
        list(kNewMultisig, kMultisigApproval, kMultisigExecuted, kMultisigCancelled);

    // ---- errors ----
    static constexpr ModuleErrorInfo kMinimumThreshold{0, "MinimumThreshold",
                                                       "The threshold is below 2."};
    static constexpr ModuleErrorInfo kAlreadyApproved{
        1, "AlreadyApproved", "The signatory has approved the call before."};
    static constexpr ModuleErrorInfo kNoApprovalsNeeded{2, "NoApprovalsNeeded",
                                                        "The call needs no more approvals."};
    static constexpr ModuleErrorInfo kTooFewSignatories{3, "TooFewSignatories",
                                                        "The list of signatories is too short."};
    static constexpr ModuleErrorInfo kTooManySignatories{4, "TooManySignatories",
                                                         "The list of signatories is too long."};
    static constexpr ModuleErrorInfo kSignatoriesOutOfOrder{
        5, "SignatoriesOutOfOrder", "The signatories do not stand in ascending order."};
    static constexpr ModuleErrorInfo kSenderInSignatories{
        6, "SenderInSignatories", "The sender stands in the list of the other signatories."};
    static constexpr ModuleErrorInfo kNotFound{7, "NotFound", "There is no such operation."};
    static constexpr ModuleErrorInfo kNotOwner{8, "NotOwner",
                                               "Only who opened the operation may cancel it."};
    static constexpr ModuleErrorInfo kNoTimepoint{
        9, "NoTimepoint", "The operation is open, and its timepoint was not given."};
    static constexpr ModuleErrorInfo kWrongTimepoint{10, "WrongTimepoint",
                                                     "The open operation has another timepoint."};
    static constexpr ModuleErrorInfo kUnexpectedTimepoint{
        11, "UnexpectedTimepoint", "A timepoint was given, and no operation is open."};
    static constexpr ModuleErrorInfo kMaxWeightTooLow{12, "MaxWeightTooLow",
                                                      "The call weighs more than was allowed."};
    static constexpr ModuleErrorInfo kAlreadyStored{13, "AlreadyStored",
                                                    "The data is stored already."};
    static constexpr auto errors = list(
        kMinimumThreshold, kAlreadyApproved, kNoApprovalsNeeded, kTooFewSignatories,
        kTooManySignatories, kSignatoriesOutOfOrder, kSenderInSignatories, kNotFound, kNotOwner,
        kNoTimepoint, kWrongTimepoint, kUnexpectedTimepoint, kMaxWeightTooLow, kAlreadyStored);

    // ---- calls ----
    static PostDispatchResult as_multi_threshold_1(const Origin& origin, const Owners& others,
                                                   const RuntimeCall& call);
    static PostDispatchResult as_multi(const Origin& origin, std::uint16_t threshold,
                                       const Owners& others,
                                       const std::optional<Timepoint>& timepoint,
                                       const RuntimeCall& call, Weight max_weight);
    static PostDispatchResult approve_as_multi(const Origin& origin, std::uint16_t threshold,
                                               const Owners& others,
                                               const std::optional<Timepoint>& timepoint,
                                               const CallHash& call_hash, Weight max_weight);
    static DispatchResult cancel_as_multi(const Origin& origin, std::uint16_t threshold,
                                          const Owners& others, const Timepoint& timepoint,
                                          const CallHash& call_hash);

    static constexpr Weight threshold_1_cost(std::size_t owners) {
        return work(15 + owners / 10, 0, 0);
    }
    static constexpr Weight base_cost(std::size_t owners) { return work(25 + owners / 5, 4, 2); }
    static constexpr auto calls =
        list(call<0>(
                 "as_multi_threshold_1", &as_multi_threshold_1, {"other_signatories", "call"},
                 +[](const Owners& others, const RuntimeCall& call) {
                     const DispatchInfo inner = call.info();
                     return DispatchInfo{inner.weight + threshold_1_cost(others.size()), inner.kind,
                                         Pays::yes};
                 },
                 "Dispatch a call at once from an account that any one of its owners may use."),
             call<1>(
                 "as_multi", &as_multi,
                 {"threshold", "other_signatories", "maybe_timepoint", "call", "max_weight"},
                 +[](std::uint16_t, const Owners& others, const std::optional<Timepoint>&,
                     const RuntimeCall&,
                     const Weight& max_weight) { return base_cost(others.size()) + max_weight; },
                 "Approve a call, and dispatch it when this approval reaches the threshold."),
             call<2>(
                 "approve_as_multi", &approve_as_multi,
                 {"threshold", "other_signatories", "maybe_timepoint", "call_hash", "max_weight"},
                 +[](std::uint16_t, const Owners& others, const std::optional<Timepoint>&,
                     const CallHash&, const Weight&) { return base_cost(others.size()); },
                 "Approve a call that is known by its hash alone."),
             call<3>(
                 "cancel_as_multi", &cancel_as_multi,
                 {"threshold", "other_signatories", "timepoint", "call_hash"},
                 +[](std::uint16_t, const Owners& others, const Timepoint&, const CallHash&) {
                     return base_cost(others.size());
                 },
                 "Cancel an open operation; its deposit goes back."));

    // ---- constants ----
    static constexpr auto constants =
        list(constant(
                 "DepositBase", [] { return config::kMultisigDepositBase; },
                 "What an open operation reserves of its opener's money."),
             constant(
                 "DepositFactor", [] { return config::kMultisigDepositFactor; },
                 "What it reserves besides, for each unit of the threshold."),
             constant(
                 "MaxSignatories", [] { return config::kMultisigMaxSignatories; },
                 "Owners of an account, at most."));

    /// The account of these owners, who are sorted.
    static AccountId account_of(const Owners& owners, std::uint16_t threshold);
    /// Where the extrinsic at hand stands.
    static Timepoint now();
};

}  // namespace stipple::runtime
