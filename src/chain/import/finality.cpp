// Finalising, justifying and reverting blocks.
#include "chain/import/inner.hpp"
#include "chain/import/messages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stipple::chain {

Result<Justifications> Chain::Inner::with_justification(const BlockHash& hash,
                                                        const Justification& added) const {
    TRY_ASSIGN(auto stored, blocks.justifications(hash));
    Justifications all = std::move(stored).value_or(Justifications{});
    const auto same = std::ranges::find(all, added.engine, &Justification::engine);
    if (same == all.end()) {
        all.push_back(added);
    } else {
        *same = added;
    }
    return all;
}

/// As far as they can be read: who wants their transactions back can not ask later.
std::vector<Block> Chain::Inner::read_blocks(const std::vector<BlockRef>& wanted) const {
    std::vector<Block> found;
    for (const BlockRef& block : wanted) {
        auto header = blocks.header(block.hash);
        auto body = blocks.body(block.hash);
        if (header && *header && body && *body) {
            found.push_back({**std::move(header), **std::move(body)});
        }
    }
    return found;
}

/// Bodies (with their justifications) that fall out of the window as it moves up with finality.
void Chain::Inner::put_pruned_bodies(WriteBatch& batch,
                                     const std::vector<BlockRef>& finalized) const {
    if (!config.body_pruning) {
        return;
    }
    for (const BlockRef& block : finalized) {
        if (block.number <= *config.body_pruning) {
            continue;  // genesis stays
        }
        const auto old = blocks.canonical_hash(block.number - *config.body_pruning);
        if (old && old->has_value()) {
            const Bytes key = to_bytes((*old)->view());
            batch.erase(Column::bodies, key);
            batch.erase(Column::justifications, key);
        }
    }
}

Result<FinalityOutcome> Chain::finalize(const BlockHash& hash,
                                        const std::optional<Justification>& justification) {
    Inner& in = *inner_;
    BlockTree next = in.tree;
    auto moved = next.finalize(hash);
    if (!moved) {
        TRY_ASSIGN(const auto number, in.blocks.number(hash));
        if (!number) {
            return fail("cannot finalise the unknown block " + hash.hex());
        }
        return fail(fmt::format("cannot finalise block #{} {}: not above the finalised block #{}",
                                *number, short_hash(hash), in.tree.finalized().number));
    }
    WriteBatch batch;
    if (justification) {
        TRY_ASSIGN(const auto all, in.with_justification(hash, *justification));
        BlockStore::put_justifications(batch, hash, all);
    }
    BlockStore::put_finalized(batch, {next.finalized(), next.weight(hash).value_or(0)});
    for (const BlockRef& block : moved->newly_finalized) {
        BlockStore::erase_tree_row(batch, block.hash);
    }
    for (const BlockRef& block : moved->dropped) {
        BlockStore::erase_block(batch, block.hash);
    }
    FinalityOutcome outcome;
    outcome.finalized = next.finalized();
    for (const BlockRef& block : moved->dropped) {
        outcome.dropped_parents.push_back(in.tree.parent(block.hash).value_or(BlockHash{}));
    }
    if (moved->reorganization) {
        BlockStore::put_route(batch, *moved->reorganization);
        BlockStore::put_best(batch, next.best());
        outcome.best_changed = true;
        outcome.reorganization.block = next.best();
        outcome.reorganization.is_new_best = true;
        outcome.retracted = in.read_blocks(moved->reorganization->retracted);
        outcome.reorganization.retracted = std::move(moved->reorganization->retracted);
        outcome.reorganization.enacted = std::move(moved->reorganization->enacted);
    }
    in.put_pruned_bodies(batch, moved->newly_finalized);
    // One wait for the disk: the batch with which the state follows is synced, and batches keep
    // their order.
    TRY(in.database.commit(batch, in.stateless ? Durability::synced : Durability::buffered));
    const BlockRef before = in.tree.finalized();
    {
        const std::unique_lock lock(in.mutex);
        in.tree = std::move(next);
    }
    if (before != outcome.finalized) {
        in.forget_runtime(before.hash);
    }
    for (const BlockRef& block : moved->newly_finalized) {
        if (block != outcome.finalized) {
            in.forget_runtime(block.hash);
        }
    }
    for (const BlockRef& block : moved->dropped) {
        in.forget_runtime(block.hash);
    }
    outcome.newly_finalized = std::move(moved->newly_finalized);
    outcome.dropped = std::move(moved->dropped);
    if (!in.stateless) {
        TRY(in.states->finalize(outcome.finalized));
    }
    return outcome;
}

Result<> Chain::add_justification(const BlockHash& hash, const Justification& justification) {
    TRY_ASSIGN(const auto number, inner_->number_of(hash));
    if (!number) {
        return fail("cannot justify the unknown block " + hash.hex());
    }
    TRY_ASSIGN(const auto all, inner_->with_justification(hash, justification));
    WriteBatch batch;
    BlockStore::put_justifications(batch, hash, all);
    return inner_->database.commit(batch, Durability::buffered);
}

Result<BlockRef> Chain::revert(std::uint32_t count, bool below_finality) {
    Inner& in = *inner_;
    if (in.stateless) {
        return fail("a fast sync is under way: its blocks have no states to go back to");
    }
    const BlockRef best = in.tree.best();
    const BlockNumber wanted = count >= best.number ? 0 : best.number - count;
    if (wanted < in.tree.finalized().number && below_finality) {
        return in.revert_below_finality(wanted);
    }
    const BlockNumber number = std::max(wanted, in.tree.finalized().number);
    BlockRef target = best;
    while (target.number > number) {
        const auto parent = in.tree.parent(target.hash);
        CHECK(parent.has_value());
        target = {*parent, target.number - 1};
    }
    BlockTree next = in.tree;
    WriteBatch batch;
    BlockStore::put_route(batch, in.tree.route(best.hash, target.hash));
    const std::vector<BlockRef> removed = next.truncate_to(target.hash);
    for (const BlockRef& block : removed) {
        BlockStore::erase_block(batch, block.hash);
    }
    BlockStore::put_best(batch, target);
    TRY(in.database.commit(batch, Durability::synced));
    {
        const std::unique_lock lock(in.mutex);
        in.tree = std::move(next);
    }
    for (const BlockRef& block : removed) {
        in.forget_runtime(block.hash);
    }
    return target;
}

/// The target becomes the finalised block. Its weight is not on record any more; weights count from
/// it then, which is the same for fork choice, since that compares blocks above it only.
Result<BlockRef> Chain::Inner::revert_below_finality(BlockNumber number) {
    TRY_ASSIGN(const auto hash, blocks.canonical_hash(number));
    if (!hash) {
        return fail(fmt::format("block #{} is not on record", number));
    }
    const BlockRef target{*hash, number};
    if (!states->has_state(target)) {
        return fail(fmt::format("cannot revert to block #{}: its state is pruned", number));
    }
    WriteBatch batch;
    for (BlockNumber above = number + 1; above <= tree.finalized().number; ++above) {
        TRY_ASSIGN(const auto gone, blocks.canonical_hash(above));
        if (gone) {
            BlockStore::erase_block(batch, *gone);
        }
    }
    for (const BlockRef& block : tree.blocks()) {
        BlockStore::erase_block(batch, block.hash);
    }
    batch.erase_range(Column::block_hashes, number_key(number + 1),
                      number_key(std::max(tree.best().number, tree.finalized().number) + 1));
    BlockStore::put_best(batch, target);
    BlockStore::put_finalized(batch, {target, 0});
    TRY(database.commit(batch, Durability::synced));
    {
        const std::lock_guard lock(runtimes_mutex);
        runtimes.clear();
    }
    {
        const std::unique_lock lock(mutex);
        tree = BlockTree(target, 0);
    }
    TRY(states->revert_to(target));
    return target;
}

}  // namespace stipple::chain
