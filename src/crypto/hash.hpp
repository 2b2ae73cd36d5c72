// The hashes of the protocol. All are pure functions of their input.
//
// Spec: sect-hash-functions. BLAKE2b: RFC 7693 (unkeyed, the digest length in the parameter block);
// twox = xxHash64 with seeds 0, 1, … little-endian, concatenated; Keccak with the original padding
// (not SHA-3); SHA-2: FIPS 180-4.
#pragma once

#include "crypto/types.hpp"

#include <span>

namespace stipple::crypto {

Hash64 blake2b_64(ByteView data);
Hash128 blake2b_128(ByteView data);
Hash256 blake2b_256(ByteView data);
Hash512 blake2b_512(ByteView data);
Hash64 twox_64(ByteView data);
Hash128 twox_128(ByteView data);
Hash256 twox_256(ByteView data);
Hash256 keccak_256(ByteView data);
Hash512 keccak_512(ByteView data);
Hash256 sha2_256(ByteView data);

/// BLAKE2b-256 of several inputs, four lanes at a time where the processor has AVX2.
/// REQUIRES out.size() == inputs.size().
void blake2b_256_many(std::span<const ByteView> inputs, std::span<Hash256> out);

}  // namespace stipple::crypto
