// One simulated node: the real core, chain, pipeline, keystore and signing journal on a disk that
// forgets, with workers that take a drawn time.
//
//   events ─▶ Core ─ effects ─┬▶ jobs: done at a later time; those of chain and signer in order
//                             ├▶ Network
//                             └▶ Observer
//
// What `node/wiring.cpp` builds for a process is built here for a simulation; jobs come from the
// same EffectJobs. A job runs whole at its end: until then the node knows nothing of it, and when
// it crashes before, nothing happened.
#pragma once

#include "node/effect_jobs.hpp"
#include "node/recorder.hpp"
#include "sim/disk.hpp"
#include "sim/liar.hpp"
#include "sim/observer.hpp"

namespace stipple::sim {

/// How long jobs take.
struct Pace {
    Duration job_min = std::chrono::microseconds(200);
    Duration job_max = std::chrono::milliseconds(5);
    OneIn slow = 0;  ///< a job takes `slow_max` at most
    Duration slow_max = std::chrono::seconds(2);
};

/// What a node is made of and what outlives its runs. All references outlive the node.
struct NodeParts {
    NodeIndex index = 0;
    const chain::ChainSpec& spec;
    executor::Executor& executor;
    executor::SignatureCachePort& signatures;
    Schedule& schedule;
    Network& network;
    Observer& observer;
    Disk& disk;
    bool honest = true;
    Liar* liar = nullptr;  ///< stands between the core and the network, if anybody does
};

struct NodeSettings {
    Duration gossip_duration = std::chrono::milliseconds(1000);
    std::string suri;  ///< of its session keys
    /// The wall clock when the schedule began, of the world and of this node's error.
    UnixMillis epoch;
    Instant start;
    std::chrono::milliseconds skew{};
    bool beefy = false;
};

class Node {
 public:
    Node(const NodeParts& parts, NodeSettings settings, Seed seed);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    /// Opens the disk and begins. An error is a failure of the run.
    Result<> start();
    /// The power is cut: everything but what the disk kept is gone.
    void crash();
    bool is_up() const { return running_ != nullptr; }
    /// The clock is set.
    void set_skew(std::chrono::milliseconds skew) { settings_.skew = skew; }
    void set_pace(const Pace& pace) { pace_ = pace; }
    /// Writes down the next run, until it crashes.
    void record(node::Recorder& recorder) { recorder_ = &recorder; }

    /// Nothing while the node is down.
    void handle(node::Event event);

    /// REQUIRES is_up().
    const chain::Chain& chain() const;
    const node::Core& core() const;
    const node::BlockPipeline& pipeline() const;
    /// As the node believes it to be.
    UnixMillis wall() const;
    std::uint64_t events() const { return events_; }

 private:
    struct Running;

    void handle_now(node::Event event);
    void carry_out(node::EffectList& effects);
    void post(node::EffectJob job);
    void run(const node::EffectJob& job, std::uint64_t run);
    void plan_wake();
    void do_effect(chain::pool::Submitted& /*effect*/) {}
    void do_effect(chain::pool::StatusChanged& /*effect*/) {}
    void do_effect(node::AnnounceRewind& /*effect*/) {}  // development chains only
    void do_effect(grandpa::ReportEquivocation& effect);
    void do_effect(node::ReportDoubleSeal& effect);
    void do_effect(beefy::ReportDoubleVoting& effect);
    void do_effect(node::NetworkCommand& effect);
    void do_effect(node::AnnounceImport& effect);
    void do_effect(node::AnnounceFinality& effect);
    /// A job that has the runtime make a transaction of the proof: what OffchainService does.
    template <class... Proof>
    void post_report(Proof... proof);
    Duration job_time();

    const NodeParts parts_;
    NodeSettings settings_;
    Prng prng_;
    Pace pace_;
    std::unique_ptr<Running> running_;
    std::uint64_t run_ = 0;  ///< what was planned by an earlier run is void
    Instant chain_free_;     ///< when the chain's jobs so far are done
    Instant signer_free_;
    std::optional<Instant> wake_planned_;
    std::uint64_t events_ = 0;
    node::Recorder* recorder_ = nullptr;
};

}  // namespace stipple::sim
