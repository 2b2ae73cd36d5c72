// Ranges of a state with proof: what state sync asks for and answers.
//
// A range starts after a position and ends where about so many bytes are full. A position is a list
// of at most two keys: none (the beginning), the last key of the main trie, or the key of a child's
// root in the main trie and the last key in that child. Keys come in order; behind the key of a
// child's root come the keys of that child, once for each root that a response meets. The proof is
// a compact proof of everything walked over; whoever checks it walks until a node is missing, and
// so finds where the range ends.
//
// Bounds: a proof is about `bytes` long, or one value longer. A check takes memory by the proof.
// Spec: sect-msg-state-request, sect-msg-state-response (`/state/2`)
#pragma once

#include "state/trie/proof.hpp"

namespace stipple::state {

inline constexpr std::size_t kRangePositionKeysMax = 2;
using RangePosition = std::vector<Bytes>;

/// A start that the state does not have, or of too many keys: the request is at fault.
enum class RangeStartError : std::uint8_t { bad_position };

/// What one trie has in a range.
struct RangeTrie {
    TrieId trie;
    StateRoot root;
    std::vector<std::pair<Bytes, StoredValue>> values;  ///< by key
    /// Branches that a store keeps (Reader::branch), also some that the range only passed by.
    std::vector<std::pair<NibblePath, Bytes>> branches;
    bool complete = false;  ///< nothing follows in this trie
};

struct StateRange {
    std::vector<RangeTrie> tries;  ///< the main trie first
    /// Child tries with the root of one that is complete by now: they have the same content and do
    /// not come again. New -> the one that came.
    std::map<TrieId, TrieId> same;
    RangePosition next;  ///< where to go on; empty: this was the end
    bool complete() const { return next.empty(); }
    std::size_t key_count() const;
};

// ---- serving ----

/// The compact proof of the range after `start`, about `bytes` long. Absent: a bad position.
Result<std::optional<Proof>> prove_range(const Reader& reader, const RangePosition& start,
                                         std::size_t bytes);

/// The same range without proof (`no_proof`): keys and values, without branches.
Result<std::optional<StateRange>> read_range(const Reader& reader, const RangePosition& start,
                                             std::size_t bytes);

// ---- checking ----

enum class RangeProofError : std::uint8_t {
    bad_proof,      ///< no compact proof of this root
    bad_position,   ///< the start is none of this state
    bad_node,       ///< a node or a child's root that no state has
    nothing_shown,  ///< right as far as it goes, but there is no way on with it
};
const char* describe(RangeProofError error);

/// What the proof shows of the state with this root, after `start`. All of it is true.
std::expected<StateRange, RangeProofError> check_range_proof(std::span<const Bytes> compact_proof,
                                                             const StateRoot& root,
                                                             const RangePosition& start);

}  // namespace stipple::state
