#include "node/runner.hpp"

#include "base/log.hpp"
#include "io/clock.hpp"

namespace stipple::node {
namespace {

template <class Effect>
constexpr bool IsImport = std::is_same_v<Effect, network::sync::ImportBlocks> ||
                          std::is_same_v<Effect, network::sync::ImportJustification>;

}  // namespace

Runner::Runner(const RunnerParts& parts)
    : parts_(parts),
      jobs_({.jobs = parts.jobs,
             .sync_jobs = parts.sync_jobs,
             .state_jobs = parts.state_jobs,
             .request_jobs = parts.request_jobs,
             .chain = parts.chain,
             .keys = parts.keys,
             .signatures = parts.signatures,
             .sign_as_node = parts.sign_as_node,
             .on_justification =
                 [&hub = parts.hub](const Bytes& justification) {
                     hub.publish(rpc::JustificationMade{justification});
                 },
             .on_beefy_proof =
                 [&hub = parts.hub](const BlockHash& block, const Bytes& proof) {
                     hub.publish(rpc::BeefyProofMade{block, proof});
                 }}),
      imports_(parts.metrics),
      beefy_metrics_(parts.metrics, beefy_metrics()),
      votes_waiting_(
          parts.metrics.gauge("substrate_finality_grandpa_until_imported_waiting_messages_number",
                              "Number of GRANDPA votes and commits that wait for a block")),
      best_height_(parts.metrics.gauge("substrate_block_height", "Block height info of the chain",
                                       {{"status", "best"}})),
      finalized_height_(parts.metrics.gauge(
          "substrate_block_height", "Block height info of the chain", {{"status", "finalized"}})),
      leaves_(parts.metrics.gauge("substrate_number_leaves",
                                  "Number of known chain leaves (aka forks)")),
      ready_transactions_(parts.metrics.gauge("substrate_ready_transactions_number",
                                              "Number of transactions in the ready queue")),
      grandpa_round_(parts.metrics.gauge("substrate_finality_grandpa_round",
                                         "Highest completed GRANDPA round")),
      prevotes_(parts.metrics.counter("substrate_finality_grandpa_prevotes_total",
                                      "Total number of GRANDPA prevotes cast locally")),
      precommits_(parts.metrics.counter("substrate_finality_grandpa_precommits_total",
                                        "Total number of GRANDPA precommits cast locally")),
      overruns_(
          parts.metrics.counter("stipple_core_step_overruns_total",
                                "Steps of the core thread that took more than a millisecond")),
      signing_stopped_(
          parts.metrics.gauge("stipple_signing_stopped",
                              "1 when signing is off because a key signs on another machine, too")),
      peers_(parts.metrics.gauge("substrate_sub_libp2p_peers_count", "Number of connected peers")),
      is_major_syncing_(parts.metrics.gauge("substrate_sub_libp2p_is_major_syncing",
                                            "Whether the node is performing a major sync or not")),
      sync_target_(parts.metrics.gauge("substrate_block_height", "Block height info of the chain",
                                       {{"status", "sync_target"}})),
      warp_fragments_(parts.metrics.gauge("stipple_sync_warp_fragments",
                                          "Finality proofs of warp sync, authority sets so far")),
      state_bytes_(
          parts.metrics.gauge("stipple_sync_state_bytes", "State downloaded by the present sync")),
      history_left_(parts.metrics.gauge("stipple_sync_history_blocks_left",
                                        "Blocks of the past that are still to come")),
      discovery_metrics_(parts.metrics, discovery_metrics()),
      sync_metrics_(parts.metrics, sync_metrics()) {
    update_gauges();
}

void Runner::run(EffectList effects) {
    io::name_this_thread("core");
    carry_out(effects);
    for (;;) {
        std::optional<std::chrono::steady_clock::time_point> deadline;
        if (const auto at = parts_.core.wake_at()) {
            deadline = std::chrono::steady_clock::time_point(
                std::chrono::duration_cast<std::chrono::steady_clock::duration>(at->since_origin));
        }
        auto event = parts_.inbox.pop(deadline);
        if (!event) {
            if (parts_.inbox.closed()) {
                return;
            }
            event = Woken{};
        }
        effects.clear();
        const Instant began = io::now();
        const UnixMillis wall = io::unix_now();
        if (recorder_ != nullptr) {
            recorder_->on_event(began, wall, *event);
        }
        parts_.core.handle(began, wall, *std::move(event), effects);
        if (recorder_ != nullptr) {
            recorder_->on_effects(effects);
        }
        if (io::now() - began > kStepMax) {
            overruns_.add();
        }
        carry_out(effects);
        look_at_sync(began);
    }
}

void Runner::look_at_sync(Instant now) {
    const Peering& peering = parts_.core.peering();
    const bool is_major = peering.is_major_syncing();
    // At once: after the event that ends a sync nothing may come for seconds.
    parts_.sync_view.is_major = is_major;
    if (now - looked_at_sync_ < std::chrono::seconds(1)) {
        return;
    }
    looked_at_sync_ = now;
    BlockNumber highest = 0;
    for (const auto& peer : peering.peers()) {
        highest = std::max(highest, peer.best.number);
    }
    parts_.sync_view.highest_seen = highest;
    parts_.sync_view.peers = static_cast<std::uint32_t>(peering.peer_count());
    peers_.set(static_cast<double>(peering.peer_count()));
    is_major_syncing_.set(is_major ? 1 : 0);
    discovery_metrics_.show(peering.authorities());
    const auto heads = parts_.chain.heads();
    sync_target_.set(std::max(highest, heads.best.number));
    const auto status = peering.status();
    sync_metrics_.show(status);
    warp_fragments_.set(static_cast<double>(status.warp_fragments));
    state_bytes_.set(static_cast<double>(status.state_bytes));
    history_left_.set(status.history_remaining.value_or(0));
    if (const auto line = informant_.look(now, status, heads)) {
        log(LogLevel::info, "stipple", "{}", *line);
    }
}

void Runner::carry_out(EffectList& effects) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                if constexpr (IsJob<decltype(what)>) {
                    count(what);
                    EffectJob job = jobs_.job(what);
                    if constexpr (IsImport<std::decay_t<decltype(what)>>) {
                        job.run = imports_.observed(std::move(job.run));
                    }
                    post(std::move(job));
                } else {
                    do_effect(what);
                }
            },
            effect);
    }
    ready_transactions_.set(static_cast<double>(parts_.core.pool().counts().ready));
    if (const auto* voter = parts_.core.voter()) {
        grandpa_round_.set(static_cast<double>(voter->round().number().value));
        votes_waiting_.set(static_cast<double>(voter->waiting()));
    }
    beefy_metrics_.show(parts_.core);
}

void Runner::count(const grandpa::SignVote& effect) {
    (effect.vote.kind == grandpa::VoteKind::precommit ? precommits_ : prevotes_).add();
}

void Runner::send(Event event) {
    // Refused only when the node is stopping: job results have a lane that their number can not
    // fill.
    static_cast<void>(parts_.inbox.push(Lane::job_results, std::move(event)));
}

void Runner::post(EffectJob job) {
    io::WorkerPool& place = job.place == EffectJob::Place::chain    ? parts_.chain_thread
                            : job.place == EffectJob::Place::signer ? parts_.signer
                                                                    : parts_.workers;
    auto run = [this, run = std::move(job.run)] {
        run([this](Event event) { send(std::move(event)); });
    };
    if (!job.refused) {
        place.post(std::move(run));
    } else if (!place.try_post(std::move(run))) {
        send(*std::move(job.refused));
    }
}

void Runner::do_effect(chain::pool::Submitted& effect) {
    parts_.pool.on_submitted(effect);
}

void Runner::do_effect(chain::pool::StatusChanged& effect) {
    parts_.pool.on_status(effect);
}

void Runner::do_effect(grandpa::ReportEquivocation& effect) {
    parts_.offchain.report(effect.equivocation, effect.set);
}

void Runner::do_effect(ReportDoubleSeal& effect) {
    parts_.offchain.report(std::move(effect.proof));
}

void Runner::do_effect(beefy::ReportDoubleVoting& effect) {
    parts_.offchain.report(std::move(effect.proof));
}

void Runner::do_effect(NetworkCommand& effect) {
    parts_.network.perform(std::move(effect));
}

void Runner::do_effect(AnnounceImport& effect) {
    const BlockRef& block = effect.outcome.block;
    log(LogLevel::info, "babe", "imported #{} ({}){}", block.number, block.hash.hex(),
        effect.outcome.retracted.empty() ? "" : ", a reorganisation");
    parts_.hub.publish(rpc::BlockImported{.block = block,
                                          .header = effect.header,
                                          .is_new_best = effect.outcome.is_new_best,
                                          .runtime_changed = effect.outcome.runtime_changed});
    if (effect.outcome.is_new_best && !parts_.core.peering().takes_state()) {
        parts_.offchain.on_best_block(effect.header);
    }
    update_gauges();
}

void Runner::do_effect(AnnounceFinality& effect) {
    const BlockRef& block = effect.outcome.finalized;
    log(LogLevel::info, "grandpa", "finalized #{} ({})", block.number, block.hash.hex());
    if (const auto header = parts_.chain.header(block.hash); header && *header) {
        parts_.hub.publish(rpc::BlockFinalized{block, **header});
    }
    update_gauges();
}

void Runner::do_effect(AnnounceRewind& effect) {
    const BlockRef block{effect.header.hash(), effect.header.number};
    log(LogLevel::info, "babe", "back at #{} ({})", block.number, block.hash.hex());
    parts_.hub.publish(rpc::ChainRewound{block, effect.header});
    update_gauges();
}

void Runner::update_gauges() {
    const auto heads = parts_.chain.heads();
    best_height_.set(heads.best.number);
    finalized_height_.set(heads.finalized.number);
    leaves_.set(static_cast<double>(parts_.chain.leaf_count()));
    signing_stopped_.set(parts_.keys.journal->stopped().empty() ? 0 : 1);
}

}  // namespace stipple::node
