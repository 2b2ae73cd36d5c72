// Rows, in the column meta:
//     "sync/warp"         WarpRow: how far proofs of finality were verified
//     "sync/past/" ‖ id   PastSet: last block of a set that was proved; its justification is where
//                         that of a block of the chain stands
//     "sync/target"       TargetRow: the block whose state is downloaded
#include "node/state_sync_jobs.hpp"

#include "base/log.hpp"
#include "node/grandpa_justification.hpp"

#include <fmt/format.h>

namespace stipple::node {

namespace sync = network::sync;
using grandpa::AuthoritySet;

namespace {

constexpr std::string_view kWarpKey = "sync/warp";
constexpr std::string_view kPastPrefix = "sync/past/";
constexpr std::string_view kTargetKey = "sync/target";

struct WarpRow {
    BlockHash begin;  ///< the next proof begins behind this block
    grandpa::WarpSet set;
    static auto fields(auto& self) { return std::tie(self.begin, self.set); }
};
struct TargetRow {
    Header header;
    std::optional<grandpa::WarpSet> set;  ///< in force after it; of warp sync
    std::optional<Bytes> justification;
    static auto fields(auto& self) { return std::tie(self.header, self.set, self.justification); }
};

template <class Row>
Result<std::optional<Row>> read_row(const StoreReader& store, std::string_view key) {
    TRY_ASSIGN(const auto bytes, store.get(Column::meta, as_bytes(key)));
    if (!bytes) {
        return std::nullopt;
    }
    auto row = scale::decode<Row>(*bytes);
    if (!row) {
        return fail(fmt::format("column meta: damaged row {}; run purge-chain", key));
    }
    return std::optional<Row>(*std::move(row));
}

Bytes past_key(AuthoritySetId id) {
    Bytes key = to_bytes(kPastPrefix);
    append_be(key, id.value);
    return key;
}

Result<std::vector<AuthoritySet::PastSet>> read_past(const StoreReader& store) {
    std::vector<AuthoritySet::PastSet> past;
    const Bytes lower = to_bytes(kPastPrefix);
    const auto rows = store.iterate(Column::meta, lower, *end_of_prefix(lower));
    for (rows->seek(lower); rows->valid(); rows->next()) {
        const auto each = scale::decode<AuthoritySet::PastSet>(rows->value());
        if (!each) {
            return fail("column meta: damaged row " + to_hex(rows->key()) + "; run purge-chain");
        }
        past.push_back(*each);
    }
    TRY(rows->status());
    return past;
}

void erase_progress(WriteBatch& batch) {
    batch.erase(Column::meta, to_bytes(kWarpKey));
    batch.erase(Column::meta, to_bytes(kTargetKey));
    batch.erase_range(Column::meta, to_bytes(kPastPrefix), *end_of_prefix(to_bytes(kPastPrefix)));
}

}  // namespace

sync::ChainStart chain_start(const chain::Chain& chain) {
    const auto heads = chain.heads();
    sync::ChainStart start{.genesis = heads.genesis,
                           .finalized = heads.finalized,
                           .best = heads.best,
                           .unfinalized = {},
                           .gap = std::nullopt,
                           .stateless = chain.is_stateless()};
    if (const auto gap = chain.gap()) {
        start.gap = {.highest = gap->highest, .lowest = 1, .with_bodies = gap->with_bodies};
    }
    return start;
}

StateSyncJobs::StateSyncJobs(chain::Chain& chain, BlockPipeline& pipeline, ChainJobs& jobs,
                             KeyValueStore& database)
    : chain_(chain),
      pipeline_(pipeline),
      jobs_(jobs),
      database_(database),
      genesis_set_{pipeline.authority_set().id(), pipeline.authority_set().authorities(), 0} {}

Result<> StateSyncJobs::resume(sync::SyncConfig& config) {
    const bool at_genesis = chain_.heads().best.number == 0;
    if (!chain_.is_stateless() && (!at_genesis || config.mode == sync::SyncMode::full)) {
        return {};
    }
    TRY_ASSIGN(const auto warp, read_row<WarpRow>(database_, kWarpKey));
    if (config.mode == sync::SyncMode::warp) {
        TRY_ASSIGN(checkpoint_, checkpoint_of(chain_.spec()));
    }
    if (warp) {
        config.warp_begin = warp->begin;
    } else if (checkpoint_) {
        config.warp_begin = checkpoint_->block.hash;
        log(LogLevel::info, "sync", "proofs of finality begin at the checkpoint #{} ({}), set {}",
            checkpoint_->block.number, checkpoint_->block.hash.hex(), checkpoint_->set.id.value);
    }
    TRY_ASSIGN(const auto target, read_row<TargetRow>(database_, kTargetKey));
    const bool is_warp = target && target->set.has_value();
    if (!target || is_warp == chain_.is_stateless()) {
        return {};
    }
    const BlockRef block = target->header.ref();
    if (!is_warp && block != chain_.heads().finalized) {
        return drop_state();  // finality has gone past it: the chain can not begin there any more
    }
    TRY(open_download(block, target->header.state_root, is_warp));
    const auto progress = download_->progress();
    log(LogLevel::info, "sync", "state sync of #{} ({}) goes on at {} %", block.number,
        block.hash.hex(), progress.percent);
    config.resume = sync::StateResume{.target = block,
                                      .is_warp = is_warp,
                                      .start = download_->next(),
                                      .bytes = progress.bytes,
                                      .is_complete = download_->complete()};
    return {};
}

// ---- proofs of finality ----

SyncAnswer StateSyncJobs::verify(const sync::VerifyWarpProof& job) {
    WarpJobDone done{job.job, {}};
    const auto row = read_row<WarpRow>(database_, kWarpKey);
    if (!row) {
        log(LogLevel::error, "sync", "warp sync: {}", row.error().message());
        return done;
    }
    const bool at_row = *row && (*row)->begin == job.begin;
    const bool at_checkpoint = checkpoint_ && checkpoint_->block.hash == job.begin;
    if (!at_row && !at_checkpoint && job.begin != chain_.heads().genesis) {
        log(LogLevel::error, "sync", "warp sync: a proof from an unknown block");
        return done;
    }
    grandpa::WarpWalk walk(at_row          ? (*row)->set
                           : at_checkpoint ? checkpoint_->set
                                           : genesis_set_,
                           job.begin);
    WriteBatch batch;
    if (at_checkpoint && !at_row) {
        for (const auto& past : checkpoint_->past) {
            batch.put(Column::meta, past_key(past.id), scale::encode(past));
        }
    }
    if (const auto walked = follow(job.proof, walk, batch, done.verdict); !walked) {
        log(LogLevel::debug, "sync", "warp proof, above #{} in set {}: {}", walk.set().after,
            walk.set().id.value, grandpa::describe(walked.error()));
        if (at_checkpoint && !at_row) {
            log(LogLevel::warn, "sync",
                "a proof from the specification's checkpoint #{} does not hold: the peer lies, or "
                "the checkpoint is of another chain",
                checkpoint_->block.number);
        }
        return WarpJobDone{job.job, {}};
    }
    if (const auto stored = database_.commit(batch, Durability::buffered); !stored) {
        log(LogLevel::error, "sync", "warp sync: {}", stored.error().message());
        return WarpJobDone{job.job, {}};
    }
    log(LogLevel::debug, "sync", "warp proof: {} fragments, now at #{} in set {}",
        job.proof.fragments.size(), walk.set().after, walk.set().id.value);
    done.verdict.good = true;
    return done;
}

/// Walks over the fragments; what is to be known of them afterwards goes into the batch.
std::expected<void, grandpa::WarpError> StateSyncJobs::follow(const network::WarpProof& proof,
                                                              grandpa::WarpWalk& walk,
                                                              WriteBatch& batch,
                                                              sync::WarpVerdict& verdict) {
    for (const auto& fragment : proof.fragments) {
        const bool may_end = proof.is_finished && &fragment == &proof.fragments.back();
        const AuthoritySetId set = walk.set().id;
        TRY(walk.add(fragment.header, fragment.justification, may_end));
        verdict.next_begin = fragment.header.hash();
        std::optional<Bytes> justification;  // but of the beginning: that is stored, if it is known
        if (!walk.is_at_begin()) {
            justification = scale::encode(fragment.justification);
        }
        if (walk.set().id != set) {
            const AuthoritySet::PastSet past{set, fragment.header.number};
            batch.put(Column::meta, past_key(set), scale::encode(past));
            batch.put(Column::justifications, to_bytes(verdict.next_begin.view()),
                      scale::encode(Justifications{{kGrandpaEngine, *justification}}));
        }
        if (may_end) {
            batch.put(Column::meta, to_bytes(kTargetKey),
                      scale::encode(TargetRow{fragment.header, walk.set(), justification}));
            verdict.target = fragment.header;
        }
    }
    batch.put(Column::meta, to_bytes(kWarpKey),
              scale::encode(WarpRow{verdict.next_begin, walk.set()}));
    return walk.finish();
}

// ---- state ----

Result<> StateSyncJobs::open_download(const BlockRef& target, const HeaderStateRoot& root,
                                      bool is_warp) {
    if (download_ && download_->block() == target) {
        return {};
    }
    if (!is_warp) {
        if (target != chain_.heads().finalized) {
            return fail("finality has gone past it");
        }
        TRY_ASSIGN(const auto header, chain_.header(target.hash));
        if (!header) {
            return fail("the block whose state is sought is not in the chain");
        }
        WriteBatch batch;
        batch.put(Column::meta, to_bytes(kTargetKey),
                  scale::encode(TargetRow{*header, std::nullopt, std::nullopt}));
        TRY(database_.commit(batch, Durability::buffered));
        pipeline_.hold_finality(true);
    }
    TRY_ASSIGN(download_, chain_.download_state(target, root));
    return {};
}

void StateSyncJobs::choose(const sync::ChooseState& choice) {
    const auto header = chain_.header(choice.target.hash);
    if (!header || !*header || choice.target != chain_.heads().finalized) {
        return;
    }
    if (const auto open = open_download(choice.target, (*header)->state_root, false); !open) {
        log(LogLevel::error, "sync", "state of #{}: {}", choice.target.number,
            open.error().message());
    }
}

Result<sync::StateVerdict> StateSyncJobs::store_chunk(const sync::StoreStateChunk& job) {
    using Kind = sync::StateVerdict::Kind;
    TRY(open_download(job.target, job.root, !chain_.is_stateless()));
    // What another place was asked for is of no use, but nobody's fault.
    const bool fits = !download_->complete() && job.start == download_->next();
    if (fits && job.no_proof) {
        TRY_ASSIGN(const auto kind, add_claims(job));
        if (kind != Kind::stored) {
            return sync::StateVerdict{kind, {}};
        }
    } else if (fits) {
        const auto proof = scale::decode<std::vector<Bytes>>(job.answer.proof);
        if (!proof) {
            return sync::StateVerdict{Kind::bad, {}};
        }
        TRY_ASSIGN(const auto added, download_->add(*proof));
        if (!added) {
            log(LogLevel::debug, "sync", "state of #{}: {}", job.target.number,
                state::describe(added.error()));
            return sync::StateVerdict{Kind::bad, {}};
        }
    }
    const auto progress = download_->progress();
    log(LogLevel::debug, "sync", "state of #{}: range {} stored, {} keys, {} %", job.target.number,
        progress.chunks, progress.keys, progress.percent);
    if (download_->complete()) {
        return sync::StateVerdict{Kind::complete, {}};
    }
    return sync::StateVerdict{Kind::stored, download_->next()};
}

/// Without proofs; what turns out to be another state goes.
Result<sync::StateVerdict::Kind> StateSyncJobs::add_claims(const sync::StoreStateChunk& job) {
    using Kind = sync::StateVerdict::Kind;
    std::vector<state::store::ClaimedTrie> tries;
    for (const auto& trie : job.answer.tries) {
        state::store::ClaimedTrie claimed{
            .root = trie.trie_root, .values = {}, .complete = trie.complete};
        for (const auto& entry : trie.entries) {
            claimed.values.emplace_back(entry.key, entry.value);
        }
        tries.push_back(std::move(claimed));
    }
    TRY_ASSIGN(const auto added, download_->add_claimed(tries, state::StateVersion::v1));
    if (added) {
        return Kind::stored;
    }
    log(LogLevel::debug, "sync", "state of #{}: {}", job.target.number,
        state::store::describe(added.error()));
    if (added.error() != state::store::ClaimError::wrong_root) {
        return Kind::bad;
    }
    TRY(download_->abandon());
    download_.reset();
    return Kind::bad_root;
}

SyncAnswer StateSyncJobs::store(const sync::StoreStateChunk& job) {
    auto verdict = store_chunk(job);
    if (!verdict) {
        log(LogLevel::error, "sync", "state of #{}: {}", job.target.number,
            verdict.error().message());
        return StateJobDone{job.job, {sync::StateVerdict::Kind::environment, {}}};
    }
    return StateJobDone{job.job, *std::move(verdict)};
}

Result<> StateSyncJobs::drop_state() {
    WriteBatch batch;
    batch.erase(Column::meta, to_bytes(kTargetKey));
    TRY(database_.commit(batch, Durability::buffered));
    pipeline_.hold_finality(false);
    if (auto download = std::move(download_)) {
        TRY(download->abandon());
    }
    return {};
}

void StateSyncJobs::drop() {
    log(LogLevel::info, "sync", "no peer has the state that was sought any more; another one is");
    if (const auto dropped = drop_state(); !dropped) {
        log(LogLevel::error, "sync", "state sync: {}", dropped.error().message());
    }
}

Result<> StateSyncJobs::begin_at(const sync::FinishStateSync& job) {
    TRY_ASSIGN(auto target, read_row<TargetRow>(database_, kTargetKey));
    if (!target || target->header.ref() != job.target.ref()) {
        return fail("the row of its target is missing");
    }
    TRY(open_download(job.target.ref(), job.target.header.state_root, target->set.has_value()));
    if (!download_->complete()) {
        return fail("its state is not complete");
    }
    Beginning beginning{.block = {target->header, *job.target.body},
                        .justification = std::nullopt,
                        .set = std::move(target->set),
                        .past = {},
                        .rows = {}};
    if (target->justification) {
        beginning.justification = Justification{kGrandpaEngine, *std::move(target->justification)};
    }
    TRY_ASSIGN(beginning.past, read_past(database_));
    erase_progress(beginning.rows);
    TRY(pipeline_.begin_at(std::move(beginning), *download_));
    download_.reset();
    return {};
}

SyncAnswer StateSyncJobs::finish(const sync::FinishStateSync& job,
                                 const std::function<void(Event)>& told) {
    StateFinishDone done{job.job, std::nullopt, false};
    if (!job.target.body || !chain::fits_body(job.target.header, *job.target.body)) {
        done.is_bad_body = true;
        return done;
    }
    if (const auto begun = begin_at(job); !begun) {
        log(LogLevel::error, "sync", "finishing the state sync of #{} ({}): {}",
            job.target.header.number, job.target.hash.hex(), begun.error().message());
        return done;
    }
    log(LogLevel::info, "sync", "state sync is complete: the chain goes on from #{} ({})",
        job.target.header.number, job.target.hash.hex());
    told(ChainBegun{job.target.header, job.target.ref(), jobs_.set_view()});
    done.chain = chain_start(chain_);
    return done;
}

// ---- the past ----

SyncAnswer StateSyncJobs::store(const sync::StoreHistory& job) {
    std::vector<chain::PastBlock> blocks;
    for (const auto& block : job.blocks) {
        blocks.push_back({block.hash, block.header, block.body ? &*block.body : nullptr});
    }
    const auto verdict = chain_.fill_gap(blocks);
    if (!verdict) {
        log(LogLevel::error, "sync", "block history: {}", verdict.error().message());
        return HistoryJobDone{job.job, sync::HistoryVerdict::environment};
    }
    if (!chain_.gap()) {
        log(LogLevel::info, "sync", "block history is complete");
    }
    return HistoryJobDone{job.job, *verdict == chain::PastVerdict::stored
                                       ? sync::HistoryVerdict::stored
                                       : sync::HistoryVerdict::bad_body};
}

}  // namespace stipple::node
