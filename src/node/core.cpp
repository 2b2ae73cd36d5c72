#include "node/core.hpp"

#include <algorithm>

namespace stipple::node {

namespace pool = chain::pool;

Core::Core(const CoreConfig& config, const chain::Heads& heads, SetView set, Seed seed)
    : config_(config), pool_(config.pool, heads.best), finalized_(heads.finalized) {
    if (config_.vote) {
        // Sets reach the core from AuthoritySet, which keeps no list that VoterSet refuses.
        auto voters = grandpa::VoterSet::create(set.authorities);
        CHECK(voters.has_value());
        voter_.emplace(config_.voter, set.id, *std::move(voters), heads.finalized, seed);
    }
}

Result<> Core::start(Instant now, UnixMillis wall, const StoreReader& store,
                     const std::vector<std::pair<BlockRef, BlockHash>>& unfinalized,
                     std::optional<BlockNumber> vote_ceiling, EffectList& effects) {
    if (config_.author) {
        // The present slot may have been ours before a restart: begin with the next one.
        last_slot_ = Slot(wall.value / config_.slot_duration_ms);
        claim_slot(now, wall, effects);
    }
    if (voter_) {
        grandpa::VoterEffects voting;
        for (const auto& [block, parent] : unfinalized) {
            voter_->on_block_imported(now, block, parent, voting);
        }
        TRY(voter_->start(now, store, voting));
        voter_->on_best_block(now, pool_.best(), vote_ceiling, voting);
        take(std::move(voting), effects);
    }
    return {};
}

void Core::handle(Instant now, UnixMillis wall, Event event, EffectList& effects) {
    std::visit([&](auto& what) { on_event(now, what, effects); }, event);
    if (config_.author) {
        claim_slot(now, wall, effects);
    }
}

std::optional<Instant> Core::wake_at() const {
    std::optional<Instant> at = next_slot_at_;
    for (const auto& other : {pool_.wake_at(), voter_ ? voter_->wake_at() : std::nullopt}) {
        if (other && (!at || *other < *at)) {
            at = other;
        }
    }
    return at;
}

void Core::claim_slot(Instant now, UnixMillis wall, EffectList& effects) {
    const std::uint64_t duration = config_.slot_duration_ms;
    const Slot slot(wall.value / duration);
    const auto into_slot = std::chrono::milliseconds(wall.value % duration);
    const Instant slot_began = now - into_slot;
    next_slot_at_ = slot_began + std::chrono::milliseconds(duration);
    if (slot <= last_slot_ || authoring_) {
        return;
    }
    last_slot_ = slot;
    authoring_ = true;
    effects.emplace_back(
        AuthorSlot{.slot = slot,
                   .deadline = slot_began + std::chrono::milliseconds(duration * 2 / 3),
                   .transactions = pool_.ready()});
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
    take(std::move(pooled), effects);
}

void Core::on_event(Instant now, BlockImported& event, EffectList& effects) {
    const BlockRef block = event.imported.import.block;
    authoring_ = false;
    drop_refused(now, event.refused, effects);
    if (event.imported.import.is_new_best) {
        pool::PoolEffects pooled;
        pool_.on_new_best(now, event.pool_change, pooled);
        take(std::move(pooled), effects);
    }
    effects.emplace_back(AnnounceImport{event.imported.import, event.imported.header});
    if (event.imported.equivocation) {
        effects.emplace_back(ReportDoubleSeal{*std::move(event.imported.equivocation)});
    }
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_block_imported(now, block, event.imported.header.parent_hash, voting);
        take(std::move(voting), effects);
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
        take(std::move(voting), effects);
    }
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
        take(std::move(voting), effects);
    }
}

void Core::note_finality(Instant now, const chain::FinalityOutcome& outcome, bool set_changed,
                         const SetView& set, EffectList& effects) {
    finalized_ = outcome.finalized;
    pool::PoolEffects pooled;
    pool_.on_finalized(outcome.newly_finalized, pooled);
    take(std::move(pooled), effects);
    effects.emplace_back(AnnounceFinality{outcome});
    if (!voter_) {
        return;
    }
    grandpa::VoterEffects voting;
    voter_->on_finalized(now, outcome.finalized, voting);
    take(std::move(voting), effects);
    if (set_changed) {
        enter_set(now, set, outcome.finalized, effects);
    }
}

void Core::enter_set(Instant now, const SetView& set, const BlockRef& base, EffectList& effects) {
    if (!voter_) {
        return;
    }
    auto voters = grandpa::VoterSet::create(set.authorities);
    CHECK(voters.has_value());  // AuthoritySet keeps no list that VoterSet refuses
    grandpa::VoterEffects voting;
    voter_->on_new_set(now, set.id, *std::move(voters), base, voting);
    take(std::move(voting), effects);
}

void Core::on_event(Instant now, VotesVerified& event, EffectList& effects) {
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_job_done(now, event.job, event.verdicts, voting);
        take(std::move(voting), effects);
    }
}

void Core::on_event(Instant now, VoteSigned& event, EffectList& effects) {
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_signed(now, event.claim, voting);
        take(std::move(voting), effects);
    }
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
        take(std::move(voting), effects);
    }
}

void Core::take(pool::PoolEffects&& effects, EffectList& out) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                // Announcing to peers comes with the network; until then a ready transaction has
                // told everyone there is.
                if constexpr (!std::is_same_v<std::decay_t<decltype(what)>, pool::Announce>) {
                    out.emplace_back(std::move(what));
                }
            },
            effect);
    }
}

void Core::take(grandpa::VoterEffects&& effects, EffectList& out) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                // Messages to peers and their faults: there are no peers before the network is in.
                using What = std::decay_t<decltype(what)>;
                if constexpr (!std::is_same_v<What, grandpa::SendMessage> &&
                              !std::is_same_v<What, grandpa::ReportPeer>) {
                    out.emplace_back(std::move(what));
                }
            },
            effect);
    }
}

}  // namespace stipple::node
