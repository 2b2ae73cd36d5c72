// A trie from scratch over sorted pairs, bottom-up.
//
// The sorted range is cut into parts of at most kBatchPairs pairs, each a subtree. In a part the
// shape is found first, as an array of nodes without bytes; then the nodes are encoded and hashed
// height by height, leaves first, so that every batch of hashes is as wide as the part.
#pragma once

#include "state/trie/arena.hpp"
#include "state/trie/node.hpp"
#include "state/trie/trie.hpp"

#include <vector>

namespace stipple::state::trie {

inline constexpr std::size_t kBatchPairs = 1024;

/// A node as its parent holds it: the hash (32 bytes) or the node itself (fewer).
struct NodeRef {
    std::array<std::uint8_t, kHashBytes> bytes;
    std::uint8_t size = 0;
    ByteView view() const { return ByteView(bytes).first(size); }
};

inline NodeRef make_ref(ByteView bytes) {
    NodeRef ref;
    ref.size = static_cast<std::uint8_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), ref.bytes.begin());
    return ref;
}

/// A branch that a store keeps, at its slot path.
struct StoredBranch {
    NibblePath path;
    Bytes encoded;
};

template <class Hasher>
class Builder {
 public:
    /// `forms` is empty, or says of each pair how its value stands. `branches` may be null.
    Builder(std::span<const KeyValue> pairs, std::span<const ValueForm> forms, StateVersion version,
            std::vector<StoredBranch>* branches)
        : pairs_(pairs), forms_(forms), version_(version), branches_(branches) {}

    StateRoot root() {
        static constexpr std::uint8_t kEmptyTrie[] = {0};
        if (pairs_.empty()) {
            hashes_.clear();
            hashes_.add(kEmptyTrie);
            hashes_.template run<Hasher>();
            return StateRoot(hashes_[0].bytes);
        }
        return StateRoot(subtree(0, pairs_.size(), 0).bytes);
    }

 private:
    static constexpr std::uint32_t kNone = UINT32_MAX;

    struct Node {
        std::size_t key = 0;    ///< a pair whose key starts with the node's path
        std::size_t depth = 0;  ///< nibbles up to the slot
        std::size_t end = 0;    ///< and with the partial key
        std::uint32_t first_child = kNone;
        std::uint32_t next_sibling = kNone;
        bool has_value = false;  ///< of the pair `key`
        std::uint8_t nibble = 0;
        NodeRef ref;
    };

    ValueForm form(std::size_t i) const {
        if (!forms_.empty()) {
            return forms_[i];
        }
        return version_ == StateVersion::v1 && pairs_[i].value.size() >= kHashedValueBytesMin
                   ? ValueForm::hashed
                   : ValueForm::inline_bytes;
    }

    NodeRef subtree(std::size_t from, std::size_t to, std::size_t depth) {
        return to - from > kBatchPairs ? large(from, to, depth) : batch(from, to, depth);
    }

    /// A branch above parts: its children first, one after the other, then itself.
    NodeRef large(std::size_t from, std::size_t to, std::size_t depth);
    NodeRef batch(std::size_t from, std::size_t to, std::size_t depth);
    /// Returns the node's index; `height` becomes its distance to the lowest leaf.
    std::uint32_t shape(std::size_t from, std::size_t to, std::size_t depth, std::size_t& height);
    void hash_values(std::size_t from, std::size_t to);
    void encode(const Node& node, const NodeRef* children, std::uint16_t bitmap,
                const crypto::Hash256* value_hash);
    void finish_level(std::span<const std::uint32_t> level);
    NodeRef settle(std::size_t i, std::size_t hash, const Node& node);

    std::span<const KeyValue> pairs_;
    std::span<const ValueForm> forms_;
    StateVersion version_;
    std::vector<StoredBranch>* branches_;

    std::vector<Node> nodes_;
    std::vector<std::vector<std::uint32_t>> levels_;
    std::size_t value_base_ = 0;
    std::vector<std::uint32_t> value_slot_;  ///< of pair value_base_ + i: index in value_hashes_
    HashBatch value_hashes_;
    HashBatch hashes_;
    EncodingArena arena_;
};

extern template class Builder<Blake2Hasher>;
extern template class Builder<KeccakHasher>;

}  // namespace stipple::state::trie
