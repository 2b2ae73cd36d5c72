// What the main trie's and the child tries' host functions share.
//
// Spec: sect-storage-api, sect-child-storage-api.
#pragma once

#include "executor/host_call.hpp"

#include <span>

namespace stipple::executor {

extern const state::TrieId kMainTrie;
/// Three u32: backend, unique, loops.
inline constexpr std::size_t kRemovalCounterBytes = 12;

/// False for prefixes that would touch child trie roots: such a call does nothing.
bool may_clear_prefix(ByteView prefix);
/// SCALE Option<u32>; traps (and is absent) when undecodable.
std::optional<std::optional<std::uint32_t>> decode_limit(HostCall& call, ByteView limit);
/// 0 or 1; traps (and is absent) otherwise.
std::optional<state::StateVersion> state_version(HostCall& call, std::uint32_t version);

/// SCALE KillStorageResult.
GuestBytes give_kill_result(HostCall& call, const state::RemovalCount& count);
/// SCALE (cursor, backend, unique, loops).
GuestBytes give_removal(HostCall& call, const state::RemovalCount& count);
/// Fills the counters, keeps the cursor; its whole length, 0 when all is removed.
std::uint32_t write_removal(HostCall& call, const state::RemovalCount& count,
                            MutableByteView cursor_out,
                            std::span<std::uint8_t, kRemovalCounterBytes> counters);
/// Copies the value from `offset` on into `out`; its length from there, absent without the key.
std::optional<std::uint32_t> read_value(HostCall& call, const state::TrieId& trie, ByteView key,
                                        MutableByteView out, std::uint32_t offset,
                                        bool allow_partial);
/// SCALE Vec<u8> of the root; traps when `out` is too small.
void write_root(HostCall& call, const state::StateRoot& root, MutableByteView out);
/// Length of the key (0: none), copied when it fits.
std::uint32_t write_next_key(const std::optional<Bytes>& key, MutableByteView out);
bool copy_if_fits(ByteView bytes, MutableByteView out);

struct OptionalBytes;
std::optional<Bytes> owned(const OptionalBytes& bytes);
inline std::optional<ByteView> view_of(const std::optional<Bytes>& bytes) {
    return bytes ? std::optional<ByteView>(*bytes) : std::nullopt;
}

}  // namespace stipple::executor
