// BLAKE2b inside: the compression functions that hash.cpp chooses from.
//
// Spec: RFC 7693 sections 3.1 (one block) and 3.3 (parameter block, padding). No key, no salt. The
// portable function and those of four and eight lanes give the same digests; tests compare them.
#pragma once

#include "crypto/types.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace stipple::crypto::blake2b {

inline constexpr std::size_t kBlockBytes = 128;
inline constexpr std::size_t kRounds = 12;

inline constexpr std::array<std::uint64_t, 8> kIv = {
    0x6a09e667f3bcc908ULL, 0xbb67ae8584caa73bULL, 0x3c6ef372fe94f82bULL, 0xa54ff53a5f1d36f1ULL,
    0x510e527fade682d1ULL, 0x9b05688c2b3e6c1fULL, 0x1f83d9abfb41bd6bULL, 0x5be0cd19137e2179ULL};

/// Message word order of each round; rounds 10 and 11 repeat 0 and 1.
inline constexpr std::uint8_t kSigma[kRounds][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

/// First chaining word for a digest of this many bytes: fan-out 1, depth 1.
constexpr std::uint64_t first_word(std::size_t digest_bytes) {
    return kIv[0] ^ 0x01010000ULL ^ digest_bytes;
}

/// Digest of out.size() bytes, 1 to 64.
void hash(ByteView data, MutableByteView out);

/// Whether this processor runs `hash_many_avx2`, and `hash_many_avx512`.
bool has_avx2();
bool has_avx512();
/// BLAKE2b-256, four messages side by side. REQUIRES has_avx2() and equal sizes.
void hash_many_avx2(std::span<const ByteView> inputs, std::span<Hash256> out);
/// The same, eight messages side by side. REQUIRES has_avx512().
void hash_many_avx512(std::span<const ByteView> inputs, std::span<Hash256> out);

}  // namespace stipple::crypto::blake2b
