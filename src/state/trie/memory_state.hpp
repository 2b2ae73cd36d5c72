// A state in sorted maps: genesis building, vectors, the twin of the store in model tests.
#pragma once

#include "state/difference.hpp"
#include "state/trie/branch_table.hpp"
#include "state/trie/sorted_values.hpp"

#include <map>

namespace stipple::state {

class MemoryState final : public Reader {
 public:
    using Pairs = std::map<Bytes, Bytes, ByteLess>;
    MemoryState() = default;
    /// Builds all tries; child roots are put into `top` (whatever `top` says of them is replaced).
    MemoryState(Pairs top, std::map<TrieId, Pairs> children, StateVersion version);

    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override;
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override;
    Result<std::optional<LentBytes>> lend_branch(const TrieId& trie, ByteView path) const override;
    Result<> lend_branches(const TrieId& trie, std::span<const ByteView> paths,
                           std::span<std::optional<LentBytes>> out) const override;
    Result<StateRoot> root(const TrieId& trie) const override;

    /// Makes the difference part of this state.
    void apply(const Difference& difference);
    /// The whole state as a difference against nothing: what a store imports as genesis.
    Difference as_difference() const;

 private:
    struct Trie {
        SortedValues values;
        BranchTable branches;
        StateRoot root = empty_trie_root();
    };
    class Cursor;
    const Trie* find(const TrieId& trie) const;
    static void clear(Trie& trie, ByteView prefix);
    std::map<TrieId, Trie> tries_;
};

}  // namespace stipple::state
