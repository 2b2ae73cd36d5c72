// Integers of Wasm lie in memory as SCALE writes them: here they are copied, not put together.
//
// Included before everything else in a Wasm build (cmake/runtime.cmake), so that all of its sources
// agree. The general forms (base/bytes.hpp, scale/codec.hpp) shift byte by byte; 128 bits wide that
// is a function call for each, which wasm32 pays for every balance.
#pragma once

#include "base/bytes.hpp"
#include "base/uint128.hpp"

#include <concepts>

namespace stipple {

template <>
inline std::uint16_t load_le<std::uint16_t>(ByteView bytes) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}
template <>
inline std::uint32_t load_le<std::uint32_t>(ByteView bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}
template <>
inline std::uint64_t load_le<std::uint64_t>(ByteView bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}
template <>
inline uint128 load_le<uint128>(ByteView bytes) {
    uint128 value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

namespace scale {
namespace detail {
inline void encode_word(Bytes& out, const void* word, std::size_t size) {
    append(out, ByteView(static_cast<const std::uint8_t*>(word), size));
}
}  // namespace detail

inline void encode_to(Bytes& out, std::uint32_t value) {
    detail::encode_word(out, &value, sizeof value);
}
inline void encode_to(Bytes& out, std::uint64_t value) {
    detail::encode_word(out, &value, sizeof value);
}
inline void encode_to(Bytes& out, uint128 value) {
    detail::encode_word(out, &value, sizeof value);
}

void encode_compact(Bytes& out, uint128 value);
/// Lengths and ids.
template <std::unsigned_integral T>
    requires(sizeof(T) <= sizeof(std::uint32_t))
void encode_compact(Bytes& out, T value) {
    if (value < 1U << 6) {
        out.push_back(static_cast<std::uint8_t>(value << 2));
    } else {
        encode_compact(out, static_cast<uint128>(value));
    }
}
}  // namespace scale

}  // namespace stipple
