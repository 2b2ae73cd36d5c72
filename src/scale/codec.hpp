// SCALE for C++ values.
//
// Spec: sect-scale-codec. `encode(value)` gives bytes, `decode<T>(bytes)` the value or why not
// (whole input), `decode_prefix<T>` tolerates a tail. A struct takes part in one of two ways:
//
//     struct Vote {                                   // all fields in order
//         BlockHash hash;  std::uint32_t number{};
//         static auto fields(auto& self) { return std::tie(self.hash, self.number); }
//     };
//     void encode_to(Bytes& out, const Header&);      // anything else: two free functions
//     void decode_from(Decoder& in, Header&);         // beside the type, found by its namespace
//
// Enums with an index and fields are std::variant members with their own two functions. Integers
// that travel compact are written `Compact<T>`.
#pragma once

#include "base/strong.hpp"
#include "scale/decoder.hpp"

#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace stipple::scale {

void encode_compact(Bytes& out, uint128 value);

template <class T>
struct Compact {
    T value{};
    friend auto operator<=>(const Compact&, const Compact&) = default;
};

/// Bits as in Vec<bool> packed, least significant first; unused bits of the last byte are ignored.
struct BitVec {
    std::vector<bool> bits;
    friend bool operator==(const BitVec&, const BitVec&) = default;
};

template <class T>
concept Integer = std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint16_t> ||
                  std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::uint64_t> ||
                  std::is_same_v<T, std::int8_t> || std::is_same_v<T, std::int16_t> ||
                  std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t> ||
                  std::is_same_v<T, uint128>;

template <class T>
concept HasFields = requires(T& value) { T::fields(value); };

// ---- scalars ----
template <Integer T>
void encode_to(Bytes& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}
template <Integer T>
void decode_from(Decoder& in, T& value) {
    value = in.integer<T>();
}
inline void encode_to(Bytes& out, const std::same_as<bool> auto& value) {
    out.push_back(value ? 1 : 0);
}
inline void decode_from(Decoder& in, std::same_as<bool> auto& value) {
    value = in.boolean();
}

template <class T>
void encode_to(Bytes& out, const Compact<T>& value) {
    encode_compact(out, value.value);
}
template <class T>
void decode_from(Decoder& in, Compact<T>& value) {
    const uint128 wide = in.compact();
    if (wide > static_cast<uint128>(static_cast<T>(~T{0}))) {
        in.fail(DecodeError::compact_too_large);
        return;
    }
    value.value = static_cast<T>(wide);
}

// ---- declarations first: containers nest in any order ----
void encode_to(Bytes& out, const std::string& text);
void decode_from(Decoder& in, std::string& text);
void encode_to(Bytes& out, const BitVec& value);
void decode_from(Decoder& in, BitVec& value);
template <std::size_t N, class Tag>
void encode_to(Bytes& out, const FixedBytes<N, Tag>& value);
template <std::size_t N, class Tag>
void decode_from(Decoder& in, FixedBytes<N, Tag>& value);
template <class Rep, class Tag>
void encode_to(Bytes& out, const StrongNumber<Rep, Tag>& value);
template <class Rep, class Tag>
void decode_from(Decoder& in, StrongNumber<Rep, Tag>& value);
template <class T, std::size_t N>
void encode_to(Bytes& out, const std::array<T, N>& values);
template <class T, std::size_t N>
void decode_from(Decoder& in, std::array<T, N>& values);
template <class T>
void encode_to(Bytes& out, const std::vector<T>& values);
template <class T>
void decode_from(Decoder& in, std::vector<T>& values);
template <class T>
void encode_to(Bytes& out, const std::optional<T>& value);
template <class T>
void decode_from(Decoder& in, std::optional<T>& value);
template <class A, class B>
void encode_to(Bytes& out, const std::pair<A, B>& value);
template <class A, class B>
void decode_from(Decoder& in, std::pair<A, B>& value);
template <class... Ts>
void encode_to(Bytes& out, const std::tuple<Ts...>& value);
template <class... Ts>
void decode_from(Decoder& in, std::tuple<Ts...>& value);
template <class K, class V, class C>
void encode_to(Bytes& out, const std::map<K, V, C>& value);
template <class K, class V, class C>
void decode_from(Decoder& in, std::map<K, V, C>& value);
template <HasFields T>
void encode_to(Bytes& out, const T& value);
template <HasFields T>
void decode_from(Decoder& in, T& value);

// ---- whole values ----
template <class T>
Bytes encode(const T& value) {
    Bytes out;
    encode_to(out, value);
    return out;
}
template <class T>
std::expected<T, DecodeError> decode(ByteView input) {
    Decoder in(input);
    T value{};
    decode_from(in, value);
    if (auto verdict = in.finish(); !verdict) {
        return std::unexpected(verdict.error());
    }
    return value;
}
/// As decode, but bytes may follow (network messages, runtime results that grew fields).
template <class T>
std::expected<T, DecodeError> decode_prefix(ByteView input) {
    Decoder in(input);
    T value{};
    decode_from(in, value);
    if (!in.ok()) {
        return std::unexpected(in.error());
    }
    return value;
}
/// Vec<u8>: the length and the bytes.
inline void encode_byte_string(Bytes& out, ByteView bytes) {
    encode_compact(out, bytes.size());
    append(out, bytes);
}

// ---- definitions ----
template <std::size_t N, class Tag>
void encode_to(Bytes& out, const FixedBytes<N, Tag>& value) {
    append(out, value.bytes);
}
template <std::size_t N, class Tag>
void decode_from(Decoder& in, FixedBytes<N, Tag>& value) {
    const ByteView bytes = in.take(N);
    if (bytes.size() == N) {
        std::memcpy(value.bytes.data(), bytes.data(), N);
    }
}
template <class Rep, class Tag>
void encode_to(Bytes& out, const StrongNumber<Rep, Tag>& value) {
    encode_to(out, value.value);
}
template <class Rep, class Tag>
void decode_from(Decoder& in, StrongNumber<Rep, Tag>& value) {
    decode_from(in, value.value);
}
template <class T, std::size_t N>
void encode_to(Bytes& out, const std::array<T, N>& values) {
    for (const auto& value : values) {
        encode_to(out, value);
    }
}
template <class T, std::size_t N>
void decode_from(Decoder& in, std::array<T, N>& values) {
    for (auto& value : values) {
        decode_from(in, value);
    }
}
template <class T>
void encode_to(Bytes& out, const std::vector<T>& values) {
    encode_compact(out, values.size());
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        append(out, values);
    } else {
        for (const auto& value : values) {
            encode_to(out, value);
        }
    }
}
template <class T>
void decode_from(Decoder& in, std::vector<T>& values) {
    values.clear();
    const std::size_t count = in.length();
    if constexpr (std::is_same_v<T, std::uint8_t>) {
        values = to_bytes(in.take(count));
    } else {
        for (std::size_t i = 0; i < count && in.ok(); ++i) {
            decode_from(in, values.emplace_back());
        }
    }
}
template <class T>
void encode_to(Bytes& out, const std::optional<T>& value) {
    out.push_back(value ? 1 : 0);
    if (value) {
        encode_to(out, *value);
    }
}
template <class T>
void decode_from(Decoder& in, std::optional<T>& value) {
    value.reset();
    if (in.option()) {
        decode_from(in, value.emplace());
    }
}
template <class A, class B>
void encode_to(Bytes& out, const std::pair<A, B>& value) {
    encode_to(out, value.first);
    encode_to(out, value.second);
}
template <class A, class B>
void decode_from(Decoder& in, std::pair<A, B>& value) {
    decode_from(in, value.first);
    decode_from(in, value.second);
}
template <class... Ts>
void encode_to(Bytes& out, const std::tuple<Ts...>& value) {
    std::apply([&](const auto&... field) { (encode_to(out, field), ...); }, value);
}
template <class... Ts>
void decode_from(Decoder& in, std::tuple<Ts...>& value) {
    std::apply([&](auto&... field) { (decode_from(in, field), ...); }, value);
}
template <class K, class V, class C>
void encode_to(Bytes& out, const std::map<K, V, C>& value) {
    encode_compact(out, value.size());
    for (const auto& [key, item] : value) {
        encode_to(out, key);
        encode_to(out, item);
    }
}
/// Unsorted or repeated keys are accepted and the last one wins, as in the Rust codec.
template <class K, class V, class C>
void decode_from(Decoder& in, std::map<K, V, C>& value) {
    value.clear();
    const std::size_t count = in.length();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        K key{};
        V item{};
        decode_from(in, key);
        decode_from(in, item);
        value.insert_or_assign(std::move(key), std::move(item));
    }
}
template <HasFields T>
void encode_to(Bytes& out, const T& value) {
    std::apply([&](const auto&... field) { (encode_to(out, field), ...); }, T::fields(value));
}
template <HasFields T>
void decode_from(Decoder& in, T& value) {
    std::apply([&](auto&... field) { (decode_from(in, field), ...); }, T::fields(value));
}

}  // namespace stipple::scale
