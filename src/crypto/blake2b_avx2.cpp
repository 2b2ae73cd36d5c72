// Four BLAKE2b states in the four 64-bit lanes of AVX2 registers.
#include "crypto/blake2b_lanes.hpp"

#include <immintrin.h>

#define STIPPLE_AVX2 __attribute__((target("avx2")))
#define STIPPLE_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace stipple::crypto::blake2b {

namespace {

constexpr std::size_t kLanes = 4;

using Row = LaneRow<kLanes>;

struct Rotations {
    __m256i by24;
    __m256i by16;
};

STIPPLE_AVX2_INLINE __m256i load(const Row& row) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(row.lane.data()));
}
STIPPLE_AVX2_INLINE __m256i load_unaligned(const std::uint8_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
STIPPLE_AVX2_INLINE __m256i broadcast(std::uint64_t value) {
    return _mm256_set1_epi64x(static_cast<long long>(value));
}

STIPPLE_AVX2_INLINE void mix(__m256i& a, __m256i& b, __m256i& c, __m256i& d, __m256i x, __m256i y,
                             const Rotations& rotate) {
    a = _mm256_add_epi64(_mm256_add_epi64(a, b), x);
    d = _mm256_shuffle_epi32(_mm256_xor_si256(d, a), 0xb1);
    c = _mm256_add_epi64(c, d);
    b = _mm256_shuffle_epi8(_mm256_xor_si256(b, c), rotate.by24);
    a = _mm256_add_epi64(_mm256_add_epi64(a, b), y);
    d = _mm256_shuffle_epi8(_mm256_xor_si256(d, a), rotate.by16);
    c = _mm256_add_epi64(c, d);
    b = _mm256_xor_si256(b, c);
    b = _mm256_or_si256(_mm256_srli_epi64(b, 63), _mm256_add_epi64(b, b));
}

template <std::size_t Round>
STIPPLE_AVX2_INLINE void run_round(__m256i* v, const __m256i* m, const Rotations& rotate) {
    constexpr const auto& s = kSigma[Round];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]], rotate);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]], rotate);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]], rotate);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]], rotate);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]], rotate);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]], rotate);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]], rotate);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]], rotate);
}

/// Word i of the four blocks becomes vector i.
STIPPLE_AVX2_INLINE void transpose(const std::array<const std::uint8_t*, kLanes>& block,
                                   __m256i* m) {
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
        const __m256i a = load_unaligned(block[0] + 32 * quarter);
        const __m256i b = load_unaligned(block[1] + 32 * quarter);
        const __m256i c = load_unaligned(block[2] + 32 * quarter);
        const __m256i d = load_unaligned(block[3] + 32 * quarter);
        const __m256i ab_even = _mm256_unpacklo_epi64(a, b);
        const __m256i ab_odd = _mm256_unpackhi_epi64(a, b);
        const __m256i cd_even = _mm256_unpacklo_epi64(c, d);
        const __m256i cd_odd = _mm256_unpackhi_epi64(c, d);
        m[4 * quarter + 0] = _mm256_permute2x128_si256(ab_even, cd_even, 0x20);
        m[4 * quarter + 1] = _mm256_permute2x128_si256(ab_odd, cd_odd, 0x20);
        m[4 * quarter + 2] = _mm256_permute2x128_si256(ab_even, cd_even, 0x31);
        m[4 * quarter + 3] = _mm256_permute2x128_si256(ab_odd, cd_odd, 0x31);
    }
}

STIPPLE_AVX2 void compress(Lanes<kLanes>& lanes) {
    __m256i m[16];
    transpose(lanes.block, m);
    const Rotations rotate{
        .by24 = _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3, 4, 5, 6,
                                 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10),
        .by16 = _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2, 3, 4, 5,
                                 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9)};
    __m256i v[16];
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = load(lanes.h[i]);
        v[i + 8] = broadcast(kIv[i]);
    }
    v[12] = _mm256_xor_si256(v[12], load(lanes.total));
    v[14] = _mm256_xor_si256(v[14], load(lanes.last));
    run_round<0>(v, m, rotate);
    run_round<1>(v, m, rotate);
    run_round<2>(v, m, rotate);
    run_round<3>(v, m, rotate);
    run_round<4>(v, m, rotate);
    run_round<5>(v, m, rotate);
    run_round<6>(v, m, rotate);
    run_round<7>(v, m, rotate);
    run_round<8>(v, m, rotate);
    run_round<9>(v, m, rotate);
    run_round<10>(v, m, rotate);
    run_round<11>(v, m, rotate);
    for (std::size_t i = 0; i < 8; ++i) {
        const __m256i mixed = _mm256_xor_si256(load(lanes.h[i]), _mm256_xor_si256(v[i], v[i + 8]));
        _mm256_store_si256(reinterpret_cast<__m256i*>(lanes.h[i].lane.data()), mixed);
    }
}

}  // namespace

void hash_many_avx2(std::span<const ByteView> inputs, std::span<Hash256> out) {
    hash_in_lanes<kLanes>(inputs, out, compress);
}

}  // namespace stipple::crypto::blake2b
