// The journal: layers as a header row and a few long rows of changes, written in the batch that
// imports their block, gone when the base has taken them in or their fork has lost.
#pragma once

#include "state/store/rows.hpp"

#include <memory>

namespace stipple::state::store {

/// Adds the rows of a layer to `batch`.
void write_layer(WriteBatch& batch, BlockRef block, const BlockHash& parent,
                 const Difference& difference);
/// Adds the removal of a layer's rows.
void erase_layer(WriteBatch& batch, BlockRef block);
/// Adds the removal of all layers.
void erase_all_layers(WriteBatch& batch);

struct JournalEntry {
    BlockRef block;
    BlockHash parent;
};
/// The blocks that have a layer, by number, then hash. Reads one row per layer.
Result<std::vector<JournalEntry>> list_layers(const StoreReader& rows);
/// The difference of one layer, without offchain changes (those do not depend on the block).
Result<std::shared_ptr<const Difference>> load_layer(const StoreReader& rows, BlockRef block);

}  // namespace stipple::state::store
