// The state of one block, as everything above reads it: a port.
//
// A state is a main trie and child tries. It is kept flat (docs: design/state, rule 7): values by
// key, and trie branches by the nibble path to their slot. Implementations:
//   state::store::View   over a database, for any block above the prune floor
//   state::MemoryState   sorted maps, for genesis building, tests and vectors
//   state::ProofReader   over the nodes of a proof, for what light clients and calls with proof
//   verify state::ProofRecorder around another reader, keeping the nodes that were touched
// A reader is immutable; all methods are thread-safe. An error is a failed environment (disk,
// pruned state, incomplete proof), never a verdict on the block.
#pragma once

#include "base/result.hpp"
#include "base/strong.hpp"

#include <memory>
#include <optional>
#include <span>

namespace stipple::state {

struct StateRootTag;
/// Root of the main trie, or of a child trie.
using StateRoot = FixedBytes<32, StateRootTag>;

/// 0: all values inline in nodes. 1: a value of 33 bytes or more is replaced by its hash.
enum class StateVersion : std::uint8_t { v0 = 0, v1 = 1 };

/// Which trie: the main one (empty), or the default child trie under this unprefixed child key.
struct TrieId {
    Bytes child_key;
    bool is_main() const { return child_key.empty(); }
    static TrieId main() { return {}; }
    friend bool operator==(const TrieId&, const TrieId&) = default;
    friend bool operator<(const TrieId& a, const TrieId& b) {
        return compare(a.child_key, b.child_key) < 0;
    }
};

/// How a value stands in its trie node. Differs by history, not by content: a V0 chain that turned
/// V1 keeps old values inline until they are written again.
enum class ValueForm : std::uint8_t { inline_bytes = 0, hashed = 1 };

struct StoredValue {
    Bytes bytes;
    ValueForm form = ValueForm::inline_bytes;
    friend bool operator==(const StoredValue&, const StoredValue&) = default;
};

/// Bytes of a reader, borrowed: they stay while the reader and this object live.
class LentBytes {
 public:
    /// Of the reader itself.
    explicit LentBytes(ByteView bytes) : bytes_(bytes) {}
    /// Of `keeper`, as a cached row that may leave the cache meanwhile.
    LentBytes(ByteView bytes, std::shared_ptr<const void> keeper)
        : bytes_(bytes), keeper_(std::move(keeper)) {}
    ByteView view() const { return bytes_; }

 private:
    ByteView bytes_;
    std::shared_ptr<const void> keeper_;
};

/// Nibbles from the root, one per byte (0..15). The path of a node is that of its slot in the
/// parent: the parent's path, the parent's partial key, the slot's nibble. The root's path is
/// empty.
using NibblePath = Bytes;

/// Walks the keys of one trie in byte order. Must not outlive its reader.
class KeyCursor {
 public:
    virtual ~KeyCursor() = default;
    /// False at the end, and after an error (then status() says so).
    virtual bool valid() const = 0;
    /// Valid until the next move.
    virtual ByteView key() const = 0;
    /// Reads the value of the present key.
    virtual Result<StoredValue> value() const = 0;
    virtual void next() = 0;
    virtual Result<> status() const = 0;
};

class Reader {
 public:
    virtual ~Reader() = default;

    virtual Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const = 0;
    /// True: the key has a value. False: it has none, or keys() tells as quickly. Copies no value.
    virtual Result<bool> surely_has(const TrieId& trie, ByteView key) const;
    /// A cursor on the first key >= `from`.
    virtual std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const = 0;
    /// The encoded branch whose slot is at `path`. Absent when no branch of at least 32 bytes
    /// stands there: then the slot is empty, a leaf, or a node small enough to lie inside its
    /// parent, and is rebuilt from the values below the path. The root branch is always kept,
    /// whatever its size.
    virtual Result<std::optional<LentBytes>> lend_branch(const TrieId& trie,
                                                         ByteView path) const = 0;
    /// As lend_branch for many paths, into `out` in their order. Worth overriding where looking up
    /// together is quicker than one by one. REQUIRES out.size() == paths.size().
    virtual Result<> lend_branches(const TrieId& trie, std::span<const ByteView> paths,
                                   std::span<std::optional<LentBytes>> out) const;
    /// Root of the main trie or of a child trie; the empty-trie root when the trie is absent.
    virtual Result<StateRoot> root(const TrieId& trie) const = 0;

    // ---- conveniences over the above ----
    Result<std::optional<Bytes>> branch(const TrieId& trie, ByteView path) const;
    Result<std::optional<Bytes>> get(const TrieId& trie, ByteView key) const;
    /// Smallest key strictly above `key`.
    Result<std::optional<Bytes>> next_key(const TrieId& trie, ByteView key) const;
    Result<std::optional<Bytes>> get(ByteView key) const { return get(TrieId::main(), key); }
};

/// Root of a trie without keys: blake2-256 of one zero byte.
StateRoot empty_trie_root();

/// `:child_storage:default:` ‖ child key: where the main trie holds a child's root.
Bytes child_root_key(const TrieId& trie);
inline constexpr std::string_view kChildStoragePrefix = ":child_storage:";
inline constexpr std::string_view kDefaultChildStoragePrefix = ":child_storage:default:";
inline constexpr std::string_view kCodeKey = ":code";
inline constexpr std::string_view kHeapPagesKey = ":heappages";

}  // namespace stipple::state
