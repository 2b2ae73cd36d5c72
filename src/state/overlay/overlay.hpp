// The writes of a running runtime call over an immutable state: nested transactions, child tries,
// the offchain index, and the root over all of it.
//
// Host functions of modules storage, default_child_storage and offchain_index act on this type;
// their exact semantics are in host-api.md sections 1 and 2. An Overlay may serve several calls in
// a row (block building: initialize, apply ..., finalize), each seeing what the former wrote. Spec:
// sect-storage-api, sect-child-storage-api. Not thread-safe. Keys that start with
// `:child_storage:` are refused silently by set and clear_prefix, but not by append, as in the
// field.
#pragma once

#include "state/difference.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace stipple::state {

/// Verdict of a limited removal. `visited` counts keys of the backend that were visited, not
/// removed.
struct RemovalCount {
    bool all_removed = true;
    std::uint32_t backend = 0;  ///< keys of the state below that were visited
    std::uint32_t removed = 0;  ///< of those, the ones that were not removed before
    std::uint32_t unique = 0;   ///< distinct keys removed, overlay included
    std::uint32_t loops = 0;
    std::optional<Bytes> cursor;  ///< where to go on, when not all were removed
};

class Overlay {
 public:
    /// `below` must outlive the overlay.
    explicit Overlay(const Reader& below);
    Overlay(Overlay&&) noexcept;
    Overlay& operator=(Overlay&&) noexcept;
    ~Overlay();

    // All reads see the writes of every open transaction.
    Result<std::optional<Bytes>> get(const TrieId& trie, ByteView key);
    /// As get, without a copy: the view is valid until the next write or transaction call.
    Result<std::optional<ByteView>> get_view(const TrieId& trie, ByteView key);
    Result<bool> exists(const TrieId& trie, ByteView key);
    Result<std::optional<Bytes>> next_key(const TrieId& trie, ByteView key);
    /// Absent removes. An empty value is a value.
    void set(const TrieId& trie, ByteView key, std::optional<Bytes> value);
    /// Appends one encoded item to an encoded Vec (host-api.md, `ext_storage_append`).
    Result<> append(const TrieId& trie, ByteView key, ByteView item);
    /// Removes keys with the prefix: all of the overlay, then at most `limit` visited backend keys,
    /// starting at `cursor` if given. An empty prefix of a child trie is `storage_kill`.
    Result<RemovalCount> clear_prefix(const TrieId& trie, ByteView prefix,
                                      std::optional<std::uint32_t> limit,
                                      std::optional<Bytes> cursor = {});
    void set_offchain_index(ByteView key, std::optional<Bytes> value);

    void start_transaction();
    /// False when none is open (the host function then traps).
    [[nodiscard]] bool rollback_transaction();
    [[nodiscard]] bool commit_transaction();
    std::size_t open_transactions() const;
    /// Rolls back what a call left open; a call starts with `mark = open_transactions()`.
    void rollback_to(std::size_t mark);

    /// Root over the state below and all writes, open transactions included; child roots are put
    /// into the main trie first, an emptied child's entry is removed. Kept until the next write.
    Result<StateRoot> root(StateVersion version);
    /// Root of one child trie as it is now. As in the field the root is also put into the main
    /// trie, where a read of the child's entry sees it.
    Result<StateRoot> child_root(const TrieId& trie, StateVersion version);
    /// Everything written, with nodes and roots computed. REQUIRES no open transaction.
    Result<Difference> difference(StateVersion version);

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stipple::state
