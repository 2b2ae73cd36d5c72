// Moving the base by one block: forward over a layer, writing what it replaces into history, and
// back through block_changes. Each is one batch.
#pragma once

#include "state/store/base.hpp"

namespace stipple::state::store {

/// What one kind of row becomes; for the cache.
struct RowChange {
    RowKind kind;
    Bytes row;
    CachedRow value;
};
struct Step {
    WriteBatch batch;
    std::vector<RowChange> changes;
    BlockState reached;
    bool cleared = false;  ///< by a range too: the cache must forget
};

/// The rows that take the base from its block to `layer`'s, whose parent it is. REQUIRES
/// write_cleared() before, when the layer has mass deletions.
Result<Step> step_forward(const Shared& shared, const Layer& layer);
/// The rows that take the base back to its parent; those of mass deletions are written at once.
Result<Step> step_back(KeyValueStore& database, const BaseState& base);

/// The values (not nodes) that block `number` changed, as block_changes tells.
Result<std::vector<std::pair<TrieId, Bytes>>> changed_values(const StoreReader& rows,
                                                             BlockNumber number);
/// Block and root of `number`, if the base has passed it; absent when pruned.
Result<std::optional<BlockState>> find_block_state(const StoreReader& rows, BlockNumber number);
void write_block_state(WriteBatch& batch, const BlockState& state);

}  // namespace stipple::state::store
