#include "sim/cluster.hpp"

#include "crypto/hash.hpp"
#include "sim/checkers/beefy.hpp"
#include "sim/checkers/bounds.hpp"
#include "sim/checkers/equivocation.hpp"
#include "sim/checkers/finality.hpp"
#include "sim/checkers/state.hpp"
#include "sim/checkers/votes.hpp"
#include "sim/toy/runtime.hpp"
#include "sim/wasm_chain.hpp"

#include <numeric>

/// For jemalloc, where it is linked: large pages, and what was freed is kept for the next slot. A
/// fault of a page costs as much as a signature on many virtual machines.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1";
}

namespace stipple::sim {

using namespace std::chrono_literals;

namespace {

/// When the schedule begins, and the wall clock then: a whole number of slots.
constexpr Instant kStart{1000s};
constexpr std::uint64_t kWallMillis = 1'700'000'000'000;
UnixMillis epoch_for(const toy::Rules& rules) {
    const std::uint64_t whole = std::lcm(std::uint64_t{6000}, rules.slot_duration_ms);
    return UnixMillis{kWallMillis / whole * whole};
}
/// More events without time passing than any turn of all nodes gives.
constexpr std::uint64_t kStepsPerInstantMax = 200'000;
/// Planned events: a few for every message and job under way.
constexpr std::size_t kPlannedMax = 1'000'000;
constexpr std::uint64_t kStormSlotsMin = 20;
constexpr std::uint64_t kStormSlotsMax = 120;

std::string toy_suri(NodeIndex node) {
    return to_hex0x(crypto::blake2b_256(as_bytes(fmt::format("toy validator {}", node))));
}

toy::Validator validator_of(const std::string& suri) {
    chain::Keystore keys;
    const auto key = [&](const chain::KeyType& type, chain::KeyScheme scheme) {
        auto made = keys.insert_in_memory(type, scheme, suri);
        CHECK(made.has_value());
        return *std::move(made);
    };
    return {crypto::Sr25519Public::copy(key(chain::kBabeKey, chain::KeyScheme::sr25519)),
            grandpa::AuthorityId::copy(key(chain::kGrandpaKey, chain::KeyScheme::ed25519)),
            beefy::AuthorityId::copy(key(chain::kBeefyKey, chain::KeyScheme::ecdsa))};
}

}  // namespace

Cluster::Cluster(const Parameters& parameters)
    : parameters_(parameters), prng_(parameters.seed), schedule_(kStart), record_(schedule_) {
    const bool is_toy = parameters.runtime == RuntimeKind::toy;
    for (NodeIndex i = 0; i < parameters.nodes; ++i) {
        suris_.push_back(is_toy ? toy_suri(i) : wasm_suri(i));
        population_.validators.push_back(validator_of(suris_.back()));
    }
    population_.byzantine.resize(parameters.nodes);
    rules_ = draw_rules(population_.validators, prng_);
    rules_.beefy = parameters.beefy;
    if (parameters.slot) {
        rules_.slot_duration_ms = static_cast<std::uint64_t>(parameters.slot->count());
    }
    if (!is_toy) {
        rules_ = wasm_rules(population_.validators);
    }
    spec_ = is_toy ? toy::chain_spec(rules_) : wasm_chain_spec(suris_);
    if (parameters.byzantine) {
        make_byzantine();
    }
    executor::ExecutorConfig config;
    if (is_toy) {
        config.native = toy::find_runtime;
    }
    auto executor = executor::Executor::create(config);
    CHECK(executor.has_value());
    executor_ = *std::move(executor);
    make_checkers();
    make_nodes();
    Victims& victims = *this;
    faults_ = std::make_unique<Faults>(victims, parameters.faults, slot(), prng_.fork());
    if (is_toy && parameters.transactions) {
        transactions_ = std::make_unique<Transactions>(
            victims, std::chrono::milliseconds(500 + prng_.below(20'000)), prng_.fork());
    }
}

Cluster::~Cluster() = default;

void Cluster::make_checkers() {
    checkers_.push_back(std::make_unique<FinalityChecker>(verdict_, population_));
    checkers_.push_back(std::make_unique<EquivocationChecker>(verdict_, population_));
    checkers_.push_back(std::make_unique<StateChecker>(verdict_, population_));
    checkers_.push_back(std::make_unique<BoundsChecker>(verdict_, population_));
    checkers_.push_back(std::make_unique<VotesChecker>(verdict_, population_));
    checkers_.push_back(std::make_unique<BeefyChecker>(verdict_, population_));
    if (parameters_.runtime == RuntimeKind::toy) {
        auto reports =
            std::make_unique<ReportsChecker>(verdict_, population_, slots_for(1, rules_));
        reports_ = reports.get();
        checkers_.push_back(std::move(reports));
    }
    observers_.push_back(&record_);
    for (const auto& checker : checkers_) {
        observers_.push_back(checker.get());
    }
}

// A byzantine validator lies, or runs twice with two disks and two journals, or both.
void Cluster::make_byzantine() {
    std::vector<NodeIndex> honest(parameters_.nodes);
    std::iota(honest.begin(), honest.end(), NodeIndex{0});
    for (std::size_t count = tolerated(rules_); count > 0; --count) {
        const std::size_t drawn = prng_.below(honest.size());
        const NodeIndex index = honest[drawn];
        honest.erase(honest.begin() + static_cast<std::ptrdiff_t>(drawn));
        population_.byzantine[index] = true;
        const std::uint64_t kind = prng_.below(3);
        if (kind != 0) {
            lying_.insert(index);
        }
        if (kind != 1) {
            twins_.emplace_back(index, suris_.size());
            suris_.push_back(std::string(suris_[index]));
            population_.validators.push_back(toy::Validator(population_.validators[index]));
            population_.byzantine.push_back(true);
        }
    }
}

void Cluster::make_nodes() {
    network_ = std::make_unique<Network>(
        schedule_, prng_.fork(), suris_.size(),
        [this](NodeIndex to, node::NetworkEvent event) { nodes_[to]->handle(std::move(event)); });
    std::vector<std::string> fellows;
    for (NodeIndex i = 0; i < parameters_.nodes; ++i) {
        if (!population_.honest(i)) {
            fellows.push_back(suris_[i]);
        }
    }
    for (const NodeIndex i : lying_) {
        const LiarParts parts{.index = i,
                              .suri = suris_[i],
                              .fellows = fellows,
                              .schedule = schedule_,
                              .network = *network_,
                              .population = population_,
                              .slot = slot(),
                              .beefy = parameters_.beefy};
        liars_[i] = std::make_unique<Liar>(parts, prng_.fork());
    }
    for (NodeIndex i = 0; i < suris_.size(); ++i) {
        disks_.push_back(
            std::make_unique<Disk>(parameters_.faults != FaultLevel::none, prng_.fork()));
        const NodeParts parts{.index = i,
                              .spec = spec_,
                              .executor = *executor_,
                              .signatures = signatures_,
                              .schedule = schedule_,
                              .network = *network_,
                              .observer = *this,
                              .disk = *disks_.back(),
                              .honest = population_.honest(i),
                              .liar = lying_.contains(i) ? liars_[i].get() : nullptr};
        nodes_.push_back(std::make_unique<Node>(parts,
                                                NodeSettings{.gossip_duration = 1s,
                                                             .suri = suris_[i],
                                                             .epoch = epoch_for(rules_),
                                                             .start = kStart,
                                                             .skew = {},
                                                             .beefy = parameters_.beefy},
                                                prng_.fork()));
    }
}

void Cluster::start_node(NodeIndex index) {
    if (gone_.contains(index)) {
        return;
    }
    if (auto started = nodes_[index]->start(); !started) {
        verdict_.fail("node {} does not start: {}", index, started.error().message());
    }
}

bool Cluster::run_until(Instant when) {
    bool reached = false;
    schedule_.at(when, [&reached] { reached = true; });
    while (!reached && !verdict_.failure()) {
        CHECK(schedule_.step());
        if (schedule_.steps_of_instant() > kStepsPerInstantMax) {
            verdict_.fail("time stands still: {} events at one instant", kStepsPerInstantMax);
        }
        if (schedule_.waiting() > kPlannedMax) {
            verdict_.fail("{} events are planned", schedule_.waiting());
        }
    }
    return !verdict_.failure();
}

BlockNumber Cluster::highest_best() const {
    BlockNumber highest = 0;
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
        if (population_.honest(i) && nodes_[i]->is_up()) {
            highest = std::max(highest, nodes_[i]->chain().heads().best.number);
        }
    }
    return highest;
}

BlockNumber Cluster::lowest_finalized() const {
    std::optional<BlockNumber> lowest;
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
        if (population_.honest(i) && !gone_.contains(i)) {
            const BlockNumber finalized =
                nodes_[i]->is_up() ? nodes_[i]->chain().heads().finalized.number : 0;
            lowest = std::min(lowest.value_or(finalized), finalized);
        }
    }
    return lowest.value_or(0);
}

BlockNumber Cluster::lowest_beefy() const {
    std::optional<BlockNumber> lowest;
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
        if (population_.honest(i) && !gone_.contains(i)) {
            const BlockNumber proven = nodes_[i]->is_up() ? best_beefy(*nodes_[i]) : 0;
            lowest = std::min(lowest.value_or(proven), proven);
        }
    }
    return lowest.value_or(0);
}

bool Cluster::run_slot(bool calm) {
    if (!run_until(schedule_.now() + slot())) {
        return false;
    }
    for (const auto& checker : checkers_) {
        checker->on_slot(calm, nodes_);
    }
    return !verdict_.failure();
}

bool Cluster::run_storm() {
    faults_->storm();
    for (std::uint64_t slots = kStormSlotsMin + prng_.below(kStormSlotsMax - kStormSlotsMin);
         slots > 0; --slots) {
        if (!run_slot(parameters_.faults == FaultLevel::none)) {
            return false;
        }
    }
    return true;
}

bool Cluster::run_calm() {
    faults_->calm();
    record_.note("faults stop");
    return run_until_final(highest_best()) &&
           (!parameters_.beefy || run_until_proven(lowest_finalized()));
}

bool Cluster::run_until_final(BlockNumber goal) {
    const std::uint64_t most = slots_for(kSettleSlots, rules_);
    for (std::uint64_t passed = 0; passed < most; ++passed) {
        if (!run_slot(true)) {
            return false;
        }
        if (lowest_finalized() >= goal) {
            slots_to_settle_ = std::max(slots_to_settle_, passed + 1);
            return true;
        }
    }
    verdict_.fail("no liveness: {} slots after faults stopped #{} is not final everywhere", most,
                  goal);
    return false;
}

bool Cluster::run_until_proven(BlockNumber goal) {
    const std::uint64_t most = slots_for(kBeefySettleSlots, rules_);
    for (std::uint64_t passed = 0; passed < most; ++passed) {
        if (lowest_beefy() + kBeefyLagMax >= goal) {
            return true;
        }
        if (!run_slot(true)) {
            return false;
        }
    }
    verdict_.fail("no liveness: {} slots after #{} was final everywhere BEEFY is at #{}", most,
                  goal, lowest_beefy());
    return false;
}

Outcome Cluster::run() {
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
        start_node(i);
    }
    for (const auto& [index, liar] : liars_) {
        liar->start();
    }
    if (transactions_) {
        transactions_->start();
    }
    if (parameters_.stall) {
        run_stall();
    }
    while (!verdict_.failure() && lowest_finalized() < parameters_.blocks) {
        if (!run_storm() || !run_calm()) {
            break;
        }
    }
    return outcome();
}

Outcome Cluster::outcome() const {
    Outcome out;
    out.failure = verdict_.failure();
    Bytes end;
    append_le(end, record_.digest());
    for (const auto& node : nodes_) {
        out.events += node->events();
        if (node->is_up()) {
            append(end, node->chain().heads().best.hash);
            append(end, node->chain().heads().finalized.hash);
            out.sets = std::max(out.sets, node->pipeline().authority_set().id().value);
        }
    }
    out.digest = to_hex(crypto::blake2b_128(end));
    out.best = highest_best();
    out.finalized = lowest_finalized();
    out.imports = record_.imports();
    out.slots = static_cast<std::uint64_t>((schedule_.now() - kStart) / slot());
    out.crashes = record_.crashes();
    out.caught = record_.caught();
    out.reorganizations = record_.reorganizations();
    out.punished = reports_ == nullptr ? 0 : reports_->punished();
    out.slots_to_report = reports_ == nullptr ? 0 : reports_->slots_to_report();
    out.stalled = stalled_;
    out.beefy = lowest_beefy();
    out.notifications = network_->counts().notifications;
    out.slots_to_settle = slots_to_settle_;
    if (out.failure) {
        out.log = record_.lines();
        for (NodeIndex i = 0; i < nodes_.size(); ++i) {
            out.log.push_back(describe_node(i));
        }
    }
    return out;
}

std::string Cluster::describe_node(NodeIndex index) const {
    const Node& node = *nodes_[index];
    if (!node.is_up()) {
        return fmt::format("node {} is down", index);
    }
    const auto heads = node.chain().heads();
    const auto& set = node.pipeline().authority_set();
    std::string text =
        fmt::format("node {}: best #{} {}, finalized #{} {}, set {}, {} pending", index,
                    heads.best.number, heads.best.hash.hex().substr(0, 10), heads.finalized.number,
                    heads.finalized.hash.hex().substr(0, 10), set.id().value, set.pending().size());
    const auto& core = node.core();
    text += fmt::format("; {} peers, sync {}", core.peering().peer_count(),
                        network::sync::describe(core.peering().status().state));
    if (parameters_.beefy) {
        text += fmt::format("; proven #{}", best_beefy(node));
    }
    if (const auto* voter = core.voter()) {
        text += fmt::format("; votes in set {} round {}, {} waiting, {} peers", voter->set().value,
                            voter->round().number().value, voter->waiting(), voter->peer_count());
        for (const auto& [phase, name] : {std::pair(grandpa::Phase::prevote, "prevotes"),
                                          std::pair(grandpa::Phase::precommit, "precommits")}) {
            text += fmt::format("; {}", name);
            for (const auto& vote : voter->round().votes(phase)) {
                text +=
                    fmt::format(" #{} {}", vote.target.number, vote.target.hash.hex().substr(0, 8));
            }
        }
    }
    return text;
}

void Cluster::on_start(NodeIndex node, const chain::Chain& chain) {
    for (auto* observer : observers_) {
        observer->on_start(node, chain);
    }
}

void Cluster::on_crash(NodeIndex node) {
    for (auto* observer : observers_) {
        observer->on_crash(node);
    }
}

void Cluster::on_import(NodeIndex node, const chain::Chain& chain,
                        const node::AnnounceImport& import) {
    for (auto* observer : observers_) {
        observer->on_import(node, chain, import);
    }
    faults_->on_moment(node, Moment::imported);
}

void Cluster::on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) {
    for (auto* observer : observers_) {
        observer->on_finality(node, outcome);
    }
    faults_->on_moment(node, Moment::finalized);
}

void Cluster::on_sent(NodeIndex node, const node::SendNotification& message) {
    for (auto* observer : observers_) {
        observer->on_sent(node, message);
    }
    if (message.protocol == network::Protocol::grandpa ||
        message.protocol == network::Protocol::beefy) {
        faults_->on_moment(node, Moment::voted);
    }
}

void Cluster::on_signed(NodeIndex node, const grandpa::VoteClaim& vote) {
    for (auto* observer : observers_) {
        observer->on_signed(node, vote);
    }
}

void Cluster::on_reported(NodeIndex node, const Offence& offence) {
    for (auto* observer : observers_) {
        observer->on_reported(node, offence);
    }
}

void Cluster::on_step(NodeIndex node, const Node& state) {
    for (auto* observer : observers_) {
        observer->on_step(node, state);
    }
}

}  // namespace stipple::sim
