// What this call has read and written, so that a Wasm build asks the host once (host_wasm.cpp).
//
// A transfer reads its sender some ten times and hashes his key as often; each question to the
// host costs more than the work around it. Both memories are of fixed size: a newer entry takes the
// place of an older one. They begin empty, as all memory of a call does. Writes always go to the
// host as well; undoing a layer or clearing a prefix forgets everything.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::inline kit::read_cache {

/// Keys and values longer than these are not kept.
inline constexpr std::size_t kKeyBytesMax = 112;
inline constexpr std::size_t kValueBytesMax = 128;
inline constexpr std::size_t kHashedBytesMax = 48;

enum class Kept : std::uint8_t { nothing, absent, value };
struct Found {
    Kept kept = Kept::nothing;
    ByteView value;  ///< until the next call of a function below
};
Found find(ByteView key);
/// The present value of a key; too long ones are forgotten. Gives what is kept.
Found put(ByteView key, std::optional<ByteView> value);
void forget(ByteView key);
void forget_all();

/// The BLAKE2b-128 hash of `data`, if it was hashed lately.
const std::array<std::uint8_t, 16>* find_hash(ByteView data);
void put_hash(ByteView data, const std::array<std::uint8_t, 16>& hash);

}  // namespace stipple::runtime::inline kit::read_cache
