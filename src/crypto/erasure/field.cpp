#include "crypto/erasure/field.hpp"

namespace stipple::crypto::erasure {

namespace {

/// x^16 is this in the polynomial basis.
constexpr std::uint32_t kReduction = 0x2d;

constexpr std::array<Element, kFieldBits> kCantorBasis = {1,     44234, 15374, 5694, 50562, 60718,
                                                          37196, 16402, 27800, 4312, 27250, 47360,
                                                          64952, 64308, 65336, 39198};

}  // namespace

const Field& Field::get() {
    static const Field field;
    return field;
}

Field::Field() {
    make_logarithms();
    make_skews();
}

void Field::make_logarithms() {
    // Logarithms of polynomials first, then the change of basis.
    std::vector<std::uint16_t> polynomial_log(kFieldSize);
    std::uint32_t state = 1;
    for (std::uint32_t i = 0; i < kOrder; ++i) {
        polynomial_log[state] = static_cast<std::uint16_t>(i);
        state <<= 1;
        if (state >= kFieldSize) {
            state = (state ^ kReduction) & kOrder;
        }
    }
    polynomial_log[0] = static_cast<std::uint16_t>(kOrder);

    std::vector<Element> polynomial(kFieldSize);  // of each Cantor number
    for (std::size_t bit = 0; bit < kFieldBits; ++bit) {
        const std::size_t half = std::size_t{1} << bit;
        for (std::size_t i = 0; i < half; ++i) {
            polynomial[half + i] = static_cast<Element>(polynomial[i] ^ kCantorBasis[bit]);
        }
    }
    log_.resize(kFieldSize);
    exp_.resize(kFieldSize);
    for (std::size_t i = 0; i < kFieldSize; ++i) {
        log_[i] = polynomial_log[polynomial[i]];
        exp_[log_[i]] = static_cast<Element>(i);
    }
    exp_[kOrder] = exp_[0];
}

// The normalised subspace polynomials at the points of the field: Lin, Han, Chung, "Novel
// Polynomial Basis and Its Application to Reed-Solomon Erasure Codes", equations (5) and (28).
void Field::make_skews() {
    skew_.assign(kOrder, 0);
    std::array<Element, kFieldBits - 1> base;
    for (std::size_t i = 0; i + 1 < kFieldBits; ++i) {
        base[i] = static_cast<Element>(1u << (i + 1));
    }
    for (std::size_t m = 0; m + 1 < kFieldBits; ++m) {
        const std::size_t step = std::size_t{1} << (m + 1);
        const std::size_t first = (std::size_t{1} << m) - 1;
        skew_[first] = 0;
        for (std::size_t i = m; i + 1 < kFieldBits; ++i) {
            const std::size_t distance = std::size_t{1} << (i + 1);
            for (std::size_t j = first; j < distance; j += step) {
                skew_[j + distance] = static_cast<Element>(skew_[j] ^ base[i]);
            }
        }
        // base[i] becomes base[i] * (base[i] + 1) / (base[m] * (base[m] + 1)).
        const std::uint32_t divisor = log(multiply(base[m], static_cast<Element>(base[m] ^ 1)));
        for (std::size_t i = m + 1; i + 1 < kFieldBits; ++i) {
            const Element product = multiply(base[i], static_cast<Element>(base[i] ^ 1));
            base[i] = product == 0 ? Element{0} : exp(log(product) + kOrder - divisor);
        }
    }
}

}  // namespace stipple::crypto::erasure
