// Layers: what the blocks above the base changed, and the index that finds a key in all of them.
//
// A read does not walk the layers. Every layer enters its rows in one index when it is staged:
//
//   row -> (number, layer, change), ordered by number
//
// and a view resolves an entry by asking its ancestor table (Chain) whether the layer with that
// number is this one. So 500 unfinalised blocks read as fast as one, and forks cost nothing. A
// layer takes its entries out when its last holder (the store, or a view that pins it) lets go.
// Beside the hash table, rows stand in one ordered set, which is what a cursor walks: one source,
// however many layers there are (design: state, rule 4). Bounded by what is unfinalised.
#pragma once

#include "primitives/ids.hpp"
#include "state/difference.hpp"
#include "state/store/rows.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

namespace stipple::state::store {

class Layer;

/// The layers between the base a view forked from and its block, oldest first. Immutable.
struct Chain {
    BlockNumber first = 0;  ///< number of layers[0]
    std::vector<std::shared_ptr<const Layer>> layers;
    /// The mass deletion by a layer above `number` that took `row`; null when there is none.
    const RowRange* cleared(RowKind kind, ByteView row, BlockNumber number) const;
    bool holds(BlockNumber number, const Layer* layer) const {
        return number >= first && number - first < layers.size() &&
               layers[number - first].get() == layer;
    }
    BlockNumber last() const { return first + static_cast<BlockNumber>(layers.size()) - 1; }
};

/// Rows of one kind that layers changed. Thread-safe.
class LayerIndex {
 public:
    /// `change` points into the layer's difference, and lives as long as the layer.
    void add(Bytes row, BlockNumber number, const Layer* layer, const void* change);
    void remove(ByteView row, const Layer* layer);
    /// The newest change of `row` in `chain`; null when none of its layers touched it.
    /// `number`, when not null, becomes that of its block.
    const void* find(ByteView row, const Chain& chain, BlockNumber* number = nullptr) const;
    /// The smallest touched row >= `from` (> when `after`), whichever layer touched it.
    std::optional<Bytes> next_row(ByteView from, bool after) const;
    bool empty() const;

 private:
    struct Entry {
        BlockNumber number = 0;
        const Layer* layer = nullptr;
        const void* change = nullptr;
    };
    struct Shard {
        mutable std::shared_mutex mutex;
        std::unordered_map<Bytes, std::vector<Entry>, ByteHash, ByteEqual> rows;
    };
    static constexpr std::size_t kShards = 16;
    std::size_t shard_of(ByteView row) const { return ByteHash()(row) >> 5 & (kShards - 1); }

    std::array<Shard, kShards> shards_;
    mutable std::shared_mutex order_mutex_;  // taken after a shard's
    std::set<Bytes, ByteLess> order_;
};

struct LayerIndexes {
    LayerIndex values;
    LayerIndex nodes;
    /// Layers alive that have mass deletions. Almost always none, and then nobody looks for them.
    std::atomic<std::size_t> clearing = 0;
};

/// One block's differences. Enters and leaves the indexes with its life.
class Layer {
 public:
    Layer(BlockRef block, const BlockHash& parent, std::shared_ptr<const Difference> difference,
          std::shared_ptr<LayerIndexes> indexes);
    ~Layer();
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;

    const BlockRef& block() const { return block_; }
    const BlockHash& parent() const { return parent_; }
    const Difference& difference() const { return *difference_; }
    /// What its mass deletions took, by kind of row.
    const std::vector<RowRange>& cleared(RowKind kind) const {
        return cleared_[static_cast<std::size_t>(kind)];
    }

 private:
    BlockRef block_;
    BlockHash parent_;
    std::shared_ptr<const Difference> difference_;
    std::shared_ptr<LayerIndexes> indexes_;
    std::array<std::vector<RowRange>, 2> cleared_;
};

}  // namespace stipple::state::store
