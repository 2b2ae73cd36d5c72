// The rows of the state columns (design: state, rules 5 and 6).
//
//   state row     trie ‖ escaped key ‖ 00 00                 one value or one branch
//     trie        00 for the main trie; else the child key's length (one byte, or ff and u32
//                 big-endian from 255 on) ‖ child key
//     escaped     values: the key with each 00 written as 00 ff; the order of keys is the order of
//                 rows, and no row is the beginning of another, so that "the first history row of
//                 this key above n" can never be a row of a longer key
//                 nodes: the nibble path, two to a byte, escaped alike; an odd path ends in 00 01
//   values        state row -> 01 inline value | 02 value that stands hashed in its node
//   nodes         state row -> 01 encoded branch, or 80+n with n differences behind it
//   *_history     state row ‖ u64 BE number -> what block `number` replaced; 00 for "nothing there"
//                 for nodes also 02, a difference to what replaced it (node_delta.hpp)
//   journal       u64 BE number ‖ hash ‖ 00 -> parent ‖ root ‖ the tries touched, each with its
//   root
//                 u64 BE number ‖ hash ‖ 01 ‖ state row -> new value, 00 for removed
//                 u64 BE number ‖ hash ‖ 02 ‖ state row -> new branch, 00 for removed
//                 a cleared prefix stands among the changes, as a value row of kind 2
//   block_changes u64 BE number ‖ 00000000 -> hash ‖ root of the main trie
//                 u64 BE number ‖ u32 BE chunk -> changes: kind ‖ u32 LE length ‖ state row
//                 of a cleared prefix just the prefix: its keys are the history rows of the number
//   meta          "state/base", "state/finalized" -> block ‖ root; "state/floor" -> u32 LE;
//                 "state/revert" -> block ‖ root, while a revert to it is under way
//                 "state/side" -> 00 | 01, the set of columns that holds the state
//                 "state/clearing" -> u64 LE number, then u32 LE length ‖ value row of each prefix:
//                 history rows of a mass deletion that the base has not taken yet
//                 "state/download...": a download under way (download.cpp)
// `values` and `nodes` stand twice (Side): a state download fills the set that is not in use.
#pragma once

#include "base/key_value_store.hpp"
#include "primitives/ids.hpp"
#include "state/difference.hpp"

#include <string_view>

namespace stipple::state::store {

inline constexpr std::string_view kBaseKey = "state/base";
inline constexpr std::string_view kFinalizedKey = "state/finalized";
inline constexpr std::string_view kFloorKey = "state/floor";
inline constexpr std::string_view kRevertKey = "state/revert";
inline constexpr std::string_view kSideKey = "state/side";
inline constexpr std::string_view kClearingKey = "state/clearing";

enum class RowKind : std::uint8_t { value = 0, node = 1 };
inline constexpr RowKind kRowKinds[] = {RowKind::value, RowKind::node};
/// Which of the two sets of state columns.
enum class Side : std::uint8_t { first = 0, second = 1 };
constexpr Side other_side(Side side) {
    return side == Side::first ? Side::second : Side::first;
}
constexpr Column state_column(Side side, RowKind kind) {
    if (side == Side::first) {
        return kind == RowKind::value ? Column::values : Column::nodes;
    }
    return kind == RowKind::value ? Column::values_2 : Column::nodes_2;
}
constexpr Column history_column(RowKind kind) {
    return kind == RowKind::value ? Column::value_history : Column::node_history;
}

// ---- state rows ----
Bytes trie_prefix(const TrieId& trie);
Bytes value_row(const TrieId& trie, ByteView key);
Bytes node_row(const TrieId& trie, ByteView path);

/// Rows first <= row < last.
struct RowRange {
    Bytes first;
    Bytes last;
    bool holds(ByteView row) const { return compare(row, first) >= 0 && compare(row, last) < 0; }
};
/// All rows of keys (or of branches, with paths) that begin with `prefix`, and no others. Bounds
/// for history columns as well: never such that they look like those of one key's versions.
std::vector<RowRange> rows_below(RowKind kind, const TrieId& trie, ByteView prefix);

struct RowName {
    TrieId trie;
    Bytes key;  ///< storage key, or nibble path
};
/// Absent when the bytes are no state row (a damaged database).
std::optional<RowName> parse_row(RowKind kind, ByteView row);
/// The key of a value row whose trie prefix has `prefix_bytes`, into `key`. False when damaged.
bool parse_key(ByteView row, std::size_t prefix_bytes, Bytes& key);

/// "Nothing there" is one byte, present rows are never empty.
Bytes encode_value(const ValueChange& value);
Bytes encode_node(const NodeChange& branch);
/// Encoded rows that say "nothing there".
bool is_absent(ByteView encoded);
/// Views into `encoded`.
Result<ValueChange> decode_value(ByteView encoded);
Result<NodeChange> decode_node(ByteView encoded);

/// A present node row tells in its tag how many differences of history stand behind it (0..63).
inline constexpr std::uint8_t kDeltaTag = 2;
std::uint8_t node_count(ByteView encoded);
void set_node_count(Bytes& encoded, std::uint8_t count);

// ---- history ----
Bytes history_row(ByteView state_row, std::uint64_t number);
/// Above all history rows of a state row.
Bytes history_end(ByteView state_row);

// ---- journal and block_changes ----
Bytes journal_prefix(const BlockRef& block);
Bytes changes_row(BlockNumber number, std::uint32_t chunk);
/// Block and main root, as the base row and the first row of block_changes hold them.
struct BlockState {
    BlockRef block;
    StateRoot root;
};
Bytes encode_block_state(const BlockState& state);
/// Removes all rows of a column that this file draws.
void erase_column(WriteBatch& batch, Column column);
Result<BlockState> decode_block_state(ByteView row);

}  // namespace stipple::state::store
