// ParachainHost: what validators ask about parachains, answered for a chain that has none.
//
// Spec: chap-parachains. A validator of the field takes no block for a leaf to build upon, and
// votes for none, unless the runtime tells its subsystems about sessions, candidates and disputes.
// Version 11 is the first with all that they cannot do without (node features, approval parameters,
// the claim queue). There are no cores here, so every answer about candidates is empty; validators
// and sessions are real.
#pragma once

#include "kit/api.hpp"
#include "pallets/para_session_info/para_session_info.hpp"
#include "relay/parachain_votes.hpp"

namespace stipple::runtime {

struct ParachainHost {
    static constexpr std::string_view kName = "ParachainHost";
    static constexpr std::uint32_t kVersion = 11;

    // ---- sessions and validators ----
    static std::vector<ValidatorId> validators();
    static ValidatorGroups validator_groups();
    static SessionIndex session_index_for_child();
    static std::optional<SessionInfo> session_info(SessionIndex index);
    static std::optional<std::vector<ExecutorParam>> session_executor_params(
        SessionIndex session_index);
    static std::vector<ValidatorIndex> disabled_validators();
    static std::optional<Bytes> key_ownership_proof(const ValidatorId& validator_id);
    static std::uint32_t minimum_backing_votes();
    static AsyncBackingParams async_backing_params();
    static BitVec node_features();
    static ApprovalVotingParams approval_voting_params();

    // ---- cores and candidates: none ----
    static std::vector<CoreState> availability_cores();
    static std::map<std::uint32_t, std::vector<ParaId>> claim_queue();
    static std::optional<PersistedValidationData> persisted_validation_data(
        ParaId para_id, OccupiedCoreAssumption assumption);
    static std::optional<std::tuple<PersistedValidationData, Hash>> assumed_validation_data(
        ParaId para_id, const Hash& expected_persisted_validation_data_hash);
    static bool check_validation_outputs(ParaId para_id, const CandidateCommitments& outputs);
    static std::optional<ValidationCode> validation_code(ParaId para_id,
                                                         OccupiedCoreAssumption assumption);
    static std::optional<Hash> validation_code_hash(ParaId para_id,
                                                    OccupiedCoreAssumption assumption);
    static std::optional<ValidationCode> validation_code_by_hash(const Hash& hash);
    static std::optional<CommittedCandidateReceipt> candidate_pending_availability(ParaId para_id);
    static std::vector<CommittedCandidateReceipt> candidates_pending_availability(ParaId para_id);
    static std::optional<BackingState> para_backing_state(ParaId para_id);
    static std::vector<CandidateEvent> candidate_events();
    static std::vector<InboundDownwardMessage> dmq_contents(ParaId recipient);
    static std::map<ParaId, std::vector<InboundHrmpMessage>> inbound_hrmp_channels_contents(
        ParaId recipient);

    // ---- votes and disputes: none ----
    static std::optional<ScrapedOnChainVotes> on_chain_votes();
    static void submit_pvf_check_statement(const PvfCheckStatement& stmt,
                                           const ValidatorSignature& signature);
    static std::vector<Hash> pvfs_require_precheck();
    static std::vector<Dispute> disputes();
    static std::vector<UnappliedSlash> unapplied_slashes();
    static std::optional<Unit> submit_report_dispute_lost(const DisputeProof& dispute_proof,
                                                          const Bytes& key_ownership_proof);

    static constexpr auto methods = list(
        method("validators", &validators, {}, "Get the current validators."),
        method("validator_groups", &validator_groups, {},
               "The groups that back candidates, and how they rotate, for the next block."),
        method("availability_cores", &availability_cores, {}, "All cores, for the next block."),
        method("persisted_validation_data", &persisted_validation_data, {"para_id", "assumption"},
               "What a candidate of a parachain is validated with."),
        method("assumed_validation_data", &assumed_validation_data,
               {"para_id", "expected_persisted_validation_data_hash"},
               "The same when it has this hash, and the hash of the code."),
        method("check_validation_outputs", &check_validation_outputs, {"para_id", "outputs"},
               "Whether the outputs of a candidate would be accepted."),
        method("session_index_for_child", &session_index_for_child, {},
               "The session of the next block."),
        method("validation_code", &validation_code, {"para_id", "assumption"},
               "The code of a parachain."),
        method("candidate_pending_availability", &candidate_pending_availability, {"para_id"},
               "The candidate of a parachain that waits to be available."),
        method("candidate_events", &candidate_events, {},
               "What became of candidates in this block."),
        method("dmq_contents", &dmq_contents, {"recipient"},
               "The messages from this chain that wait for a parachain."),
        method("inbound_hrmp_channels_contents", &inbound_hrmp_channels_contents, {"recipient"},
               "The messages of other parachains that wait for one, by sender."),
        method("validation_code_by_hash", &validation_code_by_hash, {"hash"}, "Code by its hash."),
        method("on_chain_votes", &on_chain_votes, {}, "The votes that this block brought."),
        method("session_info", &session_info, {"index"}, "The session's validators and rules."),
        method("submit_pvf_check_statement", &submit_pvf_check_statement, {"stmt", "signature"},
               "Hands a vote on a parachain's code to the pool."),
        method("pvfs_require_precheck", &pvfs_require_precheck, {},
               "Hashes of the code that is to be voted on."),
        method("validation_code_hash", &validation_code_hash, {"para_id", "assumption"},
               "The hash of the code of a parachain."),
        method("disputes", &disputes, {}, "The disputes the chain knows."),
        method("session_executor_params", &session_executor_params, {"session_index"},
               "How code of parachains is executed in a session."),
        method("unapplied_slashes", &unapplied_slashes, {},
               "Who lost a dispute and was not slashed yet."),
        method("key_ownership_proof", &key_ownership_proof, {"validator_id"},
               "A proof of who owns a key in this session."),
        method("submit_report_dispute_lost", &submit_report_dispute_lost,
               {"dispute_proof", "key_ownership_proof"},
               "Hands a report to the pool; none when it could not."),
        method("minimum_backing_votes", &minimum_backing_votes, {},
               "How many must back a candidate."),
        method("para_backing_state", &para_backing_state, {"_"},
               "What the next candidate of a parachain must keep to."),
        method("async_backing_params", &async_backing_params, {},
               "How far candidates may be ahead of the chain."),
        method("disabled_validators", &disabled_validators, {}, "Indices of who may not act now."),
        method("node_features", &node_features, {}, "What validators are to switch on, by bit."),
        method("approval_voting_params", &approval_voting_params, {},
               "How many candidates one vote may approve."),
        method("claim_queue", &claim_queue, {}, "Whose turn it is on each core."),
        method("candidates_pending_availability", &candidates_pending_availability, {"para_id"},
               "The candidates of a parachain that wait to be available."));
};

}  // namespace stipple::runtime
