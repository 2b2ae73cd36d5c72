// How an older version of a branch is kept: by the child slots in which it differed.
//
// Most changes of a branch replace one or two child hashes out of sixteen. A row of node_history
// then holds just those, and is read over the version that replaced it:
//
//     02 ‖ u16 LE mask of slots ‖ for each slot, lowest first: length byte ‖ child
//
// Versions that differ in shape (partial key, bitmap, own value) are kept whole, and so is every
// 64th, which bounds what a read has to walk: the row in `nodes` counts in its tag how many
// differences stand behind it (design: state, rule 8).
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <vector>

namespace stipple::state::store {

/// At most this many differences follow each other without a whole row.
inline constexpr std::uint8_t kDeltasMax = 63;

/// Encoded rows (tag first). What to keep of `older`, which `newer` replaces: the row of history,
/// and sets in `newer` how many differences stand behind it now.
Bytes keep_older(ByteView older, Bytes& newer);

bool is_delta(ByteView history_row);
/// The encoded row that `delta` stands for, over the row that replaced it.
Result<Bytes> apply_delta(ByteView newer, ByteView delta);
/// For a rewind: the row that `kept` (a row of history) says stood before `newer`, with its count.
Result<Bytes> restore_older(ByteView newer, ByteView kept);

}  // namespace stipple::state::store
