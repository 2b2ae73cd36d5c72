// The heap of a Wasm build.
//
// The host owns the heap above __heap_base; asking it for every small block would cost a call each.
// So small blocks come from chunks: sizes are powers of two from 16 to 16 KiB, each with a list of
// free blocks; larger blocks are the host's own. A runtime call is short and its memory is thrown
// away whole, so chunks are never given back.
#pragma once

#include <cstddef>

namespace stipple::runtime::inline kit::wasm_memory {

/// Gives back a block that a host function has returned.
void free_host_block(void* block);

}  // namespace stipple::runtime::inline kit::wasm_memory
