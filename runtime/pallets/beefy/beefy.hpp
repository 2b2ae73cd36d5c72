// BEEFY: who signs commitments for bridges, session by session.
//
// Spec: sect-beefy. Every session has a set of its own with the next id, announced in the digest of
// its first block, whether or not the validators changed. Signing begins at the genesis block,
// which the genesis configuration names and Root may name anew. Who signs what is not the chain is
// reported as the voters of GRANDPA are.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/beefy/types.hpp"
#include "pallets/offences/types.hpp"
#include "pallets/session/session.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

inline constexpr EngineId kBeefyEngine = engine_id("BEEF");

namespace wiring {
/// Neither set is empty.
void on_new_beefy_set(const BeefyValidatorSet& now, const BeefyValidatorSet& next);
}  // namespace wiring

struct Beefy : Pallet<Beefy> {
    static constexpr std::string_view kName = "Beefy";
    static constexpr std::uint64_t kMaxSetIdSessionEntries = config::kHistoricalSessions;
    using Authorities = BoundedVec<crypto::EcdsaPublic, config::kMaxAuthorities>;

    // ---- storage ----
    static constexpr StorageValue<Authorities> authorities{kName, "Authorities",
                                                           "The keys that sign now."};
    static constexpr StorageValue<std::uint64_t> validator_set_id{kName, "ValidatorSetId",
                                                                  "The id of their set."};
    static constexpr StorageValue<Authorities> next_authorities{
        kName, "NextAuthorities", "The keys that sign in the next session."};
    static constexpr StorageMap<Twox64Concat<std::uint64_t>, Optional<SessionIndex>> set_id_session{
        kName, "SetIdSession", "The session of each of the last sets."};
    static constexpr StorageValue<std::optional<BlockNumber>> genesis_block{
        kName, "GenesisBlock", "The block at which signing begins."};
    static constexpr auto storage =
        list(authorities, validator_set_id, next_authorities, set_id_session, genesis_block);

    // ---- errors ----
    static constexpr ModuleErrorInfo kInvalidKeyOwnershipProof{
        0, "InvalidKeyOwnershipProof", "The proof of who owns the key does not hold."};
    static constexpr ModuleErrorInfo kInvalidDoubleVotingProof{
        1, "InvalidDoubleVotingProof", "These are not two different votes of one voter."};
    static constexpr ModuleErrorInfo kInvalidForkVotingProof{
        2, "InvalidForkVotingProof", "The vote is not shown to be for another chain."};
    static constexpr ModuleErrorInfo kInvalidFutureBlockVotingProof{
        3, "InvalidFutureBlockVotingProof", "The vote is not for a block to come."};
    static constexpr ModuleErrorInfo kInvalidEquivocationProofSession{
        4, "InvalidEquivocationProofSession", "The set did not sign in that session."};
    static constexpr ModuleErrorInfo kDuplicateOffenceReport{5, "DuplicateOffenceReport",
                                                             "The offence is known already."};
    static constexpr ModuleErrorInfo kInvalidConfiguration{
        6, "InvalidConfiguration", "The new genesis block is not in the future."};
    static constexpr auto errors =
        list(kInvalidKeyOwnershipProof, kInvalidDoubleVotingProof, kInvalidForkVotingProof,
             kInvalidFutureBlockVotingProof, kInvalidEquivocationProofSession,
             kDuplicateOffenceReport, kInvalidConfiguration);

    // ---- calls ----
    static constexpr std::uint8_t kReportDoubleVotingUnsigned = 1;
    static constexpr std::uint8_t kReportForkVotingUnsigned = 4;
    static constexpr std::uint8_t kReportFutureBlockVotingUnsigned = 6;
    static PostDispatchResult report_double_voting(const Origin& origin,
                                                   const BeefyDoubleVotingProof& proof,
                                                   const MembershipProof& owner);
    static PostDispatchResult report_double_voting_unsigned(const Origin& origin,
                                                            const BeefyDoubleVotingProof& proof,
                                                            const MembershipProof& owner);
    static DispatchResult set_new_genesis(const Origin& origin, BlockNumber delay_in_blocks);
    static PostDispatchResult report_fork_voting(const Origin& origin,
                                                 const BeefyForkVotingProof& proof,
                                                 const MembershipProof& owner);
    static PostDispatchResult report_fork_voting_unsigned(const Origin& origin,
                                                          const BeefyForkVotingProof& proof,
                                                          const MembershipProof& owner);
    static PostDispatchResult report_future_block_voting(const Origin& origin,
                                                         const BeefyFutureVotingProof& proof,
                                                         const MembershipProof& owner);
    static PostDispatchResult report_future_block_voting_unsigned(
        const Origin& origin, const BeefyFutureVotingProof& proof, const MembershipProof& owner);
    static constexpr auto calls = list(
        call<0>("report_double_voting", &report_double_voting,
                {"equivocation_proof", "key_owner_proof"},
                &cost_of_report<800, BeefyDoubleVotingProof>,
                "Report that a voter signed two payloads for one block; free when it is news."),
        call<kReportDoubleVotingUnsigned>(
            "report_double_voting_unsigned", &report_double_voting_unsigned,
            {"equivocation_proof", "key_owner_proof"}, &cost_of_report<800, BeefyDoubleVotingProof>,
            "As `report_double_voting`, by the node itself."),
        call<2>("set_new_genesis", &set_new_genesis, {"delay_in_blocks"}, work(5, 0, 1),
                "Begin, or begin anew, to sign after so many blocks."),
        call<3>("report_fork_voting", &report_fork_voting,
                {"equivocation_proof", "key_owner_proof"},
                &cost_of_report<1000, BeefyForkVotingProof>,
                "Report that a voter signed for another chain; free when it is news."),
        call<kReportForkVotingUnsigned>("report_fork_voting_unsigned", &report_fork_voting_unsigned,
                                        {"equivocation_proof", "key_owner_proof"},
                                        &cost_of_report<1000, BeefyForkVotingProof>,
                                        "As `report_fork_voting`, by the node itself."),
        call<5>("report_future_block_voting", &report_future_block_voting,
                {"equivocation_proof", "key_owner_proof"},
                &cost_of_report<600, BeefyFutureVotingProof>,
                "Report that a voter signed for a block to come; free when it is news."),
        call<kReportFutureBlockVotingUnsigned>(
            "report_future_block_voting_unsigned", &report_future_block_voting_unsigned,
            {"equivocation_proof", "key_owner_proof"}, &cost_of_report<600, BeefyFutureVotingProof>,
            "As `report_future_block_voting`, by the node itself."));

    // ---- constants ----
    static constexpr auto constants = list(
        constant(
            "MaxAuthorities", [] { return config::kMaxAuthorities; }, "Keys of a set, at most."),
        constant(
            "MaxNominators", [] { return config::kMaxNominators; },
            "Nominators of a validator whose offence may matter."),
        constant(
            "MaxSetIdSessionEntries", [] { return kMaxSetIdSessionEntries; },
            "Sets whose sessions are kept."));

    // ---- for other pallets and APIs ----
    static void on_genesis_session(const ValidatorKeys& validators);
    static void on_new_session(const ValidatorKeys& validators, const ValidatorKeys& queued,
                               SessionIndex session);
    static void on_disabled(std::uint32_t validator);
    /// Absent while nobody can sign.
    static std::optional<BeefyValidatorSet> validator_set();
    /// Part of the digest of every block.
    static void announce_mmr_root(const Hash& root);

    static TransactionValidity validate_unsigned(TransactionSource source, const RuntimeCall& call);
    static void genesis(GenesisReader& config);
};

}  // namespace stipple::runtime
