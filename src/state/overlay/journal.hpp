// Values of one trie as a running call sees them, and the log that undoes writes.
//
// An entry is either a value read from below, kept because runtimes read the same keys again and
// again, or a written one. A write inside a transaction moves the former value into the undo log,
// once per transaction and key; an append logs just the former length. So nothing is copied when a
// transaction opens, and a long list grows in place under any number of transactions.
#pragma once

#include "state/difference.hpp"
#include "state/trie/updater.hpp"

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace stipple::state {

/// Values read from below are forgotten at a write once they hold more than this.
inline constexpr std::size_t kReadCacheBytesMax = 64U << 20U;

struct OverlayEntry {
    /// Where the value is from; `unknown` is left when a write is rolled back whose key was not
    /// read before.
    enum class Source : std::uint8_t { unknown, below, written } source = Source::unknown;
    std::optional<Bytes> value;
    bool written() const { return source == Source::written; }
    /// How the open transaction `serial` has logged this entry.
    enum class Logged : std::uint8_t { no, length, value } logged = Logged::no;
    std::uint64_t serial = 0;
};

/// One trie under the overlay.
struct OverlayTrie {
    explicit OverlayTrie(TrieId trie) : id(std::move(trie)) {}

    TrieId id;
    std::unordered_map<Bytes, OverlayEntry, ByteHash, ByteEqual> table;
    /// Entries that are, or in a transaction rolled back were, written; keys lie in the table.
    std::map<ByteView, OverlayEntry*, ByteLess> order;
    std::size_t read_bytes = 0;
    /// Prefixes below which a call removed so many keys that a range may say it shorter.
    std::vector<Bytes> mass_deletions;

    /// Walk of next_key: no key of the state below lies between cursor_after and the cursor.
    std::unique_ptr<KeyCursor> cursor;
    Bytes cursor_after;

    /// Root and nodes over the present writes, until one changes.
    std::optional<TrieDifference> computed;
    StateVersion computed_version = StateVersion::v0;
    trie::ValueHashes hashes;  ///< of values of the state below

    bool has_writes() const;
};

inline bool OverlayTrie::has_writes() const {
    for (const auto& [key, entry] : order) {
        if (entry->written()) {
            return true;
        }
    }
    return false;
}

/// The undo log over all tries and the offchain index.
class Journal {
 public:
    void start();
    bool commit();
    bool rollback(OffchainChanges& offchain);
    std::size_t depth() const { return marks_.size(); }

    /// Called before `entry` gets another value; takes the present one out if it must be kept.
    void before_set(OverlayTrie& trie, OverlayEntry& entry);
    /// Called before an item is appended to the encoded list in `entry`, of `count` items.
    void before_append(OverlayTrie& trie, OverlayEntry& entry, std::uint32_t count);
    void before_offchain(ByteView key, const OffchainChanges& offchain);

 private:
    struct Undo {
        OverlayTrie* trie;
        OverlayEntry* entry;
        std::optional<Bytes> value;
        OverlayEntry::Source source;
        bool is_append;
        std::size_t size;
        std::uint32_t count;
    };
    struct UndoOffchain {
        Bytes key;
        bool was_there;
        std::optional<Bytes> value;
    };
    struct Mark {
        std::size_t undo;
        std::size_t offchain;
        std::uint64_t serial;
    };
    std::vector<Undo> undo_;
    std::vector<UndoOffchain> undo_offchain_;
    std::vector<Mark> marks_;
    std::uint64_t serials_ = 0;
};

// ---- encoded lists: a compact count and items ----

/// Items of an encoded list; absent when the count cannot be read (also when it is not canonical).
std::optional<std::uint32_t> list_count(ByteView encoded);
/// Rewrites the count in front of the items. REQUIRES that `before` is what stands there.
void set_list_count(Bytes& encoded, std::uint32_t before, std::uint32_t after);

}  // namespace stipple::state
