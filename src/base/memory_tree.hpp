// One column in memory: a persistent B+ tree of pages.
//
//        ┌ separators ┐             rows live in the leaves; child i of an inner page holds the
//        keys a    f    q                from separator i-1 on and below separator i, which is as
//        short
//      ╱   │    │    ╲              as it can be
//    leaf leaf leaf  leaf
//
// To copy a tree is to share its pages. A write copies the pages on its way down that another copy
// (a snapshot, an iterator) holds too, and changes the rest in place: so a snapshot costs a pointer
// and the write after it a page on each level, however large the column is.
//
// A page without room is cut in half; one that has few rows left is joined with a neighbour, and
// one that has none is dropped. All leaves are on one level. Unshared pages are changed in place,
// so a tree is not thread-safe; different copies of it may be used by different threads.
#pragma once

#include "base/memory_page.hpp"

namespace stipple {

class MemoryTree {
 public:
    struct Page;
    /// A row, valid while the tree that gave it, or a copy made before its next change, lives.
    struct Row {
        const Page* page = nullptr;  ///< null: there is no such row
        std::size_t at = 0;
        explicit operator bool() const { return page != nullptr; }
        ByteView key() const;
        ByteView value() const;
    };

    Row find(ByteView key) const;
    /// The first row >= key (> key when `after`).
    Row find_from(ByteView key, bool after = false) const;
    /// The last row < key, or <= key when `with`; the last of all when there is no key.
    Row find_until(std::optional<ByteView> key, bool with = false) const;
    /// The row after or before one of this tree.
    Row next(const Row& row) const;
    Row previous(const Row& row) const;

    std::size_t page_count() const;

    // Keys and values are views from elsewhere than this tree; another copy of it will do.
    void put(ByteView key, ByteView value);
    void erase(ByteView key);
    /// Keys first <= key < last.
    void erase_range(ByteView first, ByteView last);

 private:
    std::shared_ptr<Page> root_;  ///< null: no rows
};

}  // namespace stipple
