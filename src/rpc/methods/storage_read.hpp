// Reading one trie for a client: what state_* and childstate_* share.
#pragma once

#include "rpc/methods/registry.hpp"

namespace stipple::rpc {

/// One trie of one state.
struct TrieView {
    ReaderPointer state;
    state::TrieId trie;
};

/// The trie a prefixed child key names (":child_storage:default:" and a name); 4003 for others.
RpcResult<state::TrieId> child_trie(ByteView prefixed);
RpcResult<std::optional<Bytes>> read_value(const TrieView& view, ByteView key);
/// "0x…" or null.
RpcResult<> append_value(CallScope& scope, const TrieView& view, ByteView key);
/// BLAKE2b-256 of the value, or null.
RpcResult<> append_value_hash(CallScope& scope, const TrieView& view, ByteView key);
/// Keys with a prefix, after `start` if given, at most `count`.
RpcResult<> append_keys(CallScope& scope, const TrieView& view, ByteView prefix,
                        const std::optional<Bytes>& start, std::uint64_t count);
/// count > kKeysPagedMax is 4002.
RpcResult<> check_page(std::uint32_t count);

}  // namespace stipple::rpc
