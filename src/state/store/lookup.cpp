// Finding the state of a block: in layers, in the base, or behind it.
#include "state/store/inner.hpp"
#include "state/store/view.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

std::unexpected<Error> unknown(const BlockRef& block) {
    return fail(fmt::format("state unknown: block #{} {}", block.number, block.hash.hex()));
}
std::unexpected<Error> pruned(const BlockRef& block, BlockNumber floor) {
    return fail(fmt::format("state pruned: block #{} {}, the oldest kept is #{}", block.number,
                            block.hash.hex(), floor));
}

}  // namespace

Store::Inner::Layers Store::Inner::layers_to(BlockRef block) const {
    Layers layers;
    for (auto at = records_.find(key_of(block)); at != records_.end();
         at = records_.find(parent_of(*at->second.layer))) {
        layers.push_back(at->second.layer);
    }
    std::reverse(layers.begin(), layers.end());
    return layers;
}

std::shared_ptr<const Chain> Store::Inner::chain_of(const Record& record) const {
    const BlockNumber base_number = base()->state.block.number;
    if (auto kept = record.chain.lock(); kept && kept->first == base_number + 1) {
        return kept;
    }
    auto chain = std::make_shared<Chain>();
    const auto parent = records_.find(parent_of(*record.layer));
    const auto below = parent == records_.end() ? nullptr : parent->second.chain.lock();
    if (below && below->first == base_number + 1) {
        *chain = *below;
        chain->layers.push_back(record.layer);
    } else {
        chain->layers = layers_to(record.layer->block());
        chain->first = chain->layers.front()->block().number;
    }
    record.chain = chain;
    return chain;
}

Result<BlockState> Store::Inner::base_block_state(BlockRef block) const {
    const auto at = base();
    if (block.number > at->state.block.number) {
        return unknown(block);
    }
    if (block.number == at->state.block.number) {
        return block == at->state.block ? Result<BlockState>(at->state)
                                        : Result<BlockState>(unknown(block));
    }
    TRY_ASSIGN(const auto state, find_block_state(*at->rows, block.number));
    if (!state || block.number < floor()) {
        return pruned(block, floor());
    }
    if (state->block != block) {
        return unknown(block);
    }
    return *state;
}

Result<bool> Store::Inner::in_base(BlockRef block) const {
    const auto at = base();
    if (block.number > at->state.block.number) {
        return false;
    }
    TRY_ASSIGN(const auto state, find_block_state(*at->rows, block.number));
    return state && state->block == block;
}

Result<std::shared_ptr<const Reader>> Store::Inner::view(BlockRef block) const {
    if (!base()) {
        return fail("state unknown: the state database is empty");
    }
    std::unique_ptr<Pin> pin;
    {
        const std::lock_guard lock(mutex_);
        const auto record = records_.find(key_of(block));
        if (record != records_.end()) {
            auto chain = chain_of(record->second);
            pin = shared_->pins->pin(chain->first - 1);
            if (!pin) {
                return pruned(block, floor());  // finality is about to drop this fork
            }
            return std::make_shared<View>(shared_, std::move(chain), std::move(pin),
                                          record->second.layer->difference().root);
        }
        pin = shared_->pins->pin(block.number);
    }
    if (!pin) {
        return pruned(block, floor());
    }
    TRY_ASSIGN(const auto state, base_block_state(block));
    return std::make_shared<View>(shared_, nullptr, std::move(pin), state.root);
}

bool Store::Inner::has_state(BlockRef block) const {
    if (!base()) {
        return false;
    }
    {
        const std::lock_guard lock(mutex_);
        if (records_.contains(key_of(block))) {
            return true;
        }
    }
    return base_block_state(block).has_value();
}

Result<std::vector<std::pair<TrieId, Bytes>>> Store::Inner::changed_keys(BlockRef block) const {
    if (!base()) {
        return unknown(block);
    }
    std::shared_ptr<const Layer> layer;
    {
        const std::lock_guard lock(mutex_);
        const auto record = records_.find(key_of(block));
        if (record != records_.end()) {
            layer = record->second.layer;
        }
    }
    if (!layer) {
        TRY(base_block_state(block));
        return changed_values(*base()->rows, block.number);
    }
    TRY_ASSIGN(const auto parent, view({layer->parent(), block.number - 1}));
    std::vector<std::pair<TrieId, Bytes>> changed;
    for (const auto& [trie, changes] : layer->difference().tries) {
        for (const auto& [key, now] : changes.values) {
            TRY_ASSIGN(const auto before, parent->get(trie, key));
            if (before.has_value() != now.has_value() || (now && !equal(now->bytes, *before))) {
                changed.emplace_back(trie, to_bytes(key));
            }
        }
        for (const auto& range : changes.cleared) {
            const auto gone = parent->keys(trie, range.prefix);
            for (; gone->valid() && starts_with(gone->key(), range.prefix); gone->next()) {
                changed.emplace_back(trie, to_bytes(gone->key()));
            }
            TRY(gone->status());
        }
    }
    return changed;
}

}  // namespace stipple::state::store
