#include "kit/arithmetic.hpp"

namespace stipple::runtime::inline kit {

namespace {
struct Wide {
    uint128 high = 0;
    uint128 low = 0;
};

Wide multiply(uint128 a, uint128 b) {
    constexpr uint128 kLow = ~std::uint64_t{0};
    const uint128 a0 = a & kLow;
    const uint128 a1 = a >> 64;
    const uint128 b0 = b & kLow;
    const uint128 b1 = b >> 64;
    const uint128 low = a0 * b0;
    const uint128 middle = (low >> 64) + (a1 * b0 & kLow) + (a0 * b1 & kLow);
    return {a1 * b1 + (a1 * b0 >> 64) + (a0 * b1 >> 64) + (middle >> 64),
            (low & kLow) | middle << 64};
}
}  // namespace

uint128 multiply_by_rational(uint128 a, uint128 b, uint128 c) {
    const Wide product = multiply(a, b);
    if (product.high == 0) {
        // wasm32 has to call a function for a division of 128 bits.
        const bool is_short = product.low >> 64 == 0 && c >> 64 == 0;
        return is_short ? static_cast<std::uint64_t>(product.low) / static_cast<std::uint64_t>(c)
                        : product.low / c;
    }
    if (product.high >= c) {
        return kBalanceMax;
    }
    // Long division, one bit at a time: the rest stays below c, whose top bit may be set.
    uint128 rest = product.high;
    uint128 quotient = 0;
    for (int bit = 127; bit >= 0; --bit) {
        const bool carry = rest >> 127 != 0;
        rest = rest << 1 | (product.low >> bit & 1);
        quotient <<= 1;
        if (carry || rest >= c) {
            rest -= c;
            quotient |= 1;
        }
    }
    return quotient;
}

}  // namespace stipple::runtime::inline kit
