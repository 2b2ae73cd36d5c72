#include "node/core_metrics.hpp"

namespace stipple::node {
namespace {

/// Of the voter, zero without one.
template <auto Read>
double voter(const Core& core) {
    return core.beefy() == nullptr ? 0 : static_cast<double>(Read(*core.beefy()));
}
template <std::uint64_t beefy::VoterCounts::* Count>
double counted(const Core& core) {
    return core.beefy() == nullptr ? 0 : static_cast<double>(core.beefy()->counts().*Count);
}
template <std::uint64_t Authorities::Counts::* Count>
double counted(const Authorities& authorities) {
    return static_cast<double>(authorities.counts().*Count);
}
template <std::uint64_t network::requests::RequestServer::Counts::* Count>
double proofs_asked(const Core& core) {
    return static_cast<double>(core.peering().requests(network::Protocol::beefy_justifications).*
                               Count);
}

BlockNumber best_proven(const beefy::Voter& voter) {
    return voter.oracle() == nullptr ? 0 : voter.oracle()->best_beefy();
}
BlockNumber next_vote(const beefy::Voter& voter) {
    return voter.oracle() == nullptr ? 0 : voter.oracle()->target().value_or(voter.best_voted());
}
std::uint64_t set_of(const beefy::Voter& voter) {
    return voter.oracle() == nullptr ? 0 : voter.oracle()->active().set()->id.value;
}
BlockNumber best_voted(const beefy::Voter& voter) {
    return voter.best_voted();
}
std::size_t buffered(const beefy::Voter& voter) {
    return voter.buffered_proofs();
}
std::size_t peers(const beefy::Voter& voter) {
    return voter.peer_count();
}

using Counts = beefy::VoterCounts;
using Answers = network::requests::RequestServer::Counts;
constexpr auto kGauge = MetricKind::gauge;
constexpr auto kCounter = MetricKind::counter;

constexpr MetricRow<Core> kBeefyRows[] = {
    {kGauge, "substrate_beefy_best_block", "Best block finalized by BEEFY", voter<best_proven>},
    {kGauge, "substrate_beefy_best_voted", "Best block voted on by BEEFY", voter<best_voted>},
    {kGauge, "substrate_beefy_should_vote_on", "Next block to vote on", voter<next_vote>},
    {kGauge, "substrate_beefy_validator_set_id", "Current BEEFY active validator set id",
     voter<set_of>},
    {kCounter, "substrate_beefy_votes_sent", "Number of votes sent", counted<&Counts::votes_sent>},
    {kCounter, "substrate_beefy_successful_handled_votes",
     "Number of good votes successfully handled", counted<&Counts::good_votes>},
    {kCounter, "substrate_beefy_stale_votes", "Number of valid but stale votes",
     counted<&Counts::stale_votes>},
    {kCounter, "substrate_beefy_invalid_votes", "Number of invalid votes",
     counted<&Counts::invalid_votes>},
    {kCounter, "substrate_beefy_equivocation_votes", "Number of equivocation votes received",
     counted<&Counts::equivocations>},
    {kCounter, "substrate_beefy_imported_justifications", "Number of justifications processed",
     counted<&Counts::imported_proofs>},
    {kCounter, "substrate_beefy_stale_justifications", "Number of valid but stale justifications",
     counted<&Counts::stale_proofs>},
    {kGauge, "substrate_beefy_buffered_justifications", "Number of justifications kept for later",
     voter<buffered>},
    {kCounter, "substrate_beefy_buffered_justifications_dropped",
     "Number of justifications dropped for lack of room", counted<&Counts::buffered_dropped>},
    {kCounter, "substrate_beefy_lagging_sessions",
     "Number of sessions that began before the last one's mandatory block was proven",
     counted<&Counts::lagging_sessions>},
    {kCounter, "substrate_beefy_no_authority_found_in_store",
     "Number of sessions that began while the keystore had no key",
     counted<&Counts::sessions_without_key>},
    {kCounter, "substrate_beefy_good_justification_imports",
     "Number of good justifications that came with blocks", counted<&Counts::good_imports>},
    {kCounter, "substrate_beefy_bad_justification_imports",
     "Number of bad justifications that came with blocks", counted<&Counts::bad_imports>},
    {kCounter, "substrate_beefy_successful_justification_responses",
     "Number of peers' requests answered with a justification", proofs_asked<&Answers::answered>},
    {kCounter, "substrate_beefy_failed_justification_responses",
     "Number of peers' requests that were refused", proofs_asked<&Answers::refused>},
    {kCounter, "substrate_beefy_on_demand_justification_no_peer_to_request_from",
     "Number of times there was nobody to ask for a proof", counted<&Counts::fetch_no_peer>},
    // The one name without the prefix, as operators' dashboards have it.
    {kCounter, "beefy_on_demand_justification_peer_refused",
     "Number of requests on demand that a peer refused", counted<&Counts::fetch_refused>},
    {kCounter, "substrate_beefy_on_demand_justification_peer_error",
     "Number of requests on demand that had no answer", counted<&Counts::fetch_failed>},
    {kCounter, "substrate_beefy_on_demand_justification_invalid_proof",
     "Number of invalid proofs received on demand", counted<&Counts::fetched_bad>},
    {kCounter, "substrate_beefy_on_demand_justification_good_proof",
     "Number of good proofs received on demand", counted<&Counts::fetched_good>},
    {kGauge, "substrate_beefy_on_demand_live_peers", "Number of peers on the BEEFY protocol",
     voter<peers>},
};

double last_published(const Authorities& authorities) {
    return static_cast<double>(authorities.last_published_addresses());
}
double pending(const Authorities& authorities) {
    return static_cast<double>(authorities.pending_lookups());
}
double known(const Authorities& authorities) {
    return static_cast<double>(authorities.table().size());
}

using Found = Authorities::Counts;
constexpr const char* kDhtEvents = "substrate_authority_discovery_dht_event_received";
constexpr const char* kDhtEventsHelp = "Number of dht events received by authority discovery";

constexpr MetricRow<Authorities> kDiscoveryRows[] = {
    {kCounter, "substrate_authority_discovery_times_published_total",
     "Times our addresses were published", counted<&Found::published>},
    {kGauge, "substrate_authority_discovery_amount_external_addresses_last_published",
     "Addresses in the record published last", last_published},
    {kCounter, "substrate_authority_discovery_authority_addresses_requested_total",
     "Lookups of authorities' addresses", counted<&Found::lookups>},
    {kGauge, "substrate_authority_discovery_authority_address_requests_pending",
     "Lookups of authorities' addresses that wait for their turn", pending},
    {kGauge, "substrate_authority_discovery_known_authorities_count",
     "Authorities whose addresses are known", known},
    {kCounter, "substrate_authority_discovery_handle_value_found_event_failure",
     "Records found or offered that did not hold", counted<&Found::bad_records>},
    {kCounter, kDhtEvents, kDhtEventsHelp, counted<&Found::values_found>, "value_found"},
    {kCounter, kDhtEvents, kDhtEventsHelp, counted<&Found::values_not_found>, "value_not_found"},
    {kCounter, kDhtEvents, kDhtEventsHelp, counted<&Found::values_put>, "value_put"},
    {kCounter, kDhtEvents, kDhtEventsHelp, counted<&Found::values_put_failed>, "value_put_failed"},
    {kCounter, kDhtEvents, kDhtEventsHelp, counted<&Found::put_requests>, "put_record_req"},
};

using Status = network::sync::SyncStatus;
template <std::size_t Status::* Member>
double number(const Status& status) {
    return static_cast<double>(status.*Member);
}

constexpr MetricRow<Status> kSyncRows[] = {
    {kGauge, "substrate_sync_peers", "Number of peers we sync with", number<&Status::peers>},
    {kGauge, "substrate_sync_queued_blocks", "Number of blocks in import queue",
     number<&Status::queued_blocks>},
    {kGauge, "substrate_sync_fork_targets", "Number of fork sync targets",
     number<&Status::fork_targets>},
    {kGauge, "substrate_sync_extra_justifications", "Number of extra justifications requests",
     number<&Status::wanted_justifications>, "pending", "status"},
};

}  // namespace

std::span<const MetricRow<Core>> beefy_metrics() {
    return kBeefyRows;
}
std::span<const MetricRow<Authorities>> discovery_metrics() {
    return kDiscoveryRows;
}
std::span<const MetricRow<network::sync::SyncStatus>> sync_metrics() {
    return kSyncRows;
}

}  // namespace stipple::node
