// Hashes the compiler computes: storage prefixes (twox) and names of runtime APIs (BLAKE2b-64).
//
// Spec: sect-hash-functions. `twox_128("System")` in a constant costs nothing at run time; twox
// also runs inside Wasm for Twox64Concat keys, where it is cheaper than asking the host.
#pragma once

#include "kit/types.hpp"

#include <bit>

namespace stipple::runtime::inline kit {

namespace detail {
constexpr std::uint64_t read_le(const std::uint8_t* at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value |= std::uint64_t{at[i]} << (8 * i);
    }
    return value;
}

inline constexpr std::uint64_t kXxPrime1 = 11400714785074694791ULL;
inline constexpr std::uint64_t kXxPrime2 = 14029467366897019727ULL;
inline constexpr std::uint64_t kXxPrime3 = 1609587929392839161ULL;
inline constexpr std::uint64_t kXxPrime4 = 9650029242287828579ULL;
inline constexpr std::uint64_t kXxPrime5 = 2870177450012600261ULL;

constexpr std::uint64_t xx_round(std::uint64_t lane, std::uint64_t input) {
    return std::rotl(lane + input * kXxPrime2, 31) * kXxPrime1;
}
}  // namespace detail

/// xxHash64.
constexpr std::uint64_t xx_64(const std::uint8_t* data, std::size_t size, std::uint64_t seed) {
    using namespace detail;
    const std::uint8_t* at = data;
    std::size_t left = size;
    std::uint64_t hash = seed + kXxPrime5;
    if (size >= 32) {
        std::uint64_t lanes[4] = {seed + kXxPrime1 + kXxPrime2, seed + kXxPrime2, seed,
                                  seed - kXxPrime1};
        for (; left >= 32; left -= 32) {
            for (std::uint64_t& lane : lanes) {
                lane = xx_round(lane, read_le(at, 8));
                at += 8;
            }
        }
        hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
               std::rotl(lanes[3], 18);
        for (const std::uint64_t lane : lanes) {
            hash = (hash ^ xx_round(0, lane)) * kXxPrime1 + kXxPrime4;
        }
    }
    hash += size;
    for (; left >= 8; left -= 8, at += 8) {
        hash = std::rotl(hash ^ xx_round(0, read_le(at, 8)), 27) * kXxPrime1 + kXxPrime4;
    }
    for (; left >= 4; left -= 4, at += 4) {
        hash = std::rotl(hash ^ (read_le(at, 4) * kXxPrime1), 23) * kXxPrime2 + kXxPrime3;
    }
    for (; left > 0; --left, ++at) {
        hash = std::rotl(hash ^ (*at * kXxPrime5), 11) * kXxPrime1;
    }
    hash = (hash ^ (hash >> 33)) * kXxPrime2;
    hash = (hash ^ (hash >> 29)) * kXxPrime3;
    return hash ^ (hash >> 32);
}

constexpr std::array<std::uint8_t, 8> twox_64(const std::uint8_t* data, std::size_t size,
                                              std::uint64_t seed = 0) {
    const std::uint64_t hash = xx_64(data, size, seed);
    std::array<std::uint8_t, 8> out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    }
    return out;
}

/// What a storage item's key begins with: twox-128(pallet) then twox-128(item).
constexpr std::array<std::uint8_t, 32> storage_prefix(std::string_view pallet,
                                                      std::string_view item) {
    std::array<std::uint8_t, 32> out{};
    std::size_t at = 0;
    for (const std::string_view name : {pallet, item}) {
        std::array<std::uint8_t, 64> text{};
        for (std::size_t i = 0; i < name.size(); ++i) {
            text.at(i) = static_cast<std::uint8_t>(name[i]);
        }
        for (std::uint64_t seed = 0; seed < 2; ++seed) {
            for (const std::uint8_t byte : twox_64(text.data(), name.size(), seed)) {
                out[at++] = byte;
            }
        }
    }
    return out;
}

/// BLAKE2b of at most 128 bytes, with a digest of `size` bytes at the front of the result.
constexpr std::array<std::uint8_t, 64> blake2b_one_block(const std::uint8_t* data,
                                                         std::size_t length, std::size_t size) {
    constexpr std::uint64_t kIv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                      0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                      0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    constexpr std::uint8_t kSigma[10][16] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
        {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
        {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
        {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
        {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
        {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
        {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
        {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
        {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};
    constexpr std::uint8_t kLanes[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14},
                                           {3, 7, 11, 15}, {0, 5, 10, 15}, {1, 6, 11, 12},
                                           {2, 7, 8, 13},  {3, 4, 9, 14}};
    std::uint64_t message[16] = {};
    for (std::size_t i = 0; i < length; ++i) {
        message[i / 8] |= std::uint64_t{data[i]} << (8 * (i % 8));
    }
    const std::uint64_t first = kIv[0] ^ 0x01010000 ^ size;  // no key
    std::uint64_t v[16] = {};
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = i == 0 ? first : kIv[i];
        v[i + 8] = kIv[i];
    }
    v[12] ^= length;
    v[14] = ~v[14];
    for (std::size_t round = 0; round < 12; ++round) {
        for (std::size_t step = 0; step < 8; ++step) {
            auto& [a, b, c, d] = kLanes[step];
            v[a] += v[b] + message[kSigma[round % 10][2 * step]];
            v[d] = std::rotr(v[d] ^ v[a], 32);
            v[c] += v[d];
            v[b] = std::rotr(v[b] ^ v[c], 24);
            v[a] += v[b] + message[kSigma[round % 10][2 * step + 1]];
            v[d] = std::rotr(v[d] ^ v[a], 16);
            v[c] += v[d];
            v[b] = std::rotr(v[b] ^ v[c], 63);
        }
    }
    std::array<std::uint8_t, 64> out{};
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t word = (i < 8 ? first : kIv[i / 8]) ^ v[i / 8] ^ v[i / 8 + 8];
        out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
    }
    return out;
}

/// The id of a runtime API: BLAKE2b-64 of its name.
consteval std::array<std::uint8_t, 8> api_id_of(std::string_view name) {
    std::array<std::uint8_t, 128> text{};
    for (std::size_t i = 0; i < name.size(); ++i) {
        text.at(i) = static_cast<std::uint8_t>(name[i]);
    }
    const auto hash = blake2b_one_block(text.data(), name.size(), 8);
    std::array<std::uint8_t, 8> out{};
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = hash[i];
    }
    return out;
}
static_assert(api_id_of("Core") ==
              std::array<std::uint8_t, 8>{0xdf, 0x6a, 0xcb, 0x68, 0x99, 0x07, 0x60, 0x9b});

}  // namespace stipple::runtime::inline kit
