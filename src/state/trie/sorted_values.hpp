// Values of a trie in memory, sorted by key: chunks of a few dozen entries in a row.
//
// A look-up compares the first eight bytes of keys, which lie side by side, before it touches a
// key: in a million keys that is a handful of cache misses where a tree of nodes has twenty.
#pragma once

#include "state/reader.hpp"

#include <vector>

namespace stipple::state {

/// The first eight bytes of a key as a number that orders like them.
std::uint64_t key_head(ByteView key);

class SortedValues {
 public:
    struct Entry {
        Bytes key;
        StoredValue value;
    };
    /// Valid until the next change.
    struct Position {
        std::size_t chunk = 0;
        std::size_t at = 0;
    };

    bool empty() const { return chunks_.empty(); }
    /// The first entry with a key >= `key`.
    Position lower_bound(ByteView key) const;
    bool at_end(Position position) const { return position.chunk == chunks_.size(); }
    const Entry& operator[](Position position) const {
        return chunks_[position.chunk].entries[position.at];
    }
    Position next(Position position) const;
    /// Null when absent.
    const Entry* find(ByteView key) const;

    void insert_or_assign(ByteView key, StoredValue value);
    void erase(ByteView key);

 private:
    static constexpr std::size_t kChunkEntriesMax = 64;

    struct Chunk {
        std::vector<std::uint64_t> heads;
        std::vector<Entry> entries;  ///< at least one
    };
    std::vector<std::uint64_t> firsts_;  ///< head of the first entry of each chunk
    std::vector<Chunk> chunks_;
};

}  // namespace stipple::state
