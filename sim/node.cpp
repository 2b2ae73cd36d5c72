#include "sim/node.hpp"

#include "base/check.hpp"
#include "node/beefy_watch.hpp"
#include "node/equivocation_reports.hpp"
#include "sim/toy/offences.hpp"

namespace stipple::sim {

using node::EffectJob;
using node::Event;

namespace {

/// Takes what a runtime call submits.
class Submissions final : public executor::OffchainPort {
 public:
    explicit Submissions(UnixMillis now) : now_(now) {}
    bool is_validator() const override { return true; }
    bool submit_transaction(ByteView extrinsic) override {
        auto decoded = scale::decode<Extrinsic>(extrinsic);
        if (decoded) {
            taken_.push_back(*std::move(decoded));
        }
        return decoded.has_value();
    }
    UnixMillis now() const override { return now_; }
    void sleep_until(UnixMillis /*deadline*/) override {}
    std::array<std::uint8_t, 32> random_seed() override { return {}; }
    Bytes peer_id() const override { return {}; }
    std::vector<Extrinsic> take() { return std::exchange(taken_, {}); }

 private:
    const UnixMillis now_;
    std::vector<Extrinsic> taken_;
};

}  // namespace

/// Members in the order they depend on each other, as in node/wiring.cpp.
struct Node::Running {
    node::Keys keys;
    std::unique_ptr<chain::Chain> chain;
    std::unique_ptr<node::BlockPipeline> pipeline;
    std::optional<node::BeefyWatch> beefy_watch;
    std::optional<node::ChainJobs> jobs;
    std::optional<node::SyncJobs> sync_jobs;
    std::optional<node::StateSyncJobs> state_jobs;
    std::optional<node::RequestJobs> request_jobs;
    std::optional<node::EffectJobs> effect_jobs;
    std::optional<node::Core> core;
};

Node::Node(const NodeParts& parts, NodeSettings settings, Seed seed)
    : parts_(parts), settings_(std::move(settings)), prng_(seed) {}

Node::~Node() = default;

const chain::Chain& Node::chain() const {
    return *running_->chain;
}
const node::Core& Node::core() const {
    return *running_->core;
}
const node::BlockPipeline& Node::pipeline() const {
    return *running_->pipeline;
}

UnixMillis Node::wall() const {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
        parts_.schedule.now() - settings_.start + settings_.skew);
    return UnixMillis{settings_.epoch.value + static_cast<std::uint64_t>(passed.count())};
}

Result<> Node::start() {
    CHECK(!is_up());
    ++run_;
    chain_free_ = signer_free_ = parts_.schedule.now();
    wake_planned_.reset();
    auto fresh = std::make_unique<Running>();
    Running& run = *fresh;
    Disk& disk = parts_.disk;
    TRY_ASSIGN(run.keys.keystore, chain::Keystore::open(disk.key_files, ""));
    for (const auto& [type, scheme] : {std::pair(chain::kBabeKey, chain::KeyScheme::sr25519),
                                       std::pair(chain::kGrandpaKey, chain::KeyScheme::ed25519),
                                       std::pair(chain::kBeefyKey, chain::KeyScheme::ecdsa)}) {
        CHECK(run.keys.keystore->insert_in_memory(type, scheme, settings_.suri).has_value());
    }
    TRY_ASSIGN(run.keys.journal, chain::SigningJournal::open(disk.journal_files, "journal"));
    run.keys.for_runtimes = std::make_unique<node::KeystoreForRuntimes>(*run.keys.keystore);
    TRY_ASSIGN(run.chain, chain::Chain::open(disk.database, parts_.spec, parts_.executor, {}));
    TRY_ASSIGN(run.pipeline, node::BlockPipeline::open(disk.database, *run.chain));
    const node::Clock clock{.now = [this] { return parts_.schedule.now(); },
                            .wall = [this] { return wall(); }};
    if (settings_.beefy) {
        run.beefy_watch.emplace(*run.chain, disk.database, [keystore = run.keys.keystore.get()] {
            std::vector<beefy::AuthorityId> keys;
            for (const auto& key :
                 keystore->public_keys(chain::kBeefyKey, chain::KeyScheme::ecdsa)) {
                keys.push_back(beefy::AuthorityId::copy(key));
            }
            return keys;
        });
    }
    run.jobs.emplace(node::ChainJobsConfig{.force_authoring = false,
                                           .beefy = run.beefy_watch ? &*run.beefy_watch : nullptr,
                                           .clock = clock,
                                           .validator = true},
                     *run.chain, *run.pipeline, run.keys, disk.database, parts_.signatures);
    run.sync_jobs.emplace(*run.chain, *run.pipeline, *run.jobs, parts_.signatures, clock);
    run.state_jobs.emplace(*run.chain, *run.pipeline, *run.jobs, disk.database);
    run.request_jobs.emplace(*run.chain, disk.database);
    run.effect_jobs.emplace(node::EffectJobParts{.jobs = *run.jobs,
                                                 .sync_jobs = *run.sync_jobs,
                                                 .state_jobs = *run.state_jobs,
                                                 .request_jobs = *run.request_jobs,
                                                 .chain = *run.chain,
                                                 .keys = run.keys,
                                                 .signatures = parts_.signatures,
                                                 .on_justification = {}});
    node::CoreConfig config;
    config.author = true;
    config.beefy = settings_.beefy;
    config.slot_duration_ms = run.pipeline->epochs().config().slot_duration_ms;
    config.voter.gossip_duration = settings_.gossip_duration;
    auto beginning = node::CoreBeginning::of(config, run.chain->heads(), *run.jobs, prng_.fork());
    run.core.emplace(beginning.core());
    running_ = std::move(fresh);
    parts_.observer.on_start(parts_.index, *run.chain);
    parts_.network.node_up(parts_.index, run.chain->heads().best);
    beginning.now = parts_.schedule.now();
    beginning.wall = wall();
    TRY_ASSIGN(auto effects, node::start_core(*run.core, beginning, disk.database));
    if (recorder_ != nullptr) {
        recorder_->begin(beginning, effects);
    }
    carry_out(effects);
    plan_wake();
    return {};
}

void Node::crash() {
    CHECK(is_up());
    parts_.network.node_down(parts_.index);
    if (parts_.liar != nullptr) {
        parts_.liar->forget();
    }
    running_.reset();
    recorder_ = nullptr;
    ++run_;
    parts_.disk.crash(prng_);
    parts_.observer.on_crash(parts_.index);
}

void Node::handle(Event event) {
    if (!is_up()) {
        return;
    }
    const auto* of_network = std::get_if<node::NetworkEvent>(&event);
    if (parts_.liar == nullptr || of_network == nullptr || parts_.liar->hear(*of_network)) {
        handle_now(std::move(event));
    }
}

void Node::handle_now(Event event) {
    auto& journal = *running_->keys.journal;
    if (!parts_.honest && !journal.stopped().empty()) {
        CHECK(journal.resume().has_value());  // its key signs elsewhere: it does not care
    }
    ++events_;
    node::EffectList effects;
    if (const auto* own = std::get_if<node::VoteSigned>(&event)) {
        parts_.observer.on_signed(parts_.index, own->claim);
    }
    if (recorder_ != nullptr) {
        recorder_->on_event(parts_.schedule.now(), wall(), event);
    }
    running_->core->handle(parts_.schedule.now(), wall(), std::move(event), effects);
    if (recorder_ != nullptr) {
        recorder_->on_effects(effects);
    }
    carry_out(effects);
    plan_wake();
    parts_.observer.on_step(parts_.index, *this);
}

void Node::plan_wake() {
    const auto at = running_->core->wake_at();
    if (!at || (wake_planned_ && *wake_planned_ <= *at)) {
        return;
    }
    wake_planned_ = at;
    parts_.schedule.at(*at, [this, run = run_, at = *at] {
        if (run != run_ || wake_planned_ != at) {
            return;
        }
        wake_planned_.reset();
        handle_now(node::Woken{});
    });
}

Duration Node::job_time() {
    const bool slow = pace_.slow != 0 && prng_.chance(1, pace_.slow);
    const Duration low = slow ? pace_.job_max : pace_.job_min;
    const Duration high = slow ? pace_.slow_max : pace_.job_max;
    const auto span = static_cast<std::uint64_t>((high - low).count());
    return low + Duration(static_cast<std::int64_t>(prng_.below(span + 1)));
}

void Node::post(EffectJob job) {
    Instant done = parts_.schedule.now();
    if (job.place == EffectJob::Place::chain) {
        done = chain_free_ = std::max(chain_free_, done) + job_time();
    } else if (job.place == EffectJob::Place::signer) {
        done = signer_free_ = std::max(signer_free_, done) + job_time();
    } else {
        done = done + job_time();
    }
    parts_.schedule.at(done, [this, run = run_, job = std::move(job)] { this->run(job, run); });
}

void Node::run(const EffectJob& job, std::uint64_t run) {
    if (run != run_) {
        return;
    }
    std::vector<Event> told;
    const bool is_last =
        job.place == EffectJob::Place::chain && parts_.observer.on_job(parts_.index);
    if (is_last) {
        parts_.disk.database.lose_power_within();
    }
    job.run([&told](Event event) { told.push_back(std::move(event)); });
    if (is_last) {
        return;
    }
    for (Event& event : told) {
        handle_now(std::move(event));
    }
}

void Node::carry_out(node::EffectList& effects) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                if constexpr (node::IsJob<decltype(what)>) {
                    post(running_->effect_jobs->job(what));
                } else {
                    do_effect(what);
                }
            },
            effect);
    }
}

template <class... Proof>
void Node::post_report(Proof... proof) {
    post({.place = EffectJob::Place::worker,
          .run =
              [this, ... proof = std::move(proof)](const EffectJob::Tell& tell) {
                  Submissions submissions(wall());
                  executor::CallContext context;
                  context.keystore = running_->keys.for_runtimes.get();
                  context.offchain = &submissions;
                  node::EquivocationReports(*running_->chain, context).report(proof...);
                  for (Extrinsic& extrinsic : submissions.take()) {
                      tell(node::TransactionSubmitted{.request = 0,
                                                      .extrinsic = std::move(extrinsic),
                                                      .watch = false,
                                                      .source = chain::pool::Source::local});
                  }
              },
          .refused = {}});
}

void Node::do_effect(grandpa::ReportEquivocation& effect) {
    const grandpa::Equivocation& twice = effect.equivocation;
    const auto kind = twice.phase == grandpa::Phase::prevote ? grandpa::VoteKind::prevote
                                                             : grandpa::VoteKind::precommit;
    // Two signatures of one vote are none that a runtime punishes.
    parts_.observer.on_reported(
        parts_.index,
        {twice.id, twice.first.target == twice.second.target
                       ? Bytes{}
                       : toy::double_vote_key(twice.id, effect.set, twice.round, kind)});
    post_report(std::move(effect.equivocation), effect.set);
}

void Node::do_effect(node::ReportDoubleSeal& effect) {
    parts_.observer.on_reported(
        parts_.index,
        {effect.proof.offender, toy::double_seal_key(effect.proof.offender, effect.proof.slot)});
    post_report(std::move(effect.proof));
}

void Node::do_effect(beefy::ReportDoubleVoting& effect) {
    const beefy::VoteMessage& vote = effect.proof.first;
    parts_.observer.on_reported(
        parts_.index,
        {vote.id, toy::double_commitment_key(vote.id, vote.commitment.set, vote.commitment.block)});
    post_report(std::move(effect.proof));
}

void Node::do_effect(node::NetworkCommand& effect) {
    if (const auto* message = std::get_if<node::SendNotification>(&effect)) {
        parts_.observer.on_sent(parts_.index, *message);
    }
    if (parts_.liar != nullptr) {
        parts_.liar->say(std::move(effect), *running_->chain);
    } else {
        parts_.network.perform(parts_.index, std::move(effect));
    }
}

void Node::do_effect(node::AnnounceImport& effect) {
    parts_.observer.on_import(parts_.index, *running_->chain, effect);
}

void Node::do_effect(node::AnnounceFinality& effect) {
    parts_.observer.on_finality(parts_.index, effect.outcome);
}

}  // namespace stipple::sim
