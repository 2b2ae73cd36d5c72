// What followers hear of the chain: the start, new blocks, finality.
#include "rpc/subscriptions/chain_head.hpp"
#include "rpc/subscriptions/follow_events.hpp"

#include <algorithm>

namespace stipple::rpc {

struct ChainHead::Start {
    struct Block {
        PinPointer pin;
        BlockHash parent;
    };
    BlockRef best;
    BlockRef finalized;
    std::vector<PinPointer> finals{};  ///< oldest first
    std::vector<Block> above{};        ///< parents first
    bool lags = false;
};

ChainHead::PinPointer ChainHead::make_pin(const BlockRef& block, const Header& header,
                                          bool is_final) const {
    auto pin = std::make_shared<PinnedBlock>();
    pin->block = block;
    pin->header = scale::encode(header);
    if (auto state = context_.chain.state(block.hash)) {
        pin->state = *std::move(state);
    }
    if (is_final) {
        return pin;  // what else there is stays with the chain for long enough
    }
    pin->runtime = context_.chain.runtime(block.hash);
    if (auto body = context_.chain.body(block.hash); body && *body) {
        pin->body = std::make_shared<const Body>(**std::move(body));
    }
    return pin;
}

/// Absent when the chain moves too fast to be seen at one moment.
std::optional<ChainHead::Start> ChainHead::read_start() const {
    const chain::Chain& chain = context_.chain;
    const chain::Heads heads = chain.heads();
    Start start{.best = heads.best, .finalized = heads.finalized};
    std::map<BlockHash, std::pair<BlockRef, Header>> above;
    for (const BlockRef& leaf : chain.leaves()) {
        if (leaf.number > heads.finalized.number + kFollowLagMax) {
            start.lags = true;
            return start;
        }
        std::vector<std::pair<BlockRef, Header>> path;
        BlockRef at = leaf;
        while (at.number > heads.finalized.number && !above.contains(at.hash)) {
            const auto header = chain.header(at.hash);
            if (!header || !*header) {
                break;
            }
            path.emplace_back(at, **header);
            at = {(*header)->parent_hash, at.number - 1};
        }
        // A leaf of a fork that finality has left behind is not told.
        if (above.contains(at.hash) || at.hash == heads.finalized.hash) {
            for (auto& block : path) {
                above.emplace(block.first.hash, std::move(block));
            }
        }
    }
    if (heads.best.hash != heads.finalized.hash && !above.contains(heads.best.hash)) {
        return std::nullopt;
    }
    BlockHash hash = heads.finalized.hash;
    for (std::size_t i = 0; i < kFollowFinalizedMax; ++i) {
        const auto header = chain.header(hash);
        if (!header || !*header) {
            break;
        }
        start.finals.push_back(make_pin({hash, (*header)->number}, **header, true));
        if ((*header)->number == 0) {
            break;
        }
        hash = (*header)->parent_hash;
    }
    if (start.finals.empty()) {
        return std::nullopt;
    }
    std::ranges::reverse(start.finals);
    start.finals.back()->runtime = chain.runtime(heads.finalized.hash);
    for (const auto& [ignored, block] : above) {
        start.above.push_back(
            {make_pin(block.first, block.second, false), block.second.parent_hash});
    }
    std::ranges::stable_sort(start.above, {},
                             [](const Start::Block& block) { return block.pin->block.number; });
    return start;
}

void ChainHead::tell_start(const Key& key) {
    std::optional<Start> start;
    for (int tries = 0; tries < 3 && !start; ++tries) {
        start = read_start();
    }
    {
        const std::lock_guard lock(mutex_);
        const auto found = follows_.find(key);
        if (found == follows_.end()) {
            return;
        }
        if (start && start->lags) {
            // Those who follow already can not be served any better.
            while (!follows_.empty()) {
                stop(follows_.begin()->first);
            }
        } else if (!start || !begin_telling(key, found->second, *start)) {
            stop(key);
        }
    }
    tell_ended();
}

bool ChainHead::begin_telling(const Key& key, Follow& follow, const Start& start) {
    std::deque<BlockHash> finals;
    for (const PinPointer& block : start.finals) {
        finals.push_back(block->block.hash);
        if (!pin(key, block)) {
            return false;
        }
    }
    const std::vector<BlockHash> told(finals.begin(), finals.end());
    follow.tree.begin(std::move(finals), start.finalized);
    const auto runtime_text = [&](const RuntimeResult& runtime) {
        return follow.with_runtime ? std::optional(runtime_event(runtime)) : std::nullopt;
    };
    follow.outbox->push(initialized_event(told, runtime_text(*start.finals.back()->runtime)));
    std::map<BlockHash, RuntimeResult> runtimes{
        {start.finalized.hash, *start.finals.back()->runtime}};
    for (const Start::Block& block : start.above) {
        const BlockHash& hash = block.pin->block.hash;
        if (follow.tree.add(block.pin->block, block.parent) != FollowedTree::Added::added ||
            !pin(key, block.pin)) {
            return false;
        }
        const RuntimeResult& runtime = *block.pin->runtime;
        const RuntimeResult& before = runtimes.at(block.parent);
        const bool same = runtime && before && (*runtime)->version() == (*before)->version();
        follow.outbox->push(new_block_event(hash, block.parent,
                                            same && follow.with_runtime
                                                ? std::optional<std::string>("null")
                                                : runtime_text(runtime)));
        runtimes.emplace(hash, runtime);
    }
    follow.best = start.best.hash;
    follow.begun = true;
    return follow.outbox->push(best_block_event(follow.best));
}

bool ChainHead::anyone_follows() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(follows_, [](const auto& entry) { return entry.second.begun; });
}

void ChainHead::tell_imported(const BlockImported& event) {
    if (!anyone_follows()) {
        return;
    }
    const BlockHash& parent = event.header.parent_hash;
    const PinPointer block = make_pin(event.block, event.header, false);
    std::string runtime = "null";
    if (event.runtime_changed) {
        const RuntimeResult before = context_.chain.runtime(parent);
        const RuntimeResult& after = *block->runtime;
        if (!after || !before || (*after)->version() != (*before)->version()) {
            runtime = runtime_event(after);
        }
    }
    const std::lock_guard lock(mutex_);
    for (const Key& key : begun()) {
        const auto found = follows_.find(key);
        if (found == follows_.end()) {
            continue;  // stopped to make room for another's pin
        }
        Follow& follow = found->second;
        const FollowedTree::Added added = follow.tree.add(event.block, parent);
        if (added == FollowedTree::Added::told_before) {
            continue;
        }
        if (added != FollowedTree::Added::added) {
            stop(key);
            continue;
        }
        if (!pin(key, block)) {
            continue;  // stopped with the others
        }
        bool said = follow.outbox->push(new_block_event(
            event.block.hash, parent, follow.with_runtime ? std::optional(runtime) : std::nullopt));
        if (event.is_new_best && follow.best != event.block.hash) {
            follow.best = event.block.hash;
            said = said && follow.outbox->push(best_block_event(follow.best));
        }
        if (!said) {
            stop(key);
        }
    }
}

bool ChainHead::tell_finality(Follow& follow, const BlockRef& block, const BlockRef& best) {
    const auto finality = follow.tree.finalize(block);
    if (!finality) {
        return false;
    }
    if (finality->finalized.empty()) {
        return true;
    }
    for (const BlockHash& hash : finality->finalized) {
        if (const auto pin = pins_.find(hash); pin != pins_.end()) {
            pin->second.block->body.reset();  // it stays with the chain for long enough
        }
    }
    bool said = true;
    if (follow.best != block.hash && !follow.tree.knows(follow.best)) {
        follow.best =
            follow.tree.knows(best.hash) && best.number > block.number ? best.hash : block.hash;
        said = follow.outbox->push(best_block_event(follow.best));
    } else if (std::ranges::find(finality->finalized, follow.best) != finality->finalized.end() &&
               follow.best != block.hash) {
        // It was best, and blocks above it are final now.
        follow.best = block.hash;
        said = follow.outbox->push(best_block_event(follow.best));
    }
    return said && follow.outbox->push(finalized_event(finality->finalized, finality->pruned));
}

void ChainHead::tell_finalized(const BlockFinalized& event) {
    const BlockRef best = context_.chain.heads().best;
    const std::lock_guard lock(mutex_);
    for (const Key& key : begun()) {
        if (!tell_finality(follows_.at(key), event.block, best)) {
            stop(key);
        }
    }
}

}  // namespace stipple::rpc
