// Mass deletions in the base (design: state, rule 9).
//
// The rows that a cleared prefix takes go to history before the step that takes them, in batches of
// bounded size. That changes no answer: such a history row holds what its key has at present. Then
// the step deletes them as one range. Should the base take another way in between, the history rows
// must go again, since on another fork they would be wrong: the row "state/clearing" names them
// until the step is done.
#pragma once

#include "state/store/base.hpp"

#include <functional>

namespace stipple::state::store {

/// The row that names history rows which no step stands for.
class ClearingIntent {
 public:
    explicit ClearingIntent(BlockNumber number);
    void add(ByteView prefix_row);
    /// Writes nothing when nothing was added.
    void write(WriteBatch& batch) const;

 private:
    Bytes row_;
};

/// Writes the history rows of the layer's mass deletions. REQUIRES the base at its parent.
Result<> write_cleared(KeyValueStore& database, const BaseState& base, const Layer& layer);
/// Removes what write_cleared wrote for a step that was not done, or was taken back. Costs one
/// look-up otherwise.
Result<> erase_unfinished(KeyValueStore& database);

/// Adds the deletion of all rows of a cleared prefix.
void erase_cleared(WriteBatch& batch, Side side, const TrieId& trie, ByteView prefix);
/// Puts back the rows that block `number` cleared, before the step that goes back behind it. Nobody
/// sees them before: readers have the snapshot of the last step, and a crash in between is followed
/// by the same step, since what asked for it is on the disk. Their history rows stay until
/// erase_unfinished(). `prefix_row`: from block_changes.
Result<> restore_cleared(KeyValueStore& database, const BaseState& base, ByteView prefix_row,
                         BlockNumber number);
/// Calls `use(state row, encoded)` for each row below the prefix that block `number` replaced.
Result<> for_each_cleared(const StoreReader& rows, RowKind kind, ByteView prefix_row,
                          BlockNumber number,
                          const std::function<Result<>(ByteView row, ByteView encoded)>& use);

}  // namespace stipple::state::store
