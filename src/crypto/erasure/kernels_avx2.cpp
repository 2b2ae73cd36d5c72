// The row arithmetic with AVX2: 32 symbols a step, products by byte shuffles.
#include "crypto/erasure/kernels.hpp"

#include <immintrin.h>

#define STIPPLE_AVX2 __attribute__((target("avx2")))
#define STIPPLE_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace stipple::crypto::erasure {

namespace {

struct Tables {
    __m256i low[4];
    __m256i high[4];
    __m256i nibble;
};

struct Pair {
    __m256i low;
    __m256i high;
};

STIPPLE_AVX2_INLINE __m256i load(const std::uint8_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
STIPPLE_AVX2_INLINE void store(std::uint8_t* at, __m256i value) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), value);
}
STIPPLE_AVX2_INLINE __m128i load_half(const std::uint8_t* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
STIPPLE_AVX2_INLINE Pair load_pair(const std::uint8_t* at) {
    return {load(at), load(at + kBlockSymbols)};
}
STIPPLE_AVX2_INLINE void store_pair(std::uint8_t* at, const Pair& value) {
    store(at, value.low);
    store(at + kBlockSymbols, value.high);
}
STIPPLE_AVX2_INLINE Pair add_pairs(const Pair& a, const Pair& b) {
    return {_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}

STIPPLE_AVX2_INLINE Tables tables_of(const Multiples& c) {
    Tables tables;
    for (std::size_t i = 0; i < 4; ++i) {
        tables.low[i] = _mm256_broadcastsi128_si256(load_half(c.low[i]));
        tables.high[i] = _mm256_broadcastsi128_si256(load_half(c.high[i]));
    }
    tables.nibble = _mm256_set1_epi8(0x0f);
    return tables;
}

STIPPLE_AVX2_INLINE Pair multiply(const Tables& c, const Pair& y) {
    const __m256i n0 = _mm256_and_si256(y.low, c.nibble);
    const __m256i n1 = _mm256_and_si256(_mm256_srli_epi64(y.low, 4), c.nibble);
    const __m256i n2 = _mm256_and_si256(y.high, c.nibble);
    const __m256i n3 = _mm256_and_si256(_mm256_srli_epi64(y.high, 4), c.nibble);
    const auto sum = [&](const __m256i* t) __attribute__((target("avx2"), always_inline)) {
        return _mm256_xor_si256(
            _mm256_xor_si256(_mm256_shuffle_epi8(t[0], n0), _mm256_shuffle_epi8(t[1], n1)),
            _mm256_xor_si256(_mm256_shuffle_epi8(t[2], n2), _mm256_shuffle_epi8(t[3], n3)));
    };
    return {sum(c.low), sum(c.high)};
}

STIPPLE_AVX2 void add(std::uint8_t* y, const std::uint8_t* x, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        store_pair(y + i, add_pairs(load_pair(y + i), load_pair(x + i)));
    }
}

STIPPLE_AVX2 void scale(std::uint8_t* x, const Multiples& c, std::size_t bytes) {
    const Tables tables = tables_of(c);
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        store_pair(x + i, multiply(tables, load_pair(x + i)));
    }
}

STIPPLE_AVX2 void add_scaled(std::uint8_t* x, const std::uint8_t* y, const Multiples& c,
                             std::size_t bytes) {
    const Tables tables = tables_of(c);
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        store_pair(x + i, add_pairs(load_pair(x + i), multiply(tables, load_pair(y + i))));
    }
}

STIPPLE_AVX2 void forward(std::uint8_t* x, std::uint8_t* y, const Multiples& c, std::size_t bytes) {
    const Tables tables = tables_of(c);
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        const Pair old_y = load_pair(y + i);
        const Pair new_x = add_pairs(load_pair(x + i), multiply(tables, old_y));
        store_pair(x + i, new_x);
        store_pair(y + i, add_pairs(old_y, new_x));
    }
}

STIPPLE_AVX2 void inverse(std::uint8_t* x, std::uint8_t* y, const Multiples& c, std::size_t bytes) {
    const Tables tables = tables_of(c);
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        const Pair old_x = load_pair(x + i);
        const Pair new_y = add_pairs(load_pair(y + i), old_x);
        store_pair(y + i, new_y);
        store_pair(x + i, add_pairs(old_x, multiply(tables, new_y)));
    }
}

STIPPLE_AVX2 void to_symbols(std::uint8_t* symbols, const std::uint8_t* row, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        const Pair block = load_pair(row + i);
        const __m256i a = _mm256_unpacklo_epi8(block.high, block.low);
        const __m256i b = _mm256_unpackhi_epi8(block.high, block.low);
        store(symbols + i, _mm256_permute2x128_si256(a, b, 0x20));
        store(symbols + i + kBlockSymbols, _mm256_permute2x128_si256(a, b, 0x31));
    }
}

STIPPLE_AVX2 void from_symbols(std::uint8_t* row, const std::uint8_t* symbols, std::size_t bytes) {
    const __m256i even = _mm256_set1_epi16(0x00ff);
    for (std::size_t i = 0; i < bytes; i += kBlockBytes) {
        const __m256i a = load(symbols + i);
        const __m256i b = load(symbols + i + kBlockSymbols);
        const __m256i high =
            _mm256_packus_epi16(_mm256_and_si256(a, even), _mm256_and_si256(b, even));
        const __m256i low = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
        // Packing works within halves; the middle quarters change places.
        store_pair(row + i,
                   {_mm256_permute4x64_epi64(low, 0xd8), _mm256_permute4x64_epi64(high, 0xd8)});
    }
}

/// Transposes 16 by 16 bytes: four rounds of interleaving.
STIPPLE_AVX2_INLINE void transpose16(__m128i* v) {
    __m128i t[16];
    for (std::size_t round = 0; round < 4; ++round) {
        for (std::size_t i = 0; i < 8; ++i) {
            t[2 * i] = _mm_unpacklo_epi8(v[i], v[i + 8]);
            t[2 * i + 1] = _mm_unpackhi_epi8(v[i], v[i + 8]);
        }
        for (std::size_t i = 0; i < 16; ++i) {
            v[i] = t[i];
        }
    }
}

STIPPLE_AVX2 void gather16(std::uint8_t* rows, std::size_t row_bytes, const std::uint8_t* columns,
                           std::size_t stride) {
    const __m128i even = _mm_set1_epi16(0x00ff);
    for (std::size_t half = 0; half < 2; ++half) {
        __m128i high[16];
        __m128i low[16];
        for (std::size_t i = 0; i < 16; ++i) {
            const std::uint8_t* from = columns + (16 * half + i) * stride;
            const __m128i a = load_half(from);
            const __m128i b = load_half(from + 16);
            high[i] = _mm_packus_epi16(_mm_and_si128(a, even), _mm_and_si128(b, even));
            low[i] = _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8));
        }
        transpose16(high);
        transpose16(low);
        for (std::size_t i = 0; i < 16; ++i) {
            std::uint8_t* to = rows + i * row_bytes + 16 * half;
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to), low[i]);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + kBlockSymbols), high[i]);
        }
    }
}

}  // namespace

const Kernels* avx2_kernels() {
    static constexpr Kernels kKernels = {.add = add,
                                         .scale = scale,
                                         .add_scaled = add_scaled,
                                         .forward = forward,
                                         .inverse = inverse,
                                         .to_symbols = to_symbols,
                                         .from_symbols = from_symbols,
                                         .gather16 = gather16};
    static const bool found = __builtin_cpu_supports("avx2") != 0;
    return found ? &kKernels : nullptr;
}

}  // namespace stipple::crypto::erasure
