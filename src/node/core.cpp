#include "node/core.hpp"

#include <algorithm>

namespace stipple::node {

namespace pool = chain::pool;

namespace {

network::sync::ChainStart chain_start(const PeeringConfig& config, const chain::Heads& heads,
                                      const std::vector<std::pair<BlockRef, BlockHash>>& blocks) {
    network::sync::ChainStart start{.genesis = heads.genesis,
                                    .finalized = heads.finalized,
                                    .best = heads.best,
                                    .unfinalized = {},
                                    .gap = config.gap,
                                    .stateless = config.stateless};
    for (const auto& [block, parent] : blocks) {
        start.unfinalized.push_back({block, parent});
    }
    return start;
}

/// Requests to the pool that no client waits for: transactions of peers.
constexpr pool::RequestId kPeerRequests = pool::RequestId{1} << 63;

network::gossip::TransactionVerdict verdict_of(
    const std::expected<void, pool::PoolError>& verdict) {
    using Verdict = network::gossip::TransactionVerdict;
    if (verdict) {
        return Verdict::new_good;
    }
    switch (verdict.error().kind) {
        case pool::PoolErrorKind::already_imported:
            return Verdict::known_good;
        case pool::PoolErrorKind::invalid:
            return Verdict::bad;
        default:
            return Verdict::undecided;
    }
}

}  // namespace

Core::Core(const CoreConfig& config, const chain::Heads& heads, SetView set,
           const std::vector<std::pair<BlockRef, BlockHash>>& blocks, Seed seed)
    : config_(config),
      pool_(config.pool, heads.best),
      peering_(config.peering, chain_start(config.peering, heads, blocks), seed),
      finalized_(heads.finalized) {
    if (config_.vote) {
        // Sets reach the core from AuthoritySet, which keeps no list that VoterSet refuses.
        auto voters = grandpa::VoterSet::create(set.authorities);
        CHECK(voters.has_value());
        config_.voter.keys = keys_now(set.own_keys);
        voter_.emplace(config_.voter, set.id, *std::move(voters), heads.finalized, seed);
    }
    if (config_.beefy) {
        beefy_.emplace(beefy::VoterConfig{.keys = {}, .is_validator = config_.author});
    }
}

Result<> Core::start(Instant now, UnixMillis wall, const StoreReader& store,
                     const std::vector<std::pair<BlockRef, BlockHash>>& unfinalized,
                     std::optional<BlockNumber> vote_ceiling, EffectList& effects) {
    if (config_.signing_wait > Duration::zero()) {
        silent_until_ = now + config_.signing_wait;
        if (voter_) {
            voter_->set_silent(true);
        }
    }
    if (config_.author) {
        // The present slot may have been ours before a restart: begin with the next one.
        last_slot_ = Slot(wall.value / config_.slot_duration_ms);
        if (config_.sealing.by_slots()) {
            claim_slot(now, wall, effects);
        } else if (config_.sealing.block_time_ms) {
            next_seal_at_ = now;
        }
    }
    peering_.start(now);
    if (voter_) {
        grandpa::VoterEffects voting;
        for (const auto& [block, parent] : unfinalized) {
            voter_->on_block_imported(now, block, parent, voting);
        }
        TRY(voter_->start(now, store, voting));
        voter_->on_best_block(now, pool_.best(), vote_ceiling, voting);
        take(now, std::move(voting), effects);
    }
    return {};
}

void Core::want_justifications(Instant now, const std::vector<BlockRef>& blocks,
                               EffectList& effects) {
    for (const BlockRef& block : blocks) {
        peering_.want_justification(now, block, effects);
    }
}

void Core::handle(Instant now, UnixMillis wall, Event event, EffectList& effects) {
    wall_ = wall;
    look_at_wait(now);
    std::visit([&](auto& what) { on_event(now, what, effects); }, event);
    spread(now, effects);
    give_keys();
    follow_beefy(now, effects);
    if (!config_.author) {
        return;
    }
    if (config_.sealing.by_slots()) {
        claim_slot(now, wall, effects);
    }
    seal_on_order(now, effects);
}

std::optional<Instant> Core::wake_at() const {
    std::optional<Instant> at = next_slot_at_;
    for (const auto& other : {silent_until_, authoring_ ? std::nullopt : next_seal_at_,
                              pool_.wake_at(), voter_ ? voter_->wake_at() : std::nullopt,
                              beefy_ ? beefy_->wake_at() : std::nullopt, peering_.wake_at()}) {
        if (other && (!at || *other < *at)) {
            at = other;
        }
    }
    return at;
}

void Core::on_event(Instant /*now*/, FinalizeRequested& event, EffectList& effects) {
    effects.emplace_back(std::move(event));
}

void Core::on_event(Instant /*now*/, RewindRequested& event, EffectList& effects) {
    effects.emplace_back(std::move(event));
}

void Core::on_event(Instant now, ChainRewound& event, EffectList& effects) {
    finalized_ = event.finalized;
    pool::PoolEffects pooled;
    pool_.on_new_best(now, event.pool_change, pooled);
    take(std::move(pooled), effects);
    effects.emplace_back(AnnounceRewind{std::move(event.header)});
}

void Core::on_event(Instant now, TransactionSubmitted& event, EffectList& effects) {
    pool::PoolEffects pooled;
    pool_.submit(now, std::move(event.extrinsic),
                 {.request = event.request, .source = event.source, .watch = event.watch}, pooled);
    take(std::move(pooled), effects);
}

void Core::on_event(Instant, TransactionUnwatched& event, EffectList&) {
    pool_.unwatch(event.hash);
}

void Core::on_event(Instant now, TransactionsToRemove& event, EffectList& effects) {
    pool::PoolEffects pooled;
    auto removed = pool_.remove(now, event.hashes, pooled);
    take(std::move(pooled), effects);
    if (event.reply) {
        event.reply(std::move(removed));
    }
}

void Core::on_event(Instant, CoreQuestion& event, EffectList&) {
    event.answer(*this);
}

void Core::on_event(Instant now, TransactionValidated& event, EffectList& effects) {
    pool::PoolEffects pooled;
    pool_.on_validated(now, event.job, event.verdict, pooled);
    seal_ready_ = true;
    take(std::move(pooled), effects);
}

void Core::on_event(Instant now, BlockImported& event, EffectList& effects) {
    const BlockRef block = event.imported.import.block;
    authoring_ = authoring_ && !event.own;
    seal_ready_ = seal_ready_ || event.own;
    drop_refused(now, event.refused, effects);
    if (event.imported.import.is_new_best) {
        pool::PoolEffects pooled;
        pool_.on_new_best(now, event.pool_change, pooled);
        take(std::move(pooled), effects);
    }
    peering_.on_block_imported(now, event.imported.header, block, event.imported.import.is_new_best,
                               effects);
    if (event.own && event.imported.needs_justification) {
        // Sync knows this of the blocks that it imports itself.
        peering_.want_justification(now, block, effects);
    }
    effects.emplace_back(AnnounceImport{event.imported.import, event.imported.header});
    if (event.imported.equivocation) {
        effects.emplace_back(ReportDoubleSeal{*std::move(event.imported.equivocation)});
    }
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_block_imported(now, block, event.imported.header.parent_hash, voting);
        take(now, std::move(voting), effects);
    }
    if (event.imported.finality) {
        note_finality(now, *event.imported.finality, event.imported.set_changed, event.set,
                      effects);
    } else if (event.imported.set_changed) {
        enter_set(now, event.set, finalized_, effects);
    }
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_best_block(now, event.best, event.vote_ceiling, voting);
        take(now, std::move(voting), effects);
    }
    on_beefy_import(now, event.imported, effects);
    on_beefy_news(now, event.beefy, effects);
}

void Core::on_event(Instant now, SlotPassed& event, EffectList& effects) {
    authoring_ = false;
    drop_refused(now, event.refused, effects);
}

void Core::drop_refused(Instant now, const std::vector<ExtrinsicHash>& refused,
                        EffectList& effects) {
    if (!refused.empty()) {
        pool::PoolEffects pooled;
        pool_.remove(now, refused, pooled);
        take(std::move(pooled), effects);
    }
}

void Core::on_event(Instant now, BlocksFinalized& event, EffectList& effects) {
    if (event.finalized.outcome.best_changed) {
        pool::PoolEffects pooled;
        pool_.on_new_best(now, event.pool_change, pooled);
        take(std::move(pooled), effects);
    }
    note_finality(now, event.finalized.outcome, event.finalized.set_changed, event.set, effects);
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_best_block(now, event.best, event.vote_ceiling, voting);
        take(now, std::move(voting), effects);
    }
    on_beefy_news(now, event.beefy, effects);
}

void Core::note_finality(Instant now, const chain::FinalityOutcome& outcome, bool set_changed,
                         const SetView& set, EffectList& effects) {
    finalized_ = outcome.finalized;
    pool::PoolEffects pooled;
    pool_.on_finalized(outcome.newly_finalized, pooled);
    take(std::move(pooled), effects);
    effects.emplace_back(AnnounceFinality{outcome});
    peering_.on_finalized(now, outcome.finalized, effects);
    if (!voter_) {
        return;
    }
    grandpa::VoterEffects voting;
    voter_->on_finalized(now, outcome.finalized, voting);
    take(now, std::move(voting), effects);
    if (set_changed) {
        enter_set(now, set, outcome.finalized, effects);
    }
}

/// What the machines held of the chain before is void: the pool looks at its transactions anew, the
/// voter starts over in the set of the block.
void Core::on_event(Instant now, ChainBegun& event, EffectList& effects) {
    finalized_ = event.block;
    pool::PoolEffects pooled;
    pool_.on_new_best(now, {.best = event.block, .retracted = {}, .enacted = {}}, pooled);
    take(std::move(pooled), effects);
    const chain::ImportOutcome outcome{.block = event.block,
                                       .is_new_best = true,
                                       .retracted = {},
                                       .enacted = {event.block},
                                       .runtime_changed = true};
    effects.emplace_back(AnnounceImport{outcome, event.header});
    effects.emplace_back(AnnounceFinality{{.finalized = event.block,
                                           .newly_finalized = {event.block},
                                           .dropped = {},
                                           .dropped_parents = {},
                                           .best_changed = false,
                                           .reorganization = {}}});
    peering_.on_chain_begun(event.header, effects);
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_block_imported(now, event.block, event.header.parent_hash, voting);
        take(now, std::move(voting), effects);
        enter_set(now, event.set, event.block, effects);
        grandpa::VoterEffects best;
        voter_->on_best_block(now, event.block, std::nullopt, best);
        take(now, std::move(best), effects);
    }
}

void Core::on_event(Instant now, NetworkEvent& event, EffectList& effects) {
    if (voter_) {
        on_grandpa(now, event, effects);
    }
    on_beefy(now, event, effects);
    peering_.on_event(now, event, effects);
}

void Core::spread(Instant now, EffectList& effects) {
    for (auto& each : peering_.take_transactions()) {
        pool::PoolEffects pooled;
        pool_.submit(now, std::move(each.transaction),
                     {.request = kPeerRequests + next_peer_request_++,
                      .source = pool::Source::external,
                      .watch = false},
                     pooled);
        take(std::move(pooled), effects);
    }
    if (peering_.wants_pool()) {
        std::vector<Extrinsic> ready;
        for (const auto& transaction : pool_.pending()) {
            if (transaction->propagate) {
                ready.push_back(*transaction->extrinsic);
            }
        }
        peering_.on_pool(now, ready, effects);
    }
}

void Core::on_event(Instant now, SyncAnswer& event, EffectList& effects) {
    peering_.on_answer(now, event, effects);
}

void Core::on_event(Instant now, DiscoveryAnswer& event, EffectList& effects) {
    peering_.on_answer(now, event, effects);
}

void Core::on_event(Instant now, RequestJobDone& event, EffectList& effects) {
    peering_.on_answer(now, event, effects);
}

void Core::on_event(Instant now, Woken&, EffectList& effects) {
    if (const auto at = pool_.wake_at(); at && *at <= now) {
        pool::PoolEffects pooled;
        pool_.on_wake(now, pooled);
        take(std::move(pooled), effects);
    }
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_wake(now, voting);
        take(now, std::move(voting), effects);
    }
    peering_.on_wake(now, wall_, effects);
}

void Core::take(pool::PoolEffects&& effects, EffectList& out) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                using What = std::decay_t<decltype(what)>;
                if constexpr (std::is_same_v<What, pool::Announce>) {
                    peering_.on_pool_transaction(*what.transaction->extrinsic, out);
                } else if constexpr (std::is_same_v<What, pool::Submitted>) {
                    if (what.request >= kPeerRequests) {
                        peering_.on_verdict(what.hash, verdict_of(what.verdict), out);
                    } else {
                        out.emplace_back(std::move(what));
                    }
                } else {
                    out.emplace_back(std::move(what));
                }
            },
            effect);
    }
}

}  // namespace stipple::node
