// Arithmetic that says when it leaves its range, and fractions without floating point.
//
// checked_* give nothing on overflow, saturating_* stop at the end of the range. Perbill counts
// parts of 10^9; FixedU128 has 18 decimals (the fee multiplier). Both round down.
#pragma once

#include "kit/codec.hpp"

#include <concepts>

namespace stipple::runtime::inline kit {

template <class T>
constexpr T max_of() {
    return static_cast<T>(~T{0});  // unsigned types only
}
template <class T>
constexpr std::optional<T> checked_add(T a, std::type_identity_t<T> b) {
    const T sum = static_cast<T>(a + b);
    return sum < a ? std::nullopt : std::optional<T>(sum);
}
template <class T>
constexpr std::optional<T> checked_sub(T a, std::type_identity_t<T> b) {
    return a < b ? std::nullopt : std::optional<T>(static_cast<T>(a - b));
}
template <class T>
constexpr std::optional<T> checked_mul(T a, std::type_identity_t<T> b) {
    if (b != 0 && a > static_cast<T>(max_of<T>() / b)) {
        return std::nullopt;
    }
    return static_cast<T>(a * b);
}
template <class T>
constexpr T saturating_add(T a, std::type_identity_t<T> b) {
    return checked_add(a, b).value_or(max_of<T>());
}
template <class T>
constexpr T saturating_sub(T a, std::type_identity_t<T> b) {
    return a < b ? T{0} : static_cast<T>(a - b);
}
template <class T>
constexpr T saturating_mul(T a, std::type_identity_t<T> b) {
    return checked_mul(a, b).value_or(max_of<T>());
}

/// floor(a * b / c) over the whole 256-bit product; saturates. REQUIRES c > 0.
uint128 multiply_by_rational(uint128 a, uint128 b, uint128 c);

/// Parts of one thousand million, at most one.
struct Perbill {
    static constexpr std::uint32_t kOne = 1'000'000'000;
    std::uint32_t parts = 0;
    static constexpr Perbill percent(std::uint32_t p) {
        return {p >= 100 ? kOne : p * (kOne / 100)};
    }
    constexpr std::uint64_t of(std::uint64_t whole) const {
        return static_cast<std::uint64_t>(static_cast<uint128>(whole) * parts / kOne);
    }
    Balance of_balance(Balance whole) const { return multiply_by_rational(whole, parts, kOne); }
    friend auto operator<=>(const Perbill&, const Perbill&) = default;
    static auto fields(auto& self) { return std::tie(self.parts); }
    static constexpr TypeName kType{"sp_arithmetic::per_things::Perbill", {""}};
};

/// A number >= 0 with 18 decimals.
struct FixedU128 {
    static constexpr uint128 kOne = 1'000'000'000'000'000'000ULL;
    uint128 inner = 0;
    static constexpr FixedU128 one() { return {kOne}; }
    /// floor(this * value), saturating.
    uint128 times(uint128 value) const { return multiply_by_rational(inner, value, kOne); }
    friend auto operator<=>(const FixedU128&, const FixedU128&) = default;
    static auto fields(auto& self) { return std::tie(self.inner); }
    static constexpr TypeName kType{"sp_arithmetic::fixed_point::FixedU128", {""}};
};

}  // namespace stipple::runtime::inline kit
