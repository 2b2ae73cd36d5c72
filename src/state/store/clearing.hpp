// Mass deletions in the base (design: state, rule 9).
//
// The rows that a cleared prefix takes go to history before the step that takes them, in batches of
// bounded size. That changes no answer: such a history row holds what its key has at present. Then
// the step deletes them, key by key: range tombstones lost rows far more often in the model test.
// Should the base take another way in
// between, the history rows must go again, since on another fork they would be wrong: the row
// "state/clearing" names them until the step is done.
#pragma once

#include "state/store/base.hpp"

#include <functional>

namespace stipple::state::store {

/// Writes the history rows of the layer's mass deletions. REQUIRES the base at its parent.
Result<> write_cleared(KeyValueStore& database, const BaseState& base, const Layer& layer);
/// Removes what write_cleared wrote for a step that was not done. Costs one look-up otherwise.
Result<> erase_unfinished(KeyValueStore& database);

/// Adds the deletion of all rows of a cleared prefix.
Result<> erase_cleared(WriteBatch& batch, const BaseState& base, const TrieId& trie,
                       ByteView prefix);
/// Adds what puts back the rows that block `number` cleared. `prefix_row`: from block_changes.
Result<> restore_cleared(WriteBatch& batch, const BaseState& base, ByteView prefix_row,
                         BlockNumber number);
/// Calls `use(state row, encoded)` for each row below the prefix that block `number` replaced.
Result<> for_each_cleared(const StoreReader& rows, RowKind kind, ByteView prefix_row,
                          BlockNumber number,
                          const std::function<Result<>(ByteView row, ByteView encoded)>& use);

}  // namespace stipple::state::store
