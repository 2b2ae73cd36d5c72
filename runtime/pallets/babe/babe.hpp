// BABE: slots, epochs and their randomness, as the runtime keeps them.
//
// Spec: sect-babe. The first block of an epoch announces the authorities and the randomness of the
// next one in its digest; block 1 opens epoch 0 and announces epoch 1. Randomness of an epoch is
// the hash of the one before, the epoch's index and what the VRFs of primary blocks gave meanwhile.
//
// Deviation: of a VRF output the hash of its pre-output is taken, where the Rust runtime evaluates
// the output on the curve. The pre-output is unique for key and input as well, and the host only
// takes what the digest announces.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/babe/types.hpp"
#include "pallets/offences/types.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct Babe : Pallet<Babe> {
    static constexpr std::string_view kName = "Babe";
    static constexpr std::uint32_t kSegmentLength = 256;
    using Authorities = WeakBoundedVec<babe::Authority, config::kMaxAuthorities>;
    using Randomness = babe::Randomness;

    static constexpr StorageValue<std::uint64_t> epoch_index{kName, "EpochIndex",
                                                             "Current epoch index."};
    static constexpr StorageValue<Authorities> authorities{kName, "Authorities",
                                                           "Current epoch authorities."};
    static constexpr StorageValue<Slot> genesis_slot{
        kName, "GenesisSlot", "The slot at which the first epoch actually started."};
    static constexpr StorageValue<Slot> current_slot{kName, "CurrentSlot", "Current slot number."};
    static constexpr StorageValue<Randomness> randomness{
        kName, "Randomness", "The epoch randomness for the *current* epoch."};
    static constexpr StorageValue<Optional<NextConfigDescriptor>> pending_epoch_config_change{
        kName, "PendingEpochConfigChange", "Configuration to announce at the next epoch."};
    static constexpr StorageValue<Randomness> next_randomness{kName, "NextRandomness",
                                                              "Next epoch randomness."};
    static constexpr StorageValue<Authorities> next_authorities{kName, "NextAuthorities",
                                                                "Next epoch authorities."};
    static constexpr StorageValue<std::uint32_t> segment_index{
        kName, "SegmentIndex", "The segment of randomness that is being filled."};
    static constexpr StorageMap<Twox64Concat<std::uint32_t>, BoundedVec<Randomness, kSegmentLength>>
        under_construction{kName, "UnderConstruction", "Randomness under construction."};
    static constexpr StorageValue<Optional<std::optional<babe::PreDigest>>> initialized{
        kName, "Initialized", "The pre-digest of the current block, until it is finalized."};
    static constexpr StorageValue<std::optional<Randomness>> author_vrf_randomness{
        kName, "AuthorVrfRandomness", "What the VRF of the last block gave."};
    static constexpr StorageValue<std::tuple<BlockNumber, BlockNumber>> epoch_start{
        kName, "EpochStart", "First blocks of the previous and the current epoch."};
    static constexpr StorageValue<BlockNumber> lateness{
        kName, "Lateness", "How many slots were skipped before the current block."};
    static constexpr StorageValue<Optional<babe::EpochConfig>> epoch_config{
        kName, "EpochConfig", "The configuration for the current epoch."};
    static constexpr StorageValue<Optional<babe::EpochConfig>> next_epoch_config{
        kName, "NextEpochConfig", "The configuration for the next epoch."};
    static constexpr StorageValue<BoundedVec<std::tuple<std::uint64_t, SessionIndex>, 100>>
        skipped_epochs{kName, "SkippedEpochs", "Epochs that followed a gap, and their sessions."};
    static constexpr auto storage =
        list(epoch_index, authorities, genesis_slot, current_slot, randomness,
             pending_epoch_config_change, next_randomness, next_authorities, segment_index,
             under_construction, initialized, author_vrf_randomness, epoch_start, lateness,
             epoch_config, next_epoch_config, skipped_epochs);

    static constexpr ModuleErrorInfo kInvalidEquivocationProof{
        0, "InvalidEquivocationProof", "An equivocation proof provided is invalid."};
    static constexpr ModuleErrorInfo kInvalidKeyOwnershipProof{
        1, "InvalidKeyOwnershipProof", "A key ownership proof provided is invalid."};
    static constexpr ModuleErrorInfo kDuplicateOffenceReport{
        2, "DuplicateOffenceReport", "A given equivocation report is valid but already reported."};
    static constexpr ModuleErrorInfo kInvalidConfiguration{3, "InvalidConfiguration",
                                                           "Submitted configuration is invalid."};
    static constexpr auto errors = list(kInvalidEquivocationProof, kInvalidKeyOwnershipProof,
                                        kDuplicateOffenceReport, kInvalidConfiguration);

    static PostDispatchResult report_equivocation(const Origin& origin,
                                                  const BabeEquivocationProof& proof,
                                                  const MembershipProof& owner);
    static PostDispatchResult report_equivocation_unsigned(const Origin& origin,
                                                           const BabeEquivocationProof& proof,
                                                           const MembershipProof& owner);
    static DispatchResult plan_config_change(const Origin& origin,
                                             const NextConfigDescriptor& config);
    static constexpr auto calls = list(
        call<0>(
            "report_equivocation", &report_equivocation, {"equivocation_proof", "key_owner_proof"},
            &cost_of_report<500, BabeEquivocationProof>,
            "Report that an author sealed two blocks for a slot; free of charge when it is news."),
        call<1>("report_equivocation_unsigned", &report_equivocation_unsigned,
                {"equivocation_proof", "key_owner_proof"},
                &cost_of_report<500, BabeEquivocationProof>,
                "As `report_equivocation`, by the node itself."),
        call<2>("plan_config_change", &plan_config_change, {"config"}, work(5, 0, 1),
                "Plan an epoch config change."));

    static constexpr auto constants =
        list(constant(
                 "EpochDuration", [] { return config::kEpochSlots; }, "Slots of an epoch."),
             constant(
                 "ExpectedBlockTime", [] { return config::kSlotDurationMs; },
                 "The time between blocks when no slot is missed, in milliseconds."),
             constant(
                 "MaxAuthorities", [] { return config::kMaxAuthorities; },
                 "Max number of authorities allowed."));

    static Weight on_initialize(BlockNumber number);
    static void on_finalize(BlockNumber number);
    static TransactionValidity validate_unsigned(TransactionSource source, const RuntimeCall& call);
    static void genesis(GenesisReader& config);

    // ---- for other pallets and APIs ----
    static bool should_end_epoch(BlockNumber now);
    static void set_genesis_authorities(const babe::AuthorityList& list);
    static void start_epoch(const babe::AuthorityList& now, const babe::AuthorityList& next,
                            SessionIndex session);
    static void note_disabled(std::uint32_t authority);
    /// Panics when the time of the block is not within its slot.
    static void check_time(Moment now);
    /// The author of the block at hand, from its pre-digest.
    static std::optional<std::uint32_t> author_index();
    static Slot epoch_start_slot(std::uint64_t index);
    static babe::Configuration configuration();
    static babe::Epoch current_epoch();
    static babe::Epoch next_epoch();
    /// The session in which an epoch was, where epochs were skipped.
    static SessionIndex session_of_epoch(std::uint64_t index);

 private:
    static void open_first_epoch(Slot slot);
    static void add_randomness(const Randomness& value);
    static Randomness collect_randomness(std::uint64_t next_epoch_index);
};

}  // namespace stipple::runtime
