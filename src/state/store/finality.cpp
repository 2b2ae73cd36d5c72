// Moving the base after finality, letting losing forks go, raising the prune floor, reverting.
//
// Order of writes: the finality pointer, the floor and the removal of losing layers are one synced
// batch; then the base follows, one block per batch. A crash anywhere between leaves a base behind
// (or beside) its pointer, and opening does the rest.
#include "state/store/clearing.hpp"
#include "state/store/inner.hpp"
#include "state/store/journal.hpp"

#include <fmt/format.h>

#include <set>

namespace stipple::state::store {

Result<> Store::Inner::take_step(Step step) {
    TRY(database_.commit(step.batch, Durability::buffered));
    const bool forward = step.reached.block.number > base()->state.block.number;
    std::shared_ptr<const Layer> taken;  // freed after the lock
    const std::lock_guard lock(mutex_);
    shared_->cache.begin_step();
    if (step.cleared) {
        shared_->cache.clear();
    }
    if (forward) {
        for (auto& change : step.changes) {
            shared_->cache.replace(change.kind, change.row, std::move(change.value),
                                   step.reached.block.number);
        }
        const auto record = records_.find(key_of(step.reached.block));
        if (record != records_.end()) {
            taken = std::move(record->second.layer);
            records_.erase(record);
        }
    } else {
        shared_->cache.clear();
    }
    publish_base(step.reached);
    return {};
}

Result<> Store::Inner::advance_along(const Layers& layers) {
    for (const auto& layer : layers) {
        TRY(erase_unfinished(database_));
        TRY(write_cleared(database_, *base(), *layer));
        TRY_ASSIGN(auto step, step_forward(*shared_, *layer));
        TRY(take_step(std::move(step)));
    }
    return {};
}

Result<> Store::Inner::rewind_to(BlockNumber number) {
    shared_->pins->revoke_above(number);
    while (base()->state.block.number > number) {
        TRY(erase_unfinished(database_));
        TRY_ASSIGN(auto step, step_back(database_, *base()));
        TRY(take_step(std::move(step)));
    }
    return {};
}

Result<> Store::Inner::follow_finality() {
    Layers path;
    {
        const std::lock_guard lock(mutex_);
        path = layers_to(finalized_);
    }
    if (path.empty()) {  // the base has reached the finalised block, and may be ahead of it
        TRY_ASSIGN(const bool there, in_base(finalized_));
        return there ? Result<>()
                     : fail(fmt::format("the layer of the finalised block #{} is missing; the "
                                        "database is damaged",
                                        finalized_.number));
    }
    TRY(rewind_to(path.front()->block().number - 1));
    return advance_along(path);
}

std::vector<Store::Inner::RecordKey> Store::Inner::losers(BlockRef block,
                                                          const Layers& path) const {
    std::set<RecordKey> kept;
    for (const auto& layer : path) {
        kept.insert(key_of(layer->block()));
    }
    std::vector<RecordKey> out;
    for (const auto& [key, record] : records_) {  // parents come before children
        const RecordKey parent = parent_of(*record.layer);
        const bool child_of_kept = kept.contains(parent) && parent.first >= block.number;
        // With the block in the base: what attaches to the base at or above it.
        const bool child_of_base =
            path.empty() && !records_.contains(parent) && parent.first >= block.number;
        if (kept.contains(key) || child_of_kept || child_of_base) {
            kept.insert(key);
        } else {
            out.push_back(key);
        }
    }
    return out;
}

/// Puts a higher floor into `batch` when it is worth a write, and drops block_changes below it.
/// `low`: the lower of the finalised block and of where the base will be when it goes there.
void Store::Inner::raise_floor(BlockNumber low, WriteBatch& batch) {
    if (config_.pruning.mode != Pruning::Mode::keep_recent) {
        return;
    }
    const BlockNumber before = floor();
    if (low < config_.pruning.blocks || low - config_.pruning.blocks < before + floor_stride_) {
        return;
    }
    const BlockNumber reached = shared_->pins->raise(low - config_.pruning.blocks);
    if (reached == before) {
        return;
    }
    Bytes row;
    append_le(row, reached);
    batch.put(Column::meta, to_bytes(kFloorKey), std::move(row));
    batch.erase_range(Column::block_changes, changes_row(before, 0), changes_row(reached, 0));
}

Result<> Store::Inner::finalize(BlockRef block) {
    if (!base()) {
        return fail("state unknown: the state database is empty");
    }
    if (block.number <= finalized_.number) {
        return follow_finality();  // nothing, unless an error stopped it earlier
    }
    Layers path;
    std::vector<RecordKey> lost;
    {
        const std::lock_guard lock(mutex_);
        path = layers_to(block);
        lost = losers(block, path);
    }
    BlockState state{block, {}};
    if (path.empty()) {
        TRY_ASSIGN(state, base_block_state(block));
    } else {
        state.root = path.back()->difference().root;
        // Finality may contradict a base that ran ahead of it, never an earlier finality.
        if (path.front()->block().number <= finalized_.number) {
            return fail(fmt::format("block #{} {} does not descend from the finalised #{}",
                                    block.number, block.hash.hex(), finalized_.number));
        }
    }
    WriteBatch batch;
    batch.put(Column::meta, to_bytes(kFinalizedKey), encode_block_state(state));
    for (const auto& [number, hash] : lost) {
        erase_layer(batch, {hash, number});
    }
    BlockNumber low = std::min(block.number, base()->state.block.number);
    if (!path.empty()) {
        low = std::min(low, path.front()->block().number - 1);  // the base may have to go back
    }
    raise_floor(low, batch);
    TRY(database_.commit(batch, Durability::synced));
    database_.set_history_floor(floor());
    Layers freed;  // after the lock
    {
        const std::lock_guard lock(mutex_);
        finalized_ = block;
        for (const auto& key : lost) {
            freed.push_back(std::move(records_[key].layer));
            records_.erase(key);
        }
    }
    return follow_finality();
}

Result<> Store::Inner::revert_to(BlockRef block) {
    if (!base()) {
        return fail("state unknown: the state database is empty");
    }
    TRY_ASSIGN(const auto state, base_block_state(block));
    WriteBatch batch;
    if (block.number < finalized_.number) {
        batch.put(Column::meta, to_bytes(kFinalizedKey), encode_block_state(state));
    }
    batch.put(Column::meta, to_bytes(kRevertKey), encode_block_state(state));
    erase_all_layers(batch);
    TRY(database_.commit(batch, Durability::synced));
    return finish_revert(block);
}

Result<> Store::Inner::finish_revert(BlockRef block) {
    Records dropped;  // freed after the lock
    {
        const std::lock_guard lock(mutex_);
        if (block.number < finalized_.number) {
            finalized_ = block;
        }
        dropped.swap(records_);
    }
    TRY(rewind_to(block.number));
    WriteBatch batch;
    batch.erase(Column::meta, to_bytes(kRevertKey));
    return database_.commit(batch, Durability::synced);
}

}  // namespace stipple::state::store
