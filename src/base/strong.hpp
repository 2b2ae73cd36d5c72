// Strong types for hashes and numbers: values of different meaning do not convert into each other.
//
//     struct BlockHashTag;  using BlockHash = FixedBytes<32, BlockHashTag>;
//     struct SlotTag;       using Slot = StrongNumber<std::uint64_t, SlotTag>;
#pragma once

#include "base/bytes.hpp"
#include "base/check.hpp"

#include <array>
#include <compare>
#include <cstring>
#include <functional>

namespace stipple {

/// N bytes with a meaning. Zero by default; ordered as bytes.
template <std::size_t N, class Tag>
struct FixedBytes {
    static constexpr std::size_t kSize = N;
    std::array<std::uint8_t, N> bytes{};

    FixedBytes() = default;
    constexpr explicit FixedBytes(const std::array<std::uint8_t, N>& raw) : bytes(raw) {}
    /// REQUIRES view.size() == N (our own slices); for input use `from`.
    static FixedBytes copy(ByteView view) {
        CHECK(view.size() == N);
        FixedBytes value;
        std::memcpy(value.bytes.data(), view.data(), N);
        return value;
    }
    /// Absent when the length is not N.
    static std::optional<FixedBytes> from(ByteView view) {
        if (view.size() != N) {
            return std::nullopt;
        }
        return copy(view);
    }
    static std::optional<FixedBytes> from_hex(std::string_view text) {
        const auto raw = stipple::from_hex(text);
        return raw ? from(*raw) : std::nullopt;
    }
    ByteView view() const { return bytes; }
    operator ByteView() const { return bytes; }  // reading bytes never loses meaning
    std::string hex() const { return to_hex0x(bytes); }
    bool is_zero() const { return *this == FixedBytes{}; }
    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

/// A number with a meaning. Arithmetic with plain distances only; no conversion between tags.
template <class Rep, class Tag>
struct StrongNumber {
    using rep = Rep;
    Rep value{};

    constexpr StrongNumber() = default;
    constexpr explicit StrongNumber(Rep v) : value(v) {}
    friend constexpr auto operator<=>(const StrongNumber&, const StrongNumber&) = default;
    constexpr StrongNumber operator+(Rep distance) const { return StrongNumber(value + distance); }
    constexpr StrongNumber operator-(Rep distance) const { return StrongNumber(value - distance); }
    /// Distance to an earlier or equal one.
    constexpr Rep operator-(StrongNumber earlier) const { return value - earlier.value; }
    StrongNumber& operator++() {
        ++value;
        return *this;
    }
};

}  // namespace stipple

template <std::size_t N, class Tag>
struct std::hash<stipple::FixedBytes<N, Tag>> {
    std::size_t operator()(const stipple::FixedBytes<N, Tag>& value) const noexcept {
        std::size_t h = 0;
        std::memcpy(&h, value.bytes.data(), N < sizeof h ? N : sizeof h);
        return h;
    }
};
template <class Rep, class Tag>
struct std::hash<stipple::StrongNumber<Rep, Tag>> {
    std::size_t operator()(const stipple::StrongNumber<Rep, Tag>& v) const noexcept {
        return std::hash<Rep>{}(v.value);
    }
};
