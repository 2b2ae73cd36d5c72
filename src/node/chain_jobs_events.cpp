// What the core is told of the chain: an import, finality, and what both mean for the pool.
#include "base/log.hpp"
#include "node/chain_jobs.hpp"

#include <algorithm>

namespace stipple::node {

std::optional<BeefyNews> ChainJobs::beefy_news(const chain::FinalityOutcome& outcome) const {
    if (outcome.newly_finalized.empty()) {
        return std::nullopt;
    }
    if (config_.mmr != nullptr) {
        config_.mmr->on_finalized(outcome);
    }
    if (config_.beefy == nullptr) {
        return std::nullopt;
    }
    return config_.beefy->on_finalized(outcome.finalized, outcome.newly_finalized);
}

BlocksFinalized ChainJobs::describe(Finalized finalized) const {
    BlocksFinalized event{.finalized = std::move(finalized),
                          .pool_change = {},
                          .best = chain_.heads().best,
                          .vote_ceiling = vote_ceiling(),
                          .set = set_view(),
                          .beefy = {}};
    event.beefy = beefy_news(event.finalized.outcome);
    if (event.finalized.outcome.best_changed) {
        const auto& outcome = event.finalized.outcome;
        event.pool_change = pool_change(outcome.reorganization, outcome.retracted);
        event.finalized.outcome.retracted.clear();  // the pool has them
    }
    return event;
}

std::optional<chain::pool::BlockContent> ChainJobs::content(
    const BlockRef& block, const std::vector<Block>& dropped) const {
    const auto gone = std::ranges::find_if(dropped, [&](const Block& each) {
        return each.header.number == block.number && each.header.hash() == block.hash;
    });
    if (gone != dropped.end()) {
        return chain::pool::BlockContent{.block = block,
                                         .parent = {gone->header.parent_hash, block.number - 1},
                                         .body = gone->body};
    }
    const auto header = chain_.header(block.hash);
    auto body = chain_.body(block.hash);
    if (!header || !*header || !body || !*body) {
        log(LogLevel::error, "txpool",
            "body of #{} ({}) is not readable; its transactions stay as they are", block.number,
            block.hash.hex());
        return std::nullopt;
    }
    return chain::pool::BlockContent{.block = block,
                                     .parent = {(*header)->parent_hash, block.number - 1},
                                     .body = **std::move(body)};
}

chain::pool::BestBlockChange ChainJobs::pool_change(const chain::ImportOutcome& outcome,
                                                    const std::vector<Block>& dropped) const {
    chain::pool::BestBlockChange change;
    change.best = chain_.heads().best;
    for (const auto& block : outcome.retracted) {
        if (auto found = content(block, dropped)) {
            change.retracted.push_back(*std::move(found));
        }
    }
    for (const auto& block : outcome.enacted) {
        if (auto found = content(block, {})) {
            change.enacted.push_back(*std::move(found));
        }
    }
    return change;
}

void ChainJobs::watch_clock() {
    if (const auto jump = clock_watch_.on_time(config_.clock.now(), config_.clock.wall())) {
        log(LogLevel::warn, "babe", "the clock of this machine jumped by {} ms", jump->count());
    }
}

void ChainJobs::watch_clock(const Imported& imported) {
    const std::uint64_t duration = pipeline_.epochs().config().slot_duration_ms;
    if (clock_watch_.on_block(imported.slot, babe::slot_at(config_.clock.wall(), duration))) {
        log(LogLevel::warn, "babe",
            "block #{} is of slot {}, which has not begun here, like those before it: is the clock "
            "of this machine behind?",
            imported.header.number, imported.slot.value);
    }
}

void ChainJobs::watch_author(const Imported& imported) const {
    if (!config_.validator || imported.slot < began_ ||
        !keys_.keystore->has_key(chain::kBabeKey, imported.author.view())) {
        return;
    }
    Header unsealed = imported.header;
    unsealed.digest.pop_back();
    watch_signature(keys_,
                    chain::SigningIntent::block(imported.author, imported.slot, unsealed.hash()));
}

BlockImported ChainJobs::describe(Imported imported) {
    watch_author(imported);
    watch_clock(imported);
    BlockImported event{.imported = std::move(imported),
                        .refused = std::move(refused_),
                        .pool_change = {},
                        .best = chain_.heads().best,
                        .vote_ceiling = vote_ceiling(),
                        .set = set_view(),
                        .beefy = {}};
    std::vector<Block> dropped;
    if (auto& finality = event.imported.finality) {
        event.beefy = beefy_news(*finality);
        if (finality->best_changed) {
            // Its justification made it the best block, which its weight had not.
            event.imported.import.is_new_best = true;
            event.imported.import.retracted = finality->reorganization.retracted;
            event.imported.import.enacted = finality->reorganization.enacted;
            dropped = std::exchange(finality->retracted, {});
        }
    }
    if (event.imported.import.is_new_best) {
        event.pool_change = pool_change(event.imported.import, dropped);
    }
    return event;
}

}  // namespace stipple::node
