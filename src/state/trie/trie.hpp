// Roots of tries: from scratch, and after changes.
//
// Spec: sect-merkl-proof, defn-node-header (protocols.md section 3 has the exact encodings). A root
// after changes re-encodes just the paths that changed: branches are read by their slot path, slots
// that hold a leaf or a small node are rebuilt from the values below them.
#pragma once

#include "state/difference.hpp"

#include <span>

namespace stipple::state::trie {

struct KeyValue {
    ByteView key;
    ByteView value;
};

/// Root of a trie holding just these pairs, sorted strictly by key (precondition, checked).
StateRoot root_of_sorted(std::span<const KeyValue> pairs, StateVersion version);
/// Of pairs in any order; of equal keys the last pair counts.
StateRoot root_of_unsorted(std::span<const KeyValue> pairs, StateVersion version);
/// Trie of compact(index) -> item: extrinsics roots and the like.
StateRoot ordered_root(std::span<const Bytes> items, StateVersion version);

/// All branches and value forms of a trie with these pairs: what a fresh store or MemoryState
/// keeps.
TrieDifference build(std::span<const KeyValue> pairs, StateVersion version);
/// As build, where each value already stands in a form (state sync, mixed V0 and V1 nodes).
/// REQUIRES forms.size() == pairs.size().
TrieDifference build_with_forms(std::span<const KeyValue> pairs, std::span<const ValueForm> forms);

/// How a value stands when it is written under this version.
ValueForm form_of_new(ByteView value, StateVersion version);

/// The same tries with Keccak-256 as hash: `ext_trie_keccak_256_*`.
StateRoot keccak_root_of_sorted(std::span<const KeyValue> pairs, StateVersion version);
StateRoot keccak_root_of_unsorted(std::span<const KeyValue> pairs, StateVersion version);
StateRoot keccak_ordered_root(std::span<const Bytes> items, StateVersion version);

/// What writing does to one trie.
struct ValueWrite {
    std::optional<Bytes> value;  ///< absent: removed
};
using ValueWrites = std::map<Bytes, ValueWrite, ByteLess>;

/// The root, node changes and value forms after `writes` on top of `before`. The result is
/// independent of history: it equals the root of building from scratch, but for value forms of
/// untouched keys. `reader` failing is an error; a trie that contradicts itself is an error naming
/// the path.
Result<TrieDifference> update(const Reader& before, const TrieId& trie, const ValueWrites& writes,
                              StateVersion version);

/// A write that lies elsewhere: an overlay has them by the thousand and need not copy them.
struct WriteView {
    ByteView key;
    const std::optional<Bytes>* value = nullptr;  ///< points at absent: removed
};
/// As above. REQUIRES writes sorted strictly by key.
Result<TrieDifference> update_sorted(const Reader& before, const TrieId& trie,
                                     std::span<const WriteView> writes, StateVersion version);

}  // namespace stipple::state::trie
