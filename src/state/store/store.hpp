// The state database: flat, with history, and layers above the base.
//
// Design: state.md (docs/architecture.md, "State"); terms: base, layer, view, prune floor. The
// columns and their row formats stand in rows.hpp. One Store owns the state columns of one
// KeyValueStore. Writers call from one thread (the store thread); views are taken and read from any
// thread.
#pragma once

#include "base/key_value_store.hpp"
#include "primitives/ids.hpp"
#include "state/difference.hpp"

#include <memory>
#include <string>

namespace stipple::state::store {

/// How long old states stay readable.
struct Pruning {
    enum class Mode : std::uint8_t {
        keep_recent,
        archive,
        archive_canonical
    } mode = Mode::keep_recent;
    /// Finalised blocks kept, for keep_recent; operators get at least 256, tests may take less.
    std::uint32_t blocks = 256;
};

struct StoreConfig {
    Pruning pruning{};
    std::size_t cache_bytes = 64 * 1024 * 1024;  ///< value and node cache over the base
    /// With more blocks than this above the base, the base follows the newest layer although it is
    /// not final (and goes back if finality chooses otherwise). Bounds memory when finality stalls.
    std::uint32_t layers_max = 256;
};

/// What `stage` hands back: the layer that becomes readable once its batch is committed.
class LayerTicket;
class StateDownload;

class Store {
 public:
    /// Opens and checks what is there; an empty database is fine. Brings the base up to the
    /// finality pointer when a crash came between. `database` must outlive the store.
    static Result<std::unique_ptr<Store>> open(KeyValueStore& database, const StoreConfig& config);
    ~Store();

    /// The first state of a fresh database (genesis, or the block of a state sync). Durable on
    /// return.
    Result<> initialize(BlockRef block, const Difference& whole_state);
    bool initialized() const;

    /// Puts the journal rows of a block's layer into `batch`, which the caller commits together
    /// with header, body and leaves; then `publish` makes the layer readable. REQUIRES a known
    /// parent.
    Result<std::shared_ptr<LayerTicket>> stage(BlockRef block, const BlockHash& parent,
                                               std::shared_ptr<const Difference> difference,
                                               WriteBatch& batch);
    void publish(const std::shared_ptr<LayerTicket>& ticket);

    /// Begins to download the state of a finalised block, or goes on with it after a restart; what
    /// a download of another block left is dropped. The store serves its own state meanwhile. See
    /// download.hpp.
    Result<std::unique_ptr<StateDownload>> download(BlockRef block, const StateRoot& root);

    /// `block` and its ancestors are final: drops layers of losing forks and moves the base after
    /// it, in steps of one block per batch. Calling with an older block is nothing.
    Result<> finalize(BlockRef block);

    /// The state after `block`. Blocks at or below the base must be canonical (the caller knows its
    /// chain). Fails with "state pruned" below the floor and "state unknown" for a block never
    /// staged. The view pins what it needs until it is dropped.
    Result<std::shared_ptr<const Reader>> view(BlockRef block) const;
    /// Whether `view` would succeed now.
    bool has_state(BlockRef block) const;

    BlockRef base() const;
    BlockNumber prune_floor() const;
    /// Moves the base back to a canonical block above the floor (the `revert` command).
    Result<> revert_to(BlockRef block);
    /// Keys (main trie and child tries) whose value differs between a block and its parent, for
    /// storage change subscriptions and storageDiff. Empty trie id = main.
    Result<std::vector<std::pair<TrieId, Bytes>>> changed_keys(BlockRef block) const;

 private:
    friend class StateDownload;
    class Inner;
    explicit Store(std::unique_ptr<Inner> inner);
    std::unique_ptr<Inner> inner_;
};

}  // namespace stipple::state::store
