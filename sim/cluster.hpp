// A whole network in one thread: N complete nodes, virtual time, one seed.
//
//   Seed ─▶ rules, keys, weather, faults
//   storm (faults, some dozens of slots) ─▶ calm (kSettleSlots) ─▶ liveness looked at ─▶ storm …
//
// Checkers watch all the while; the first failure ends the run. The same seed and parameters give
// the same run, event by event, on every machine: its digest says so.
#pragma once

#include "crypto/repeatable.hpp"
#include "node/signature_cache.hpp"
#include "sim/checkers/reports.hpp"
#include "sim/faults.hpp"
#include "sim/record.hpp"
#include "sim/transactions.hpp"
#include "sim/vrf_ahead.hpp"

namespace stipple::sim {

struct Outcome {
    std::optional<std::string> failure;
    std::string digest;
    BlockNumber best = 0;
    BlockNumber finalized = 0;  ///< by every honest node
    std::uint64_t imports = 0;  ///< blocks imported, all nodes told
    std::uint64_t slots = 0;    ///< of virtual time
    std::uint64_t events = 0;   ///< handled by cores
    std::uint64_t crashes = 0;
    std::size_t caught = 0;  ///< validators whose double votes or blocks somebody reported
    std::uint64_t reorganizations = 0;
    std::uint64_t sets = 0;             ///< GRANDPA authority sets that came to be
    std::uint64_t punished = 0;         ///< equivocations reported on the chain
    std::uint64_t slots_to_report = 0;  ///< most calm slots that took
    bool stalled = false;               ///< finality stood still until a change was forced
    BlockNumber beefy = 0;              ///< proven to every honest node
    std::uint64_t notifications = 0;
    std::uint64_t slots_to_settle = 0;  ///< most slots a calm took until finality had caught up
    std::vector<std::string> log;       ///< the end of it, when it failed
};

class Cluster final : private Observer, private Victims {
 public:
    explicit Cluster(const Parameters& parameters);
    ~Cluster() override;

    /// Runs to the end or the first failure.
    Outcome run();
    /// A further observer; outlives the cluster. Before run().
    void add_observer(Observer& observer) { observers_.push_back(&observer); }
    /// Writes down a node's first life; outlives the cluster. Before run().
    void record(NodeIndex index, node::Recorder& recorder) { nodes_[index]->record(recorder); }

 private:
    // Observer: to all observers.
    void on_start(NodeIndex node, const chain::Chain& chain) override;
    void on_crash(NodeIndex node) override;
    void on_import(NodeIndex node, const chain::Chain& chain,
                   const node::AnnounceImport& import) override;
    void on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) override;
    void on_sent(NodeIndex node, const node::SendNotification& message) override;
    void on_signed(NodeIndex node, const grandpa::VoteClaim& vote) override;
    void on_reported(NodeIndex node, const Offence& offence) override;
    bool on_job(NodeIndex node) override { return faults_->on_moment(node, Moment::at_work); }
    void on_step(NodeIndex node, const Node& state) override;
    // Victims.
    std::size_t node_count() const override { return nodes_.size(); }
    Node& node(NodeIndex index) override { return *nodes_[index]; }
    Network& network() override { return *network_; }
    Schedule& schedule() override { return schedule_; }
    /// Nothing for those who are gone.
    void start_node(NodeIndex index) override;
    void crash_node(NodeIndex index) override { nodes_[index]->crash(); }
    void note(std::string line) override { record_.note(std::move(line)); }
    const std::vector<std::pair<NodeIndex, NodeIndex>>& twins() const override { return twins_; }

    /// Draws who lies, and who runs twice.
    void make_byzantine();
    void make_nodes();
    void make_checkers();
    /// Runs the schedule until then; false when the run has failed.
    bool run_until(Instant when);
    bool run_slot(bool calm);
    bool run_storm();
    /// Too many validators leave for good; the others note the stall, go on in a set that is
    /// forced, and the lost ones come back.
    bool run_stall();
    std::vector<std::uint32_t> lose_validators();
    void note_stall(const std::vector<std::uint32_t>& gone);
    bool run_calm();
    /// Until then every honest node has finalised the goal, or has its BEEFY proof nearly.
    bool run_until_final(BlockNumber goal);
    bool run_until_proven(BlockNumber goal);
    BlockNumber highest_best() const;
    BlockNumber lowest_finalized() const;
    BlockNumber lowest_beefy() const;
    Outcome outcome() const;
    /// A node in one line, for the end of a failed run.
    std::string describe_node(NodeIndex index) const;
    Duration slot() const { return std::chrono::milliseconds(rules_.slot_duration_ms); }

    const Parameters parameters_;
    VrfAhead vrf_ahead_;
    crypto::Repeatable repeatable_{&vrf_ahead_};
    Prng prng_;
    Schedule schedule_;
    Record record_;
    Verdict verdict_;
    Population population_;
    std::vector<std::string> suris_;  ///< of session keys, by node
    toy::Rules rules_;
    chain::ChainSpec spec_;
    std::unique_ptr<executor::Executor> executor_;
    node::SignatureCache signatures_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    ReportsChecker* reports_ = nullptr;  ///< of the checkers, if the runtime keeps reports
    std::vector<Observer*> observers_;
    std::vector<std::unique_ptr<Disk>> disks_;
    std::unique_ptr<Network> network_;
    std::map<NodeIndex, std::unique_ptr<Liar>> liars_;
    std::set<NodeIndex> lying_;
    std::vector<std::pair<NodeIndex, NodeIndex>> twins_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::unique_ptr<Faults> faults_;
    std::unique_ptr<Transactions> transactions_;
    bool stalled_ = false;
    std::set<NodeIndex> gone_;  ///< down until the stall is over
    std::uint64_t slots_to_settle_ = 0;
};

}  // namespace stipple::sim
