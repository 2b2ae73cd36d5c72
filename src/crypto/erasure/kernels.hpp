// Arithmetic on rows of symbols, portable and with AVX2; chosen at run time.
//
// A row is a run of blocks of 32 symbols, each block as 32 low bytes, then 32 high bytes, so that
// one register holds bytes of one kind. Multiplying by a constant is linear over GF(2): four
// look-ups of sixteen entries, one for each nibble of a symbol, twice (low and high byte of the
// product).
#pragma once

#include "crypto/erasure/field.hpp"

#include <cstddef>
#include <cstdint>

namespace stipple::crypto::erasure {

inline constexpr std::size_t kBlockSymbols = 32;
inline constexpr std::size_t kBlockBytes = 2 * kBlockSymbols;

/// The products of one constant with the sixteen values of each nibble.
struct alignas(16) Multiples {
    std::uint8_t low[4][16];
    std::uint8_t high[4][16];
    bool is_zero;  ///< of the zero constant
};
Multiples multiples_of(Element constant);

/// Rows are `bytes` long, a multiple of kBlockBytes, aligned to 32.
struct Kernels {
    /// y += x
    void (*add)(std::uint8_t* y, const std::uint8_t* x, std::size_t bytes);
    /// x *= c
    void (*scale)(std::uint8_t* x, const Multiples& c, std::size_t bytes);
    /// x += c y
    void (*add_scaled)(std::uint8_t* x, const std::uint8_t* y, const Multiples& c,
                       std::size_t bytes);
    /// x += c y, then y += x: a step of the transform.
    void (*forward)(std::uint8_t* x, std::uint8_t* y, const Multiples& c, std::size_t bytes);
    /// y += x, then x += c y: its inverse.
    void (*inverse)(std::uint8_t* x, std::uint8_t* y, const Multiples& c, std::size_t bytes);
    /// Between a row and the big-endian symbols of a chunk.
    void (*to_symbols)(std::uint8_t* symbols, const std::uint8_t* row, std::size_t bytes);
    void (*from_symbols)(std::uint8_t* row, const std::uint8_t* symbols, std::size_t bytes);
    /// Rows first … first+15, one block of each, from 32 columns of symbols `stride` bytes apart.
    void (*gather16)(std::uint8_t* rows, std::size_t row_bytes, const std::uint8_t* columns,
                     std::size_t stride);
};

const Kernels& portable_kernels();
/// Null without AVX2.
const Kernels* avx2_kernels();
const Kernels& best_kernels();

}  // namespace stipple::crypto::erasure
