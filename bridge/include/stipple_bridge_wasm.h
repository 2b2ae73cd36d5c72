// Looking into Wasm modules and rewriting their memory, behind plain C functions.
//
// Every function takes pointer and length, returns a status, and never unwinds. Output buffers
// belong to the caller, who gives them back with stipple_bridge_wasm_free. Sole user:
// src/executor/module.cpp.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t* data;
    size_t size;
} StippleBridgeBuffer;

// Statuses. With `refused`, the buffer holds one line of text that says why.
enum { STIPPLE_WASM_OK = 0, STIPPLE_WASM_REFUSED = 1, STIPPLE_WASM_PANIC = 2 };

void stipple_bridge_wasm_free(StippleBridgeBuffer buffer);

// Validates `wasm` against the feature set the field's node allows for runtimes (MVP, mutable
// globals, sign extension) and gives it back with one memory that it defines and exports
// as "memory": minimum + extra_pages pages at first, growing to at most max_pages (0: not at all).
int32_t stipple_bridge_wasm_prepare(const uint8_t* wasm, size_t size, uint32_t extra_pages,
                                    uint32_t max_pages, StippleBridgeBuffer* out);

// Lists imports, then exports. Each record: u8 0 import / 1 export; u8 kind 0 function, 1 table,
// 2 memory, 3 global, 4 other; module (imports only) and name as u32 length and bytes; for
// functions u32 count and value type bytes (7f i32, 7e i64, 7d f32, 7c f64, 00 other) of
// parameters, then of results. Integers are little-endian. Accepts what _prepare accepts; code is
// not looked at.
int32_t stipple_bridge_wasm_describe(const uint8_t* wasm, size_t size, StippleBridgeBuffer* out);

#ifdef __cplusplus
}
#endif
