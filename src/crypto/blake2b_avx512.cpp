// Eight BLAKE2b states in the eight 64-bit lanes of AVX-512 registers, of which there are as many
// as states and messages have words.
#include "crypto/blake2b_lanes.hpp"

#define STIPPLE_AVX512 __attribute__((target("avx512f")))
#define STIPPLE_AVX512_INLINE __attribute__((target("avx512f"), always_inline)) inline

namespace stipple::crypto::blake2b {

namespace {

constexpr std::size_t kLanes = 8;

using Row = LaneRow<kLanes>;

/// A register. Without intrinsics: those of gcc 12 warn of their own header.
using Words = std::uint64_t __attribute__((vector_size(8 * kLanes), may_alias));

STIPPLE_AVX512_INLINE Words& words_of(Row& row) {
    return *reinterpret_cast<Words*>(row.lane.data());
}
STIPPLE_AVX512_INLINE Words load_unaligned(const std::uint8_t* at) {
    Words words;
    __builtin_memcpy(&words, at, sizeof(words));
    return words;
}

template <int Bits>
STIPPLE_AVX512_INLINE Words rotate(Words x) {
    return (x >> Bits) | (x << (64 - Bits));
}

STIPPLE_AVX512_INLINE void mix(Words& a, Words& b, Words& c, Words& d, Words x, Words y) {
    a = a + b + x;
    d = rotate<32>(d ^ a);
    c = c + d;
    b = rotate<24>(b ^ c);
    a = a + b + y;
    d = rotate<16>(d ^ a);
    c = c + d;
    b = rotate<63>(b ^ c);
}

template <std::size_t Round>
STIPPLE_AVX512_INLINE void run_round(Words* v, const Words* m) {
    constexpr const auto& s = kSigma[Round];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

/// The even or the odd words of two registers, by turns.
STIPPLE_AVX512_INLINE Words even_words(Words a, Words b) {
    return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
}
STIPPLE_AVX512_INLINE Words odd_words(Words a, Words b) {
    return __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
}
/// The even or the odd pairs of words of one register, and then of the other.
STIPPLE_AVX512_INLINE Words even_pairs(Words a, Words b) {
    return __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13);
}
STIPPLE_AVX512_INLINE Words odd_pairs(Words a, Words b) {
    return __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15);
}

/// Word i of the eight blocks becomes vector i.
STIPPLE_AVX512_INLINE void transpose(const std::array<const std::uint8_t*, kLanes>& block,
                                     Words* m) {
    for (std::size_t half = 0; half < 2; ++half) {
        Words low[4];   // words 0, 2, 4, 6 of blocks 2i and 2i+1
        Words high[4];  // words 1, 3, 5, 7
        for (std::size_t i = 0; i < 4; ++i) {
            const Words a = load_unaligned(block[2 * i] + 64 * half);
            const Words b = load_unaligned(block[2 * i + 1] + 64 * half);
            low[i] = even_words(a, b);
            high[i] = odd_words(a, b);
        }
        for (std::size_t odd = 0; odd < 2; ++odd) {
            const Words* pairs = odd == 0 ? low : high;
            Words* out = m + 8 * half + odd;
            const Words a04 = even_pairs(pairs[0], pairs[1]);
            const Words b04 = even_pairs(pairs[2], pairs[3]);
            const Words a26 = odd_pairs(pairs[0], pairs[1]);
            const Words b26 = odd_pairs(pairs[2], pairs[3]);
            out[0] = even_pairs(a04, b04);
            out[4] = odd_pairs(a04, b04);
            out[2] = even_pairs(a26, b26);
            out[6] = odd_pairs(a26, b26);
        }
    }
}

STIPPLE_AVX512 void compress(Lanes<kLanes>& lanes) {
    Words m[16];
    transpose(lanes.block, m);
    Words v[16];
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = words_of(lanes.h[i]);
        v[i + 8] = Words{} + kIv[i];
    }
    v[12] ^= words_of(lanes.total);
    v[14] ^= words_of(lanes.last);
    run_round<0>(v, m);
    run_round<1>(v, m);
    run_round<2>(v, m);
    run_round<3>(v, m);
    run_round<4>(v, m);
    run_round<5>(v, m);
    run_round<6>(v, m);
    run_round<7>(v, m);
    run_round<8>(v, m);
    run_round<9>(v, m);
    run_round<10>(v, m);
    run_round<11>(v, m);
    for (std::size_t i = 0; i < 8; ++i) {
        words_of(lanes.h[i]) ^= v[i] ^ v[i + 8];
    }
}

}  // namespace

void hash_many_avx512(std::span<const ByteView> inputs, std::span<Hash256> out) {
    hash_in_lanes<kLanes>(inputs, out, compress);
}

}  // namespace stipple::crypto::blake2b
