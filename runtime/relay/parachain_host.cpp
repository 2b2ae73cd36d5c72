#include "relay/parachain_host.hpp"

#include "pallets/babe/babe.hpp"
#include "pallets/offences/historical.hpp"
#include "parachain_config.hpp"

namespace stipple::runtime {

// ---- sessions and validators ----

std::vector<ValidatorId> ParachainHost::validators() {
    const auto info = session_info(session_index_for_child());
    return info ? info->validators : std::vector<ValidatorId>();
}
ValidatorGroups ParachainHost::validator_groups() {
    // To parachains a session begins after the block that opens it; the first with genesis.
    const auto [previous, opened] = Babe::epoch_start.get();
    const BlockNumber start = opened == 0 ? 0 : opened + 1;
    return {{}, {start, 0, System::number.get() + 1}};
}
SessionIndex ParachainHost::session_index_for_child() {
    return Session::current_index.get();
}
std::optional<SessionInfo> ParachainHost::session_info(SessionIndex index) {
    return ParaSessionInfo::sessions.get(index);
}
std::optional<std::vector<ExecutorParam>> ParachainHost::session_executor_params(
    SessionIndex session_index) {
    // None differs from the defaults.
    return ParaSessionInfo::sessions.contains(session_index)
               ? std::optional(std::vector<ExecutorParam>())
               : std::nullopt;
}
std::vector<ValidatorIndex> ParachainHost::disabled_validators() {
    return Session::disabled_validators.get();
}
std::optional<Bytes> ParachainHost::key_ownership_proof(const ValidatorId& validator_id) {
    const auto proof = Historical::prove(kParaValidatorKey, validator_id.view());
    return proof ? std::optional(scale::encode(*proof)) : std::nullopt;
}
std::uint32_t ParachainHost::minimum_backing_votes() {
    return config::kMinimumBackingVotes;
}
AsyncBackingParams ParachainHost::async_backing_params() {
    return {};
}
BitVec ParachainHost::node_features() {
    return {};
}
ApprovalVotingParams ParachainHost::approval_voting_params() {
    return {config::kMaxApprovalCoalesce};
}

// ---- cores and candidates: none ----

std::vector<CoreState> ParachainHost::availability_cores() {
    return {};
}
std::map<std::uint32_t, std::vector<ParaId>> ParachainHost::claim_queue() {
    return {};
}
std::optional<PersistedValidationData> ParachainHost::persisted_validation_data(
    ParaId, OccupiedCoreAssumption) {
    return std::nullopt;
}
std::optional<std::tuple<PersistedValidationData, Hash>> ParachainHost::assumed_validation_data(
    ParaId, const Hash&) {
    return std::nullopt;
}
bool ParachainHost::check_validation_outputs(ParaId, const CandidateCommitments&) {
    return false;
}
std::optional<ValidationCode> ParachainHost::validation_code(ParaId, OccupiedCoreAssumption) {
    return std::nullopt;
}
std::optional<Hash> ParachainHost::validation_code_hash(ParaId, OccupiedCoreAssumption) {
    return std::nullopt;
}
std::optional<ValidationCode> ParachainHost::validation_code_by_hash(const Hash&) {
    return std::nullopt;
}
std::optional<CommittedCandidateReceipt> ParachainHost::candidate_pending_availability(ParaId) {
    return std::nullopt;
}
std::vector<CommittedCandidateReceipt> ParachainHost::candidates_pending_availability(ParaId) {
    return {};
}
std::optional<BackingState> ParachainHost::para_backing_state(ParaId) {
    return std::nullopt;
}
std::vector<CandidateEvent> ParachainHost::candidate_events() {
    return {};
}
std::vector<InboundDownwardMessage> ParachainHost::dmq_contents(ParaId) {
    return {};
}
std::map<ParaId, std::vector<InboundHrmpMessage>> ParachainHost::inbound_hrmp_channels_contents(
    ParaId) {
    return {};
}

// ---- votes and disputes: none ----

std::optional<ScrapedOnChainVotes> ParachainHost::on_chain_votes() {
    return std::nullopt;
}
/// There is no code to vote on, so no vote is wanted.
void ParachainHost::submit_pvf_check_statement(const PvfCheckStatement&,
                                               const ValidatorSignature&) {}
std::vector<Hash> ParachainHost::pvfs_require_precheck() {
    return {};
}
std::vector<Dispute> ParachainHost::disputes() {
    return {};
}
std::vector<UnappliedSlash> ParachainHost::unapplied_slashes() {
    return {};
}
std::optional<Unit> ParachainHost::submit_report_dispute_lost(const DisputeProof&, const Bytes&) {
    return std::nullopt;
}

}  // namespace stipple::runtime

RUNTIME_API(ParachainHost, ParachainHost, validators)
RUNTIME_API(ParachainHost, ParachainHost, validator_groups)
RUNTIME_API(ParachainHost, ParachainHost, availability_cores)
RUNTIME_API(ParachainHost, ParachainHost, persisted_validation_data)
RUNTIME_API(ParachainHost, ParachainHost, assumed_validation_data)
RUNTIME_API(ParachainHost, ParachainHost, check_validation_outputs)
RUNTIME_API(ParachainHost, ParachainHost, session_index_for_child)
RUNTIME_API(ParachainHost, ParachainHost, validation_code)
RUNTIME_API(ParachainHost, ParachainHost, candidate_pending_availability)
RUNTIME_API(ParachainHost, ParachainHost, candidate_events)
RUNTIME_API(ParachainHost, ParachainHost, dmq_contents)
RUNTIME_API(ParachainHost, ParachainHost, inbound_hrmp_channels_contents)
RUNTIME_API(ParachainHost, ParachainHost, validation_code_by_hash)
RUNTIME_API(ParachainHost, ParachainHost, on_chain_votes)
RUNTIME_API(ParachainHost, ParachainHost, session_info)
RUNTIME_API(ParachainHost, ParachainHost, submit_pvf_check_statement)
RUNTIME_API(ParachainHost, ParachainHost, pvfs_require_precheck)
RUNTIME_API(ParachainHost, ParachainHost, validation_code_hash)
RUNTIME_API(ParachainHost, ParachainHost, disputes)
RUNTIME_API(ParachainHost, ParachainHost, session_executor_params)
RUNTIME_API(ParachainHost, ParachainHost, unapplied_slashes)
RUNTIME_API(ParachainHost, ParachainHost, key_ownership_proof)
RUNTIME_API(ParachainHost, ParachainHost, submit_report_dispute_lost)
RUNTIME_API(ParachainHost, ParachainHost, minimum_backing_votes)
RUNTIME_API(ParachainHost, ParachainHost, para_backing_state)
RUNTIME_API(ParachainHost, ParachainHost, async_backing_params)
RUNTIME_API(ParachainHost, ParachainHost, disabled_validators)
RUNTIME_API(ParachainHost, ParachainHost, node_features)
RUNTIME_API(ParachainHost, ParachainHost, approval_voting_params)
RUNTIME_API(ParachainHost, ParachainHost, claim_queue)
RUNTIME_API(ParachainHost, ParachainHost, candidates_pending_availability)
