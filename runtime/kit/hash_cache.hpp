// The last BLAKE2b-128 hashes of a Wasm build, which are parts of storage keys.
//
// A transfer hashes its sender's account some ten times, and each hash is a call of the host. Of
// fixed size: a newer entry takes the place of an older one.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::inline kit::hash_cache {

inline constexpr std::size_t kHashedBytesMax = 48;

/// The hash of `data`, if it was hashed lately.
const std::array<std::uint8_t, 16>* find(ByteView data);
void put(ByteView data, const std::array<std::uint8_t, 16>& hash);

}  // namespace stipple::runtime::inline kit::hash_cache
