// Some rows of a column in memory, ordered by key: what a page of a MemoryTree holds.
//
// The page is one block, so that to search or to copy it is to go over a few neighbouring lines of
// memory. Keys of a page mostly begin alike: what they all begin with is kept once, and of each key
// the eight bytes after it stand as a number, its head. Keys with equal heads are compared whole.
//
//   prefix │ heads, ascending │ slots: where each row is │ arena: key ‖ value, in any order
//                                                         └ rows above kInlineMax lie apart, shared
//                                                           by all copies of the page
//
// Bounded by kRowsMax and kArenaBytes; has_room says whether a row still fits, and a page cut in
// half always has room. Not thread-safe.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <memory>

namespace stipple {

class MemoryPage {
 public:
    static constexpr std::size_t kRowsMax = 16;
    static constexpr std::size_t kArenaBytes = 1200;
    /// Of a row in the arena, key and value together.
    static constexpr std::size_t kInlineMax = 200;

    // Only what is in use is initialised, and copied.
    MemoryPage() {}
    MemoryPage(const MemoryPage& other);
    MemoryPage& operator=(const MemoryPage&) = delete;
    ~MemoryPage() = default;

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// Of the arena, what rows need.
    std::size_t live_bytes() const { return live_; }
    ByteView key(std::size_t at) const;
    ByteView value(std::size_t at) const;

    struct Place {
        std::size_t at = 0;  ///< of the first row that is not below the key
        bool exact = false;  ///< that row has the key
    };
    Place find(ByteView key) const;

    bool has_room(ByteView key, ByteView value) const;
    /// REQUIRES room, find(key) == {at, false}, and views from elsewhere.
    void insert(std::size_t at, ByteView key, ByteView value);
    /// False, with nothing changed, when there is no room for this value. REQUIRES key(at) == key,
    /// and views from elsewhere.
    bool replace(std::size_t at, ByteView key, ByteView value);
    /// Rows first <= at < last.
    void erase(std::size_t first, std::size_t last);
    /// Adds rows first.. of `other`. REQUIRES room, and their keys above those here.
    void append(const MemoryPage& other, std::size_t first);
    /// The row that a page with no room is best cut before: 0 < middle() < size(). REQUIRES two
    /// rows.
    std::size_t middle() const;

 private:
    static constexpr std::size_t kPrefixMax = 48;
    static constexpr std::uint16_t kApart = 0xffff;
    struct Slot {
        std::uint16_t at = 0;        ///< in the arena; of rows apart, in apart_
        std::uint16_t key_size = 0;  ///< kApart: the row lies apart
        std::uint16_t value_size = 0;
    };
    struct Apart {
        std::shared_ptr<const std::uint8_t[]> row;
        std::size_t key_size = 0;
        std::size_t value_size = 0;
    };
    static constexpr std::size_t kSlotWeight = 16;
    // The heavier half and another row fit into a page.
    static_assert((kArenaBytes + kRowsMax * kSlotWeight) / 2 + 2 * kInlineMax + kSlotWeight <=
                  kArenaBytes);

    static bool lies_apart(ByteView key, ByteView value) {
        return key.size() + value.size() > kInlineMax;
    }
    std::size_t bytes_in_arena(const Slot& slot) const {
        return slot.key_size == kApart ? 0U : std::size_t{slot.key_size} + slot.value_size;
    }
    std::uint64_t head_of(ByteView key) const;
    void shorten_prefix(std::size_t size);
    Slot store(ByteView key, ByteView value);
    Slot share(const MemoryPage& other, const Slot& slot);
    void release(const Slot& slot);
    /// The rows of `other` into our arena, which is empty, without what lies between them.
    void gather(const MemoryPage& other);
    void compact();

    std::uint16_t size_ = 0;
    std::uint16_t used_ = 0;  ///< of the arena, rows that are gone included
    std::uint16_t live_ = 0;  ///< of the arena
    std::uint16_t prefix_size_ = 0;
    std::vector<Apart> apart_;  ///< in any order
    std::array<std::uint8_t, kPrefixMax> prefix_;
    std::array<std::uint64_t, kRowsMax> heads_;
    std::array<Slot, kRowsMax> slots_;
    std::array<std::uint8_t, kArenaBytes> arena_;
};

}  // namespace stipple
