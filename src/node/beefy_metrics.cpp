#include "node/beefy_metrics.hpp"

namespace stipple::node {

BeefyMetrics::BeefyMetrics(Metrics& metrics)
    : best_block_(metrics.gauge("substrate_beefy_best_block", "Best block finalized by BEEFY")),
      best_voted_(metrics.gauge("substrate_beefy_best_voted", "Best block voted on by BEEFY")),
      should_vote_on_(metrics.gauge("substrate_beefy_should_vote_on", "Next block to vote on")),
      validator_set_id_(metrics.gauge("substrate_beefy_validator_set_id",
                                      "Current BEEFY active validator set id")),
      votes_sent_(metrics.counter("substrate_beefy_votes_sent", "Number of votes sent")),
      good_votes_(metrics.counter("substrate_beefy_successful_handled_votes",
                                  "Number of good votes successfully handled")),
      stale_votes_(
          metrics.counter("substrate_beefy_stale_votes", "Number of valid but stale votes")),
      invalid_votes_(metrics.counter("substrate_beefy_invalid_votes", "Number of invalid votes")),
      equivocations_(metrics.counter("substrate_beefy_equivocation_votes",
                                     "Number of equivocation votes received")),
      imported_proofs_(metrics.counter("substrate_beefy_imported_justifications",
                                       "Number of justifications processed")),
      stale_proofs_(metrics.counter("substrate_beefy_stale_justifications",
                                    "Number of valid but stale justifications")),
      buffered_proofs_(metrics.gauge("substrate_beefy_buffered_justifications",
                                     "Number of justifications kept for later")),
      buffered_dropped_(metrics.counter("substrate_beefy_buffered_justifications_dropped",
                                        "Number of justifications dropped for lack of room")),
      lagging_sessions_(metrics.counter("substrate_beefy_lagging_sessions",
                                        "Number of sessions that began before the last one's "
                                        "mandatory block was proven")),
      fetched_good_(metrics.counter("substrate_beefy_on_demand_justification_good_proof",
                                    "Number of good proofs received on demand")),
      fetched_bad_(metrics.counter("substrate_beefy_on_demand_justification_invalid_proof",
                                   "Number of invalid proofs received on demand")),
      fetch_refused_(metrics.counter("substrate_beefy_on_demand_justification_peer_error",
                                     "Number of requests on demand that gave no proof")),
      live_peers_(metrics.gauge("substrate_beefy_on_demand_live_peers",
                                "Number of peers on the BEEFY protocol")) {}

void BeefyMetrics::show(const beefy::Voter& voter) {
    const auto set = [](Metric& metric, std::uint64_t value) {
        metric.set(static_cast<double>(value));
    };
    const beefy::VoterCounts& counts = voter.counts();
    if (const auto* oracle = voter.oracle()) {
        set(best_block_, oracle->best_beefy());
        set(should_vote_on_, oracle->target().value_or(voter.best_voted()));
        set(validator_set_id_, oracle->active().set()->id.value);
    }
    set(best_voted_, voter.best_voted());
    set(votes_sent_, counts.votes_sent);
    set(good_votes_, counts.good_votes);
    set(stale_votes_, counts.stale_votes);
    set(invalid_votes_, counts.invalid_votes);
    set(equivocations_, counts.equivocations);
    set(imported_proofs_, counts.imported_proofs);
    set(stale_proofs_, counts.stale_proofs);
    set(buffered_proofs_, voter.buffered_proofs());
    set(buffered_dropped_, counts.buffered_dropped);
    set(lagging_sessions_, counts.lagging_sessions);
    set(fetched_good_, counts.fetched_good);
    set(fetched_bad_, counts.fetched_bad);
    set(fetch_refused_, counts.fetch_refused);
    set(live_peers_, voter.peer_count());
}

}  // namespace stipple::node
