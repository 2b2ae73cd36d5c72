// GF(2^16) as the network's erasure code uses it.
//
// Elements are written in a Cantor basis, so that adding is XOR and the transform's points are the
// numbers 0, 1, 2, …; multiplying goes through logarithms to a generator of x^16 + x^5 + x^3 + x^2
// + 1. Facts: the basis and the polynomial of the crate reed-solomon-novelpoly.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stipple::crypto::erasure {

using Element = std::uint16_t;

inline constexpr std::size_t kFieldBits = 16;
inline constexpr std::size_t kFieldSize = std::size_t{1} << kFieldBits;
/// Order of the multiplicative group; as a logarithm it stands for zero.
inline constexpr std::uint32_t kOrder = kFieldSize - 1;

class Field {
 public:
    /// Built at first use, about half a megabyte.
    static const Field& get();

    /// kOrder for zero.
    std::uint32_t log(Element a) const { return log_[a]; }
    /// Any exponent below 2 * kOrder.
    Element exp(std::uint32_t exponent) const {
        return exp_[exponent >= kOrder ? exponent - kOrder : exponent];
    }
    Element multiply(Element a, Element b) const {
        return a == 0 || b == 0 ? Element{0} : exp(log(a) + log(b));
    }
    /// Twiddle factors of the additive transform: kOrder of them.
    Element skew(std::size_t index) const { return skew_[index]; }

 private:
    Field();
    void make_logarithms();
    void make_skews();

    std::vector<std::uint16_t> log_;
    std::vector<Element> exp_;
    std::vector<Element> skew_;
};

}  // namespace stipple::crypto::erasure
