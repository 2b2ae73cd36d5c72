// A trie after changes, by the paths that changed.
//
// Step one merges the writes into a sparse tree, top-down: a slot on the way of a write is loaded
// (a stored branch, an inline node, or a leaf found by its key) and becomes a work node; any other
// slot stays the reference that its parent held. Stored branches are read beforehand, all of one
// distance from the root together, so that a reader can wait for many at a time. Splits and
// collapses happen here. Step two encodes the work nodes bottom-up, hashing each height in one
// batch. Step three lists what changed.
//
// A slot below which nothing changed (removals of keys that are not there) goes back to the
// reference it was. The value of a leaf is read only when the leaf must be encoded anew, which is
// when it moves: `:code` has megabytes and neighbours that come and go within a block.
//
// Bounds: memory grows with the writes and the nodes on their paths; recursion with the number of
// branches on one path, which needs as many written or stored keys that are prefixes of each other
// or differ in the nibble.
#pragma once

#include "state/byte_arena.hpp"
#include "state/trie/builder.hpp"

#include <map>
#include <memory>

namespace stipple::state::trie {

/// Objects that stay where they are until the pool goes, some dozens to an allocation.
template <class T>
class Pool {
 public:
    T& add() {
        if (used_ == kChunkObjects || chunks_.empty()) {
            chunks_.push_back(std::make_unique<T[]>(kChunkObjects));
            used_ = 0;
        }
        return chunks_.back()[used_++];
    }

 private:
    static constexpr std::size_t kChunkObjects = 32;
    std::vector<std::unique_ptr<T[]>> chunks_;
    std::size_t used_ = 0;
};

/// Hashes of large hashed values of one trie of an immutable reader, by key. Handed from update to
/// update over that reader it saves their hashing where leaves move. Grows with moved leaves only.
struct ValueHashes {
    /// Below this a value is read and hashed again rather than remembered.
    static constexpr std::size_t kValueBytesMin = 4096;
    std::map<Bytes, crypto::Hash256, ByteLess> by_key;
};

class Updater {
 public:
    /// `known` may be null, and otherwise belongs to this reader and trie.
    Updater(const Reader& before, const TrieId& trie, StateVersion version,
            ValueHashes* known = nullptr)
        : before_(before), trie_(trie), version_(version), known_(known) {}
    Result<TrieDifference> run(std::span<const WriteView> writes);

 private:
    static constexpr std::size_t kNone = SIZE_MAX;

    struct Write {
        ByteView nibbles;
        ByteView key;
        const std::optional<Bytes>* value;
    };
    struct Node;
    /// What stands below a branch: nothing, what the old parent held, or a work node.
    struct Slot {
        ByteView ref;
        Node* node = nullptr;
        bool empty() const { return node == nullptr && ref.empty(); }
    };
    using Slots = std::array<Slot, 16>;
    /// `unread`: of a leaf that stays as it is, or whose value is about to be replaced.
    enum class ValueState : std::uint8_t { none, unread, inline_bytes, hash, to_hash };
    struct Node {
        ByteView partial;  ///< one nibble a byte
        ValueState value_state = ValueState::none;
        bool changed = false;  ///< differs from what the slot held, or stands elsewhere
        ByteView value;
        Slots* children = nullptr;  ///< null: a leaf
        std::size_t loaded = kNone;
        std::size_t depth = 0;       ///< of the slot, known in step two
        std::size_t value_hash = 0;  ///< index in value_hashes_
        NodeRef ref;
        ByteView encoded;  ///< of a branch that is stored, in changes_
    };
    /// A branch that was read, and where.
    struct Loaded {
        ByteView path;  ///< in bytes_
        LentBytes encoded;
        /// It is known what became of the path: nothing, or step three has said it.
        bool settled = true;
    };
    /// A branch on the way of some writes.
    struct Wanted {
        ByteView path;
        std::span<const Write> writes;
        Slot* slot = nullptr;
    };

    // Step one.
    static bool any_set(std::span<const Write> writes);
    static std::span<const Write> below(std::span<const Write> writes, std::size_t depth,
                                        ByteView partial);
    Result<Node*> preload(std::span<const Write> writes);
    Result<Node*> add_loaded(ByteView path, LentBytes encoded);
    void want_below(Node& node, std::size_t depth, std::span<const Write> writes,
                    std::vector<Wanted>& out);
    Result<Slot> apply(Slot old, std::size_t depth, std::span<const Write> writes);
    Result<Slot> apply_to(Node* node, std::size_t depth, std::span<const Write> writes);
    Result<Slot> apply_below(Node* node, std::size_t end, std::span<const Write> writes);
    Result<Slot> fresh(std::size_t depth, std::span<const Write> writes);
    /// Null when the trie is empty. `moves`: the node will surely stand elsewhere.
    Result<Node*> load(ByteView ref, ByteView path, std::span<const Write> writes, bool moves);
    Result<Node*> load_leaf(ByteView path, std::span<const Write> writes, bool moves);
    Node* unread_leaf(ByteView path, ByteView nibbles);
    Result<> read_value(Node& leaf, const KeyCursor& cursor);
    Result<Slot> normalise(Node* node, ByteView path);
    Result<Node*> node_of(const NodeView& view);
    void set_value(Node& node, const Write& write);
    ByteView nibbles_of(ByteView key);
    ByteView join(ByteView a, std::uint8_t nibble, ByteView b);

    // Step two.
    std::size_t measure(Node* node, std::size_t depth);
    void finish_level(std::span<Node* const> level);
    void encode(const Node& node);

    // Step three.
    void list_changes(Node* root);
    void emit(Node* node, NibblePath& path);

    const Reader& before_;
    const TrieId& trie_;
    StateVersion version_;
    ValueHashes* known_;

    ByteArena bytes_;
    Pool<Node> nodes_;
    Pool<Slots> slots_;
    std::vector<Loaded> loaded_;
    NodeChanges changes_;
    std::vector<NodeChanges::Entry> listed_;
    Pool<StoredValue> values_;

    std::vector<std::vector<Node*>> levels_;
    HashBatch value_hashes_;
    HashBatch hashes_;
    EncodingArena arena_;
};

/// As update_sorted of trie.hpp, for a caller that asks again and again over one reader.
Result<TrieDifference> update_sorted(const Reader& before, const TrieId& trie,
                                     std::span<const WriteView> writes, StateVersion version,
                                     ValueHashes& known);

}  // namespace stipple::state::trie
