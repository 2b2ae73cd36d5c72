#include "state/store/layer.hpp"

#include <algorithm>

namespace stipple::state::store {

void LayerIndex::add(Bytes row, BlockNumber number, const Layer* layer, const void* change) {
    auto& shard = shards_[shard_of(row)];
    const std::unique_lock lock(shard.mutex);
    auto& entries = shard.rows[row];
    if (entries.empty()) {
        const std::unique_lock order_lock(order_mutex_);
        order_.insert(std::move(row));
    }
    const auto at = std::upper_bound(
        entries.begin(), entries.end(), number,
        [](BlockNumber wanted, const Entry& entry) { return wanted < entry.number; });
    entries.insert(at, Entry{number, layer, change});
}

void LayerIndex::remove(ByteView row, const Layer* layer) {
    auto& shard = shards_[shard_of(row)];
    const std::unique_lock lock(shard.mutex);
    const auto found = shard.rows.find(row);
    CHECK(found != shard.rows.end());
    std::erase_if(found->second, [&](const Entry& entry) { return entry.layer == layer; });
    if (found->second.empty()) {
        const std::unique_lock order_lock(order_mutex_);
        order_.erase(order_.find(row));
        shard.rows.erase(found);
    }
}

const RowRange* Chain::cleared(RowKind kind, ByteView row, BlockNumber number) const {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
        if ((*layer)->block().number <= number) {
            return nullptr;
        }
        for (const RowRange& range : (*layer)->cleared(kind)) {
            if (range.holds(row)) {
                return &range;
            }
        }
    }
    return nullptr;
}

const void* LayerIndex::find(ByteView row, const Chain& chain, BlockNumber* number) const {
    const auto& shard = shards_[shard_of(row)];
    const std::shared_lock lock(shard.mutex);
    const auto found = shard.rows.find(row);
    if (found == shard.rows.end()) {
        return nullptr;
    }
    const auto& entries = found->second;
    auto at = std::upper_bound(
        entries.begin(), entries.end(), chain.last(),
        [](BlockNumber wanted, const Entry& entry) { return wanted < entry.number; });
    while (at != entries.begin()) {
        --at;
        if (at->number < chain.first) {
            return nullptr;
        }
        if (chain.holds(at->number, at->layer)) {
            if (number != nullptr) {
                *number = at->number;
            }
            return at->change;
        }
    }
    return nullptr;
}

std::optional<Bytes> LayerIndex::next_row(ByteView from, bool after) const {
    const std::shared_lock lock(order_mutex_);
    const auto at = after ? order_.upper_bound(from) : order_.lower_bound(from);
    return at == order_.end() ? std::nullopt : std::optional(*at);
}

bool LayerIndex::empty() const {
    const std::shared_lock lock(order_mutex_);
    return order_.empty();
}

Layer::Layer(BlockRef block, const BlockHash& parent, std::shared_ptr<const Difference> difference,
             std::shared_ptr<LayerIndexes> indexes)
    : block_(block),
      parent_(parent),
      difference_(std::move(difference)),
      indexes_(std::move(indexes)) {
    for (const auto& [trie, changes] : difference_->tries) {
        for (const auto& change : changes.values) {
            indexes_->values.add(value_row(trie, change.first), block_.number, this,
                                 &change.second);
        }
        for (const auto& change : changes.nodes) {
            indexes_->nodes.add(node_row(trie, change.first), block_.number, this, &change.second);
        }
        for (const auto& range : changes.cleared) {
            for (const RowKind kind : kRowKinds) {
                std::ranges::move(rows_below(kind, trie, range.prefix),
                                  std::back_inserter(cleared_[static_cast<std::size_t>(kind)]));
            }
        }
    }
    if (!cleared(RowKind::value).empty()) {
        indexes_->clearing.fetch_add(1);
    }
}

Layer::~Layer() {
    if (!cleared(RowKind::value).empty()) {
        indexes_->clearing.fetch_sub(1);
    }
    for (const auto& [trie, changes] : difference_->tries) {
        for (const auto& change : changes.values) {
            indexes_->values.remove(value_row(trie, change.first), this);
        }
        for (const auto& change : changes.nodes) {
            indexes_->nodes.remove(node_row(trie, change.first), this);
        }
    }
}

}  // namespace stipple::state::store
