// Bytes and hexadecimal text.
//
// `Bytes` owns, `ByteView` borrows. Hex text follows the field's habit: lower case, `0x` first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stipple {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}
inline Bytes to_bytes(std::string_view text) {
    return to_bytes(as_bytes(text));
}
inline void append(Bytes& out, ByteView more) {
    out.insert(out.end(), more.begin(), more.end());
}

inline bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}
/// Lexicographic order of unsigned bytes: <0, 0, >0.
inline int compare(ByteView a, ByteView b) {
    const std::size_t n = std::min(a.size(), b.size());
    const int head = n == 0 ? 0 : std::memcmp(a.data(), b.data(), n);
    if (head != 0) {
        return head;
    }
    return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}
inline bool starts_with(ByteView bytes, ByteView prefix) {
    return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}
/// Orders `Bytes` and `ByteView` alike, so that maps keyed by Bytes take a view in find().
struct ByteLess {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const { return compare(a, b) < 0; }
};
/// FNV-like hash for hash tables whose iteration order is never seen.
struct ByteHash {
    using is_transparent = void;
    std::size_t operator()(ByteView bytes) const {
        return std::hash<std::string_view>{}(as_text(bytes));
    }
};
struct ByteEqual {
    using is_transparent = void;
    bool operator()(ByteView a, ByteView b) const { return equal(a, b); }
};

/// The smallest byte string above every string that starts with `prefix`; absent when there is none
/// (the prefix is empty or all 0xff).
std::optional<Bytes> end_of_prefix(ByteView prefix);

/// Lower case, without `0x`.
std::string to_hex(ByteView bytes);
/// Lower case, with `0x`.
std::string to_hex0x(ByteView bytes);
/// Accepts upper and lower case and an optional `0x`; absent on an odd length or another character.
std::optional<Bytes> from_hex(std::string_view text);

/// Little-endian integers at the front of a view of at least sizeof(T) bytes (precondition).
template <class T>
T load_le(ByteView bytes) {
    T value{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[i]) << (8 * i)));
    }
    return value;
}
template <class T>
void append_le(Bytes& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
}
template <class T>
void append_be(Bytes& out, T value) {
    for (std::size_t i = sizeof(T); i-- > 0;) {
        out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
}
template <class T>
T load_be(ByteView bytes) {
    T value{};
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(static_cast<T>(value << 8) | static_cast<T>(bytes[i]));
    }
    return value;
}

}  // namespace stipple
