// Runs the core: takes events from the inbox, hands them to the core with the time, and carries out
// what the core asks for on workers, the chain thread and the signer.
//
//   inbox ─▶ Core::handle ─▶ effects ─┬▶ workers       validate transactions, verify votes
//     ▲                               ├▶ chain thread  author, import, finalise, store
//     └────────── events ◀────────────┼▶ signer        journal, then sign a vote
//                                     └▶ subscribers, pool service, metrics, log
#pragma once

#include "io/workers.hpp"
#include "node/core_metrics.hpp"
#include "node/effect_jobs.hpp"
#include "node/import_metrics.hpp"
#include "node/inbox.hpp"
#include "node/informant.hpp"
#include "node/metrics.hpp"
#include "node/network/port.hpp"
#include "node/offchain_service.hpp"
#include "node/pool_service.hpp"
#include "node/recorder.hpp"
#include "node/sync_view.hpp"
#include "rpc/subscriptions/hub.hpp"

#include <atomic>

namespace stipple::node {

/// All outlive the runner.
struct RunnerParts {
    Core& core;
    Inbox<Event>& inbox;
    PoolService& pool;
    ChainJobs& jobs;
    SyncJobs& sync_jobs;
    StateSyncJobs& state_jobs;
    const RequestJobs& request_jobs;
    chain::Chain& chain;
    Keys& keys;
    executor::SignatureCachePort& signatures;
    io::WorkerPool& workers;
    io::WorkerPool& chain_thread;
    io::WorkerPool& signer;
    OffchainService& offchain;
    NetworkPort& network;
    SyncView& sync_view;
    rpc::EventHub& hub;
    Metrics& metrics;
    std::function<network::discovery::PeerSignature(ByteView)> sign_as_node{};
};

class Runner {
 public:
    explicit Runner(const RunnerParts& parts);
    /// Writes down what enters the core, unless null; outlives this. Before run().
    void record(Recorder* recorder) { recorder_ = recorder; }
    /// Until the inbox is closed. `effects` are those of Core::start.
    void run(EffectList effects);
    /// Steps of the core above this are counted as overruns.
    static constexpr std::chrono::milliseconds kStepMax{1};

 private:
    void carry_out(EffectList& effects);
    /// Puts a job on the threads of its place.
    void post(EffectJob job);
    void count(const grandpa::SignVote& effect);
    void count(const network::sync::ImportBlocks& effect) { imports_.count(effect); }
    void count(const network::sync::ImportJustification& effect) { imports_.count(effect); }
    template <class Other>
    void count(const Other& /*effect*/) {}
    void do_effect(chain::pool::Submitted& effect);
    void do_effect(chain::pool::StatusChanged& effect);
    void do_effect(grandpa::ReportEquivocation& effect);
    void do_effect(ReportDoubleSeal& effect);
    void do_effect(beefy::ReportDoubleVoting& effect);
    void do_effect(NetworkCommand& effect);
    void do_effect(AnnounceImport& effect);
    void do_effect(AnnounceFinality& effect);
    void do_effect(AnnounceRewind& effect);
    void send(Event event);
    void update_gauges();
    /// At most about once a second.
    void look_at_sync(Instant now);

    RunnerParts parts_;
    Recorder* recorder_ = nullptr;
    EffectJobs jobs_;
    ImportMetrics imports_;
    MetricTable<Core> beefy_metrics_;
    Metric& votes_waiting_;
    Metric& best_height_;
    Metric& finalized_height_;
    Metric& leaves_;
    Metric& ready_transactions_;
    Metric& grandpa_round_;
    Metric& prevotes_;
    Metric& precommits_;
    Metric& overruns_;
    Metric& signing_stopped_;
    Metric& peers_;
    Metric& is_major_syncing_;
    Metric& sync_target_;
    Metric& warp_fragments_;
    Metric& state_bytes_;
    Metric& history_left_;
    MetricTable<Authorities> discovery_metrics_;
    MetricTable<network::sync::SyncStatus> sync_metrics_;
    Instant looked_at_sync_;
    Informant informant_;
};

}  // namespace stipple::node
