// Beginning elsewhere than at genesis: a finalised block whose state was downloaded, and the blocks
// below it, which come later.
//
//     genesis   #1 … gap … highest   base ─ base+1 ─ …
//               ◀── filled downwards  └ finalised, best, first state
//
// Spec: sect-sync-warp.
#include "chain/import/inner.hpp"

#include <fmt/format.h>

namespace stipple::chain {

bool Chain::is_stateless() const {
    const std::shared_lock lock(inner_->mutex);
    return inner_->stateless;
}

std::optional<HistoryGap> Chain::gap() const {
    const std::shared_lock lock(inner_->mutex);
    return inner_->gap;
}

Result<> Chain::Inner::load_beginning() {
    TRY_ASSIGN(const auto flag, database.get(Column::meta, as_bytes(kStatelessKey)));
    stateless = flag.has_value();
    TRY_ASSIGN(const auto row, database.get(Column::meta, as_bytes(kGapKey)));
    if (row) {
        const auto decoded = scale::decode<HistoryGap>(*row);
        if (!decoded) {
            return fail("the database is damaged: its row chain/gap does not decode");
        }
        gap = *decoded;
    }
    return {};
}

Result<> Chain::become_stateless() {
    Inner& in = *inner_;
    CHECK(in.tree.best().number == 0);
    WriteBatch batch;
    batch.put(Column::meta, to_bytes(kStatelessKey), Bytes{1});
    TRY(in.database.commit(batch, Durability::synced));
    const std::unique_lock lock(in.mutex);
    in.stateless = true;
    return {};
}

Result<std::unique_ptr<state::store::StateDownload>> Chain::download_state(
    const BlockRef& block, const HeaderStateRoot& root) {
    return inner_->states->download(block, state::StateRoot(root.bytes));
}

std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError> Chain::runtime_of(
    const BlockRef& block, const state::Reader& state) const {
    return inner_->runtime_at(block, state);
}

Result<> Chain::begin_at(NewBeginning beginning, state::store::StateDownload& state) {
    Inner& in = *inner_;
    const Header& header = beginning.block.header;
    const BlockRef block = state.block();
    CHECK(state.complete() && block == header.ref());
    CHECK(fits_body(header, beginning.block.body));
    if (in.tree.finalized().number > block.number) {
        // Blocks above would stay known without a state that others could be executed on.
        return fail(fmt::format("finality has gone past it, to #{}", in.tree.finalized().number));
    }
    WriteBatch batch = std::move(beginning.consensus_rows);
    for (const BlockRef& gone : in.tree.blocks()) {
        BlockStore::erase_block(batch, gone.hash);
    }
    const BlockNumber highest = std::max(in.tree.best().number, block.number);
    batch.erase_range(Column::block_hashes, number_key(block.number + 1), number_key(highest + 1));
    BlockStore::put_block(batch, block.hash, scale::encode(header),
                          scale::encode(beginning.block.body), std::nullopt);
    if (beginning.justification) {
        TRY_ASSIGN(const auto all, in.with_justification(block.hash, *beginning.justification));
        BlockStore::put_justifications(batch, block.hash, all);
    }
    BlockStore::put_route(batch, Route{{}, block, {block}});
    BlockStore::put_best(batch, block);
    BlockStore::put_finalized(batch, {block, 0});
    // A fast sync has the blocks below already.
    std::optional<HistoryGap> gap;
    TRY_ASSIGN(const auto parent, in.blocks.number(header.parent_hash));
    if (!parent) {
        const bool keeps_bodies = !in.config.body_pruning;
        gap = HistoryGap{{header.parent_hash, block.number - 1}, keeps_bodies};
        batch.put(Column::meta, to_bytes(kGapKey), scale::encode(*gap));
    }
    batch.erase(Column::meta, to_bytes(kStatelessKey));
    TRY(state.finish(std::move(batch)));
    {
        const std::lock_guard lock(in.runtimes_mutex);
        in.runtimes.clear();
    }
    const std::unique_lock lock(in.mutex);
    in.tree = BlockTree(block, 0);
    in.gap = gap;
    in.stateless = false;
    return {};
}

Result<PastVerdict> Chain::fill_gap(const std::vector<PastBlock>& blocks) {
    Inner& in = *inner_;
    WriteBatch batch;
    std::optional<HistoryGap> left = in.gap;
    for (const PastBlock& block : blocks) {
        const BlockRef ref{block.hash, block.header.number};
        if (!left || ref != left->highest ||
            (ref.number == 1 && block.header.parent_hash != in.genesis)) {
            return PastVerdict::not_linked;
        }
        if (left->with_bodies && (block.body == nullptr || !fits_body(block.header, *block.body))) {
            return PastVerdict::bad_body;
        }
        const Bytes key = to_bytes(ref.hash.view());
        batch.put(Column::headers, key, scale::encode(block.header));
        if (left->with_bodies) {
            batch.put(Column::bodies, key, scale::encode(*block.body));
        }
        batch.put(Column::block_hashes, number_key(ref.number), key);
        if (ref.number == 1) {
            left.reset();
        } else {
            left->highest = {block.header.parent_hash, ref.number - 1};
        }
    }
    if (left) {
        batch.put(Column::meta, to_bytes(kGapKey), scale::encode(*left));
    } else {
        batch.erase(Column::meta, to_bytes(kGapKey));
    }
    TRY(in.database.commit(batch, Durability::buffered));
    const std::unique_lock lock(in.mutex);
    in.gap = left;
    return PastVerdict::stored;
}

}  // namespace stipple::chain
