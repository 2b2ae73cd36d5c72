// Branches of a trie in memory, by path.
//
// Open addressing with linear probes: a look-up touches one slot and the bytes behind it, where a
// table of linked nodes has two or three more places to wait for. Path and encoding lie in one
// piece. At most three quarters of the slots are taken.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace stipple::state {

class BranchTable {
 public:
    /// Valid until the next change.
    std::optional<ByteView> find(ByteView path) const;
    /// Calls `found(index, branch)` for each path that is there. Asks the memory for many before it
    /// waits for one.
    void find_many(std::span<const ByteView> paths, const auto& found) const {
        std::array<std::size_t, kTogether> hashes;
        for (std::size_t from = 0; from < paths.size() && !slots_.empty(); from += kTogether) {
            const auto part = paths.subspan(from, std::min(kTogether, paths.size() - from));
            prefetch(part, hashes);
            for (std::size_t i = 0; i < part.size(); ++i) {
                const Slot& slot = slots_[slot_of(hashes[i], part[i])];
                if (!slot.row.empty()) {
                    found(from + i, slot.encoded());
                }
            }
        }
    }
    void insert_or_assign(ByteView path, ByteView encoded);
    void erase(ByteView path);
    /// Removes all whose path begins with `prefix`; looks at every slot.
    void erase_below(ByteView prefix);
    /// Path and encoding of all, by path.
    std::vector<std::pair<ByteView, ByteView>> sorted() const;

 private:
    static constexpr std::size_t kTogether = 32;
    struct Slot {
        std::size_t hash = 0;
        std::uint32_t path_bytes = 0;
        Bytes row;  ///< path and encoding; empty: the slot is free
        ByteView path() const { return ByteView(row).first(path_bytes); }
        ByteView encoded() const { return ByteView(row).subspan(path_bytes); }
    };
    /// The slot of the path, or the free one where it would stand. REQUIRES slots.
    std::size_t slot_of(std::size_t hash, ByteView path) const;
    void prefetch(std::span<const ByteView> paths, std::span<std::size_t> hashes) const;
    void grow();

    std::vector<Slot> slots_;  ///< a power of two, or none
    std::size_t used_ = 0;
};

}  // namespace stipple::state
