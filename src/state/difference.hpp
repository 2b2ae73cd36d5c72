// What a block changed: the value that executing a block returns and the store takes in.
//
// A difference keeps every written key, also one whose value stayed equal: under the lazy migration
// to state version 1 a rewrite can turn an inline node into a hashed one and so change the root.
#pragma once

#include "state/changes.hpp"

#include <map>
#include <optional>
#include <vector>

namespace stipple::state {

/// Key -> new value with its form, or absent for a removal.
using ValueChange = std::optional<ValueView>;
using ValueChanges = Changes<ValueView>;
/// Slot path -> new encoded branch, or absent where a branch no longer stands.
using NodeChange = std::optional<ByteView>;
using NodeChanges = Changes<ByteView>;

/// Nothing stands below this prefix after the block: no key that begins with it, and no branch
/// whose path does. There were `keys` keys before; `values` and `nodes` name none of them.
struct ClearedRange {
    Bytes prefix;
    std::uint64_t keys = 0;
    friend bool operator==(const ClearedRange&, const ClearedRange&) = default;
};

struct TrieDifference {
    ValueChanges values;
    NodeChanges nodes;
    StateRoot root;                       ///< of this trie after the change
    std::vector<ClearedRange> cleared{};  ///< mass deletions (state/cleared.hpp); disjoint
};

/// Offchain index writes (`ext_offchain_index_*`): they survive reorganisations.
using OffchainChanges = std::map<Bytes, std::optional<Bytes>, ByteLess>;

struct Difference {
    std::map<TrieId, TrieDifference>
        tries;       ///< only tries that were touched; main trie last written
    StateRoot root;  ///< of the main trie, child roots included
    OffchainChanges offchain;
};

}  // namespace stipple::state
