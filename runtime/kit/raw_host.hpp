// The storage of the host itself, under what a call keeps in its own memory.
//
// Only the buffer (storage_buffer.hpp) and its wiring (host_storage.cpp) may use this: what waits
// there is not here yet. In Wasm each function is one or two imports (host_wasm.cpp), natively a
// map in memory (host_native.cpp).
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::inline kit::raw_host {

/// The length of the value, whose beginning is then in `out`; absent when there is none.
std::optional<std::size_t> read(ByteView key, MutableByteView out);
void set(ByteView key, ByteView value);
void clear(ByteView key);
bool exists(ByteView key);
void append(ByteView key, ByteView encoded_item);
std::optional<Bytes> next_key(ByteView key);
bool clear_prefix(ByteView prefix, std::optional<std::uint32_t> limit);
Hash storage_root();
void start_transaction();
void commit_transaction();
void rollback_transaction();
void index_offchain(ByteView key, ByteView value);

}  // namespace stipple::runtime::inline kit::raw_host
