// What operators see of BEEFY, under the names of the Rust node.
#pragma once

#include "consensus/beefy/voter.hpp"
#include "node/metrics.hpp"

namespace stipple::node {

class BeefyMetrics {
 public:
    /// `metrics` outlives this.
    explicit BeefyMetrics(Metrics& metrics);
    void show(const beefy::Voter& voter);

 private:
    Metric& best_block_;
    Metric& best_voted_;
    Metric& should_vote_on_;
    Metric& validator_set_id_;
    Metric& votes_sent_;
    Metric& good_votes_;
    Metric& stale_votes_;
    Metric& invalid_votes_;
    Metric& equivocations_;
    Metric& imported_proofs_;
    Metric& stale_proofs_;
    Metric& buffered_proofs_;
    Metric& buffered_dropped_;
    Metric& lagging_sessions_;
    Metric& fetched_good_;
    Metric& fetched_bad_;
    Metric& fetch_refused_;
    Metric& live_peers_;
};

}  // namespace stipple::node
