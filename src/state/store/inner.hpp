// What the Store is made of (inside this folder only).
//
//   records_   layers by (number, hash): all blocks above the base, and forks beside it
//   base       shared_->base(); moved only here, one block per batch
//   pins       the prune floor
//
// mutex_ guards records_ and finalized_, and makes "which layers, over which base" one question for
// view(). Batches are committed without it: readers never wait for the disk.
#pragma once

#include "state/store/download.hpp"
#include "state/store/steps.hpp"
#include "state/store/store.hpp"

#include <map>
#include <mutex>

namespace stipple::state::store {

class LayerTicket {
 public:
    explicit LayerTicket(std::shared_ptr<const Layer> layer) : layer_(std::move(layer)) {}
    const std::shared_ptr<const Layer>& layer() const { return layer_; }

 private:
    std::shared_ptr<const Layer> layer_;
};

class Store::Inner {
 public:
    Inner(KeyValueStore& database, const StoreConfig& config);

    Result<> load();
    Result<> initialize(BlockRef block, const Difference& whole_state);
    Result<std::shared_ptr<LayerTicket>> stage(BlockRef block, const BlockHash& parent,
                                               std::shared_ptr<const Difference> difference,
                                               WriteBatch& batch);
    void publish(const std::shared_ptr<LayerTicket>& ticket);

    // ---- download.cpp ----
    Result<std::unique_ptr<StateDownload>> download(BlockRef block, const StateRoot& root);
    /// Makes the other side of the state columns the base, with `batch`. Durable on return.
    Result<> install(const BlockState& state, WriteBatch& batch);
    KeyValueStore& database() const { return database_; }
    Side side() const { return side_; }
    BlockRef finalized() const {
        const std::lock_guard lock(mutex_);
        return finalized_;
    }

    // ---- finality.cpp ----
    Result<> finalize(BlockRef block);
    Result<> revert_to(BlockRef block);

    // ---- lookup.cpp ----
    Result<std::shared_ptr<const Reader>> view(BlockRef block) const;
    bool has_state(BlockRef block) const;
    Result<std::vector<std::pair<TrieId, Bytes>>> changed_keys(BlockRef block) const;

    std::shared_ptr<const BaseState> base() const { return shared_->base(); }
    BlockNumber floor() const { return shared_->pins->floor(); }

 private:
    using RecordKey = std::pair<BlockNumber, BlockHash>;
    struct Record {
        std::shared_ptr<const Layer> layer;
        mutable std::weak_ptr<const Chain> chain;  // of the newest view on it
    };
    using Records = std::map<RecordKey, Record>;
    using Layers = std::vector<std::shared_ptr<const Layer>>;

    static RecordKey key_of(const BlockRef& block) { return {block.number, block.hash}; }
    static RecordKey parent_of(const Layer& layer) {
        return {layer.block().number - 1, layer.parent()};
    }

    /// Layers from above the base's chain up to `block`, oldest first; empty when `block` has no
    /// layer. The block before the first one is, or was, the base. REQUIRES mutex_.
    Layers layers_to(BlockRef block) const;
    std::shared_ptr<const Chain> chain_of(const Record& record) const;  // REQUIRES mutex_
    /// Whether the base has passed this very block and can still name it.
    Result<bool> in_base(BlockRef block) const;
    Result<BlockState> base_block_state(BlockRef block) const;

    Result<> load_records(const std::shared_ptr<const StoreReader>& rows);
    void publish_base(const BlockState& state);
    /// Commits a step and lets readers see it.
    Result<> take_step(Step step);
    Result<> advance_along(const Layers& layers);
    Result<> rewind_to(BlockNumber number);
    /// Rewinds and advances until the base is on the chain of the finalised block.
    Result<> follow_finality();
    Result<> finish_revert(BlockRef block);
    /// Layers that can no longer win once `block` is final. REQUIRES mutex_.
    std::vector<RecordKey> losers(BlockRef block, const Layers& path) const;
    void raise_floor(BlockNumber low, WriteBatch& batch);

    KeyValueStore& database_;
    StoreConfig config_;
    std::shared_ptr<Shared> shared_;
    mutable std::mutex mutex_;
    Records records_;
    BlockRef finalized_;
    Side side_ = Side::first;         // written by the store thread only
    std::uint32_t floor_stride_ = 1;  // the floor moves in steps, since each is synced
};

}  // namespace stipple::state::store
