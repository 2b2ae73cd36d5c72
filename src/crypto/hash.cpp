#include "crypto/hash.hpp"

#include "crypto/blake2b.hpp"
#include "crypto/keccak.hpp"

#include <openssl/sha.h>
#include <xxhash.h>

#include <bit>

namespace stipple::crypto {

namespace {

template <class Hash>
Hash blake2b_of(ByteView data) {
    Hash hash;
    blake2b::hash(data, hash.bytes);
    return hash;
}

/// 64-bit words of growing seed, little-endian.
template <class Hash>
Hash twox_of(ByteView data) {
    static_assert(std::endian::native == std::endian::little);
    Hash hash;
    for (std::size_t word = 0; word < Hash::kSize / 8; ++word) {
        const std::uint64_t value = XXH64(data.data(), data.size(), word);
        std::memcpy(hash.bytes.data() + 8 * word, &value, sizeof value);
    }
    return hash;
}

}  // namespace

Hash64 blake2b_64(ByteView data) {
    return blake2b_of<Hash64>(data);
}
Hash128 blake2b_128(ByteView data) {
    return blake2b_of<Hash128>(data);
}
Hash256 blake2b_256(ByteView data) {
    return blake2b_of<Hash256>(data);
}
Hash512 blake2b_512(ByteView data) {
    return blake2b_of<Hash512>(data);
}

Hash64 twox_64(ByteView data) {
    return twox_of<Hash64>(data);
}
Hash128 twox_128(ByteView data) {
    return twox_of<Hash128>(data);
}
Hash256 twox_256(ByteView data) {
    return twox_of<Hash256>(data);
}

Hash256 keccak_256(ByteView data) {
    Hash256 hash;
    keccak(data, hash.bytes);
    return hash;
}
Hash512 keccak_512(ByteView data) {
    Hash512 hash;
    keccak(data, hash.bytes);
    return hash;
}

Hash256 sha2_256(ByteView data) {
    static constexpr std::uint8_t kNothing = 0;  // OpenSSL wants an address also for no bytes
    Hash256 hash;
    CHECK(SHA256(data.empty() ? &kNothing : data.data(), data.size(), hash.bytes.data()) !=
          nullptr);
    return hash;
}

void blake2b_256_many(std::span<const ByteView> inputs, std::span<Hash256> out) {
    CHECK(inputs.size() == out.size());
    // Up to four messages take one pass of four lanes, which is the shorter one.
    if (inputs.size() > 4 && blake2b::has_avx512()) {
        blake2b::hash_many_avx512(inputs, out);
        return;
    }
    if (inputs.size() > 1 && blake2b::has_avx2()) {
        blake2b::hash_many_avx2(inputs, out);
        return;
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        out[i] = blake2b_256(inputs[i]);
    }
}

}  // namespace stipple::crypto
