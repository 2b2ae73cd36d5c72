// Keccak-f[1600] sponge with the original padding (0x01 … 0x80), as Ethereum uses it; not SHA-3.
//
// Spec: "The Keccak reference" version 3.0, rate = 200 - 2 * digest bytes.
#pragma once

#include "base/bytes.hpp"

namespace stipple::crypto {

/// Digest of out.size() bytes, 32 or 64.
void keccak(ByteView data, MutableByteView out);

}  // namespace stipple::crypto
