// Proofs of reads: the trie nodes that show what a state says about some keys.
//
// A proof is an unordered list of byte strings: every complete node of 32 bytes or more on the
// paths to the keys, the root, and for hashed values the value itself. A verifier files them by
// hash and walks from the root; what nobody asks for is tolerated. A key that is absent is proven
// by the nodes on the way to where it would stand.
//     ProofRecorder   a reader around another: notes what is read and gives the proof of it
//     ProofReader     a reader over the nodes of a proof: what it answers is right, or it fails
// The compact form leaves out what a verifier can compute (sync responses, parachain PoVs).
//
// Spec: sect-msg-state-response, defn-light-client  (light calls, state_getReadProof)
#pragma once

#include "crypto/types.hpp"
#include "state/trie/trie.hpp"

#include <expected>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace stipple::state {

using Proof = std::vector<Bytes>;

/// Proof of the values (or absence) of these keys; for a child trie that of its root too.
Result<Proof> prove_keys(const Reader& reader, const TrieId& trie, std::span<const Bytes> keys);

/// Thread-safe like any reader. `inner` must outlive it, and its cursors must not outlive it.
class ProofRecorder final : public Reader {
 public:
    explicit ProofRecorder(const Reader& inner) : inner_(inner) {}

    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override;
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override;
    Result<std::optional<LentBytes>> lend_branch(const TrieId& trie, ByteView path) const override;
    Result<StateRoot> root(const TrieId& trie) const override;

    /// Of all reads up to now; the nodes sorted by their hashes.
    Result<Proof> proof() const;

 private:
    class Cursor;
    /// Notes that the way along these nibbles was gone, and if the value at its end was read.
    void note(const TrieId& trie, Bytes nibbles, bool value) const;
    void note_key(const TrieId& trie, ByteView key, bool value) const;

    const Reader& inner_;
    mutable std::mutex mutex_;
    mutable std::map<TrieId, std::map<Bytes, bool, ByteLess>> touched_;
};

/// The state that a proof shows. Nodes are found by the hash of their bytes, so nothing in the
/// proof needs to be believed; a node that is not there is the error "incomplete proof".
class ProofReader final : public Reader {
 public:
    ProofReader(std::span<const Bytes> proof, const StateRoot& root);

    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override;
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override;
    Result<std::optional<LentBytes>> lend_branch(const TrieId& trie, ByteView path) const override;
    Result<StateRoot> root(const TrieId& trie) const override;

    /// The node or value with this hash.
    std::optional<ByteView> find(const StateRoot& hash) const;

 private:
    class Cursor;
    struct Found {
        Bytes key;
        ByteView value;
        ValueForm form;
    };
    Result<ByteView> resolve(ByteView ref) const;
    Result<StoredValue> stored(ByteView value, ValueForm form) const;
    /// The first key >= `from` of the trie with this root.
    Result<std::optional<Found>> seek(const StateRoot& root, ByteView from) const;

    std::unordered_map<StateRoot, Bytes> nodes_;
    StateRoot root_;
};

// ---- compact proofs ----

enum class CompactProofError : std::uint8_t {
    incomplete,          ///< an item is missing
    bad_node,            ///< an item is no node
    root_mismatch,       ///< the items give another root
    unreferenced_child,  ///< a child trie whose root the main trie does not have
    extra_items,         ///< items that belong to nothing
};
const char* describe(CompactProofError error);

/// Pre-order list of the nodes of a proof, main trie first, then child tries in key order. A child
/// that is another item stands as an empty one; a hashed value follows its node, which then begins
/// with the escape byte.
std::expected<Proof, CompactProofError> encode_compact_proof(std::span<const Bytes> proof,
                                                             const StateRoot& root);
/// Gives back the nodes; checks the root.
std::expected<Proof, CompactProofError> decode_compact_proof(std::span<const Bytes> items,
                                                             const StateRoot& root);

// ---- `ext_trie_*_verify_proof` ----

enum class TrieHasher : std::uint8_t { blake2b, keccak };

struct ProvenItem {
    ByteView key;
    std::optional<ByteView> value;  ///< absent: proven not to be in the trie
};

/// Whether the items are what the trie says. Here the proof also leaves the proven values out, and
/// all of its nodes must be needed. REQUIRES items sorted by key; a key twice is refused.
bool verify_compact_trie_proof(std::span<const Bytes> proof, const StateRoot& root,
                               std::span<const ProvenItem> items, StateVersion version,
                               TrieHasher hasher = TrieHasher::blake2b);

}  // namespace stipple::state
