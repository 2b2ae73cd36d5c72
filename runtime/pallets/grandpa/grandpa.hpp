// GRANDPA: the authorities of finality and how they change.
//
// Spec: sect-grandpa. A change of the session's set is announced by a ScheduledChange in the digest
// of the block that rotates; it takes effect when that block is finalised, and the set id counts
// up. When finality has stalled, Root may ask for a ForcedChange, which takes effect by import
// alone.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/grandpa/types.hpp"
#include "pallets/offences/types.hpp"

namespace stipple::runtime {

struct Grandpa : Pallet<Grandpa> {
    static constexpr std::string_view kName = "Grandpa";
    /// Sessions of past sets that are remembered: a week of sessions of one hour.
    static constexpr std::uint64_t kMaxSetIdSessionEntries = 168;

    static constexpr StorageValue<GrandpaState> state{kName, "State",
                                                      "State of the current authority set."};
    static constexpr StorageValue<Optional<GrandpaPendingChange>> pending_change{
        kName, "PendingChange", "Pending change: (signaled at, scheduled change)."};
    static constexpr StorageValue<Optional<BlockNumber>> next_forced{
        kName, "NextForced", "Next block number where we can force a change."};
    static constexpr StorageValue<Optional<std::tuple<BlockNumber, BlockNumber>>> stalled{
        kName, "Stalled", "True if we are currently stalled: further wait and median."};
    static constexpr StorageValue<std::uint64_t> current_set_id{
        kName, "CurrentSetId", "The number of changes since genesis."};
    static constexpr StorageMap<Twox64Concat<std::uint64_t>, Optional<SessionIndex>> set_id_session{
        kName, "SetIdSession", "The last session of each set."};
    static constexpr StorageValue<GrandpaAuthorities> authorities{
        kName, "Authorities", "The current list of authorities."};
    static constexpr auto storage = list(state, pending_change, next_forced, stalled,
                                         current_set_id, set_id_session, authorities);

    static constexpr Event<grandpa::AuthorityList> kNewAuthorities{
        0, "NewAuthorities", {"authority_set"}, "New authority set has been applied."};
    static constexpr Event<> kPaused{1, "Paused", {}, "Current authority set has been paused."};
    static constexpr Event<> kResumed{2, "Resumed", {}, "Current authority set has been resumed."};
    static constexpr auto events = list(kNewAuthorities, kPaused, kResumed);

    static constexpr ModuleErrorInfo kPauseFailed{
        0, "PauseFailed", "Attempt to signal GRANDPA pause when it is not live."};
    static constexpr ModuleErrorInfo kResumeFailed{
        1, "ResumeFailed", "Attempt to signal GRANDPA resume when it is not paused."};
    static constexpr ModuleErrorInfo kChangePending{
        2, "ChangePending", "Attempt to signal GRANDPA change with one already pending."};
    static constexpr ModuleErrorInfo kTooSoon{3, "TooSoon",
                                              "Cannot signal forced change so soon after last."};
    static constexpr ModuleErrorInfo kInvalidKeyOwnershipProof{
        4, "InvalidKeyOwnershipProof", "A key ownership proof provided is invalid."};
    static constexpr ModuleErrorInfo kInvalidEquivocationProof{
        5, "InvalidEquivocationProof", "An equivocation proof provided is invalid."};
    static constexpr ModuleErrorInfo kDuplicateOffenceReport{
        6, "DuplicateOffenceReport", "A given equivocation report is valid but already reported."};
    static constexpr auto errors =
        list(kPauseFailed, kResumeFailed, kChangePending, kTooSoon, kInvalidKeyOwnershipProof,
             kInvalidEquivocationProof, kDuplicateOffenceReport);

    static PostDispatchResult report_equivocation(const Origin& origin,
                                                  const GrandpaEquivocationProof& proof,
                                                  const MembershipProof& owner);
    static PostDispatchResult report_equivocation_unsigned(const Origin& origin,
                                                           const GrandpaEquivocationProof& proof,
                                                           const MembershipProof& owner);
    static DispatchResult note_stalled(const Origin& origin, BlockNumber delay,
                                       BlockNumber best_finalized_block_number);
    static constexpr auto calls =
        list(call<0>("report_equivocation", &report_equivocation,
                     {"equivocation_proof", "key_owner_proof"},
                     &cost_of_report<500, GrandpaEquivocationProof>,
                     "Report that a voter voted twice in a round; free of charge when it is news."),
             call<1>("report_equivocation_unsigned", &report_equivocation_unsigned,
                     {"equivocation_proof", "key_owner_proof"},
                     &cost_of_report<500, GrandpaEquivocationProof>,
                     "As `report_equivocation`, by the node itself."),
             call<2>("note_stalled", &note_stalled, {"delay", "best_finalized_block_number"},
                     work(4, 0, 1),
                     "Note that the current authority set of the GRANDPA finality gadget has "
                     "stalled."));

    static constexpr auto constants = list(
        constant(
            "MaxAuthorities", [] { return config::kMaxAuthorities; }, "Max Authorities in use."),
        constant(
            "MaxSetIdSessionEntries", [] { return kMaxSetIdSessionEntries; },
            "The maximum number of entries to keep in the set id to session index mapping."));

    static void on_finalize(BlockNumber number);
    static TransactionValidity validate_unsigned(TransactionSource source, const RuntimeCall& call);
    static void genesis(GenesisReader& config);

    // ---- for other pallets ----
    static void set_genesis_authorities(const grandpa::AuthorityList& list);
    static void on_new_session(bool changed, const grandpa::AuthorityList& next,
                               SessionIndex session);
    static DispatchResult schedule_change(const grandpa::AuthorityList& next, BlockNumber delay,
                                          std::optional<BlockNumber> forced);
};

}  // namespace stipple::runtime
