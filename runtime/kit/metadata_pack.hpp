// All versions of the metadata in one small text, as the Wasm build carries it.
//
//     size of V14 ‖ size of V15 ‖ size of V16 ‖ steps        (sizes little-endian u32)
//     step: literal length ‖ literal bytes ‖ distance back ‖ copied length     (compact numbers)
//
// The steps write one text after the other; a copy may reach back into the versions before, which
// say nearly the same (the scheme of LZ77). Packing happens at build time, unpacking when a client
// asks.
#pragma once

#include "kit/types.hpp"

#include <span>

namespace stipple::runtime::inline kit {

/// The text at `index` of what was packed; nothing when `packed` is damaged or has no such text.
std::optional<Bytes> unpack_metadata(ByteView packed, std::size_t index);

/// Only in native builds. Exactly one text for each of kMetadataVersions.
Bytes pack_metadata(std::span<const Bytes> texts);

}  // namespace stipple::runtime::inline kit
