#include "scale/decoder.hpp"

namespace stipple::scale {

const char* describe(DecodeError error) {
    switch (error) {
        case DecodeError::none:
            return "no error";
        case DecodeError::end_of_input:
            return "the input ends too early";
        case DecodeError::bad_bool:
            return "a bool is neither 0 nor 1";
        case DecodeError::bad_option:
            return "an option tag is neither 0 nor 1";
        case DecodeError::bad_variant:
            return "an enum index is not defined";
        case DecodeError::compact_not_minimal:
            return "a compact integer is not in its shortest form";
        case DecodeError::compact_too_large:
            return "a compact integer is above its type";
        case DecodeError::length_over_limit:
            return "a length is above its limit";
        case DecodeError::nesting_too_deep:
            return "the value nests too deep";
        case DecodeError::trailing_bytes:
            return "bytes are left over";
        case DecodeError::invalid_value:
            return "a value is not allowed here";
    }
    return "unknown error";
}

ByteView Decoder::take(std::size_t count) {
    if (!ok()) {
        return {};
    }
    if (count > rest_.size()) {
        fail(DecodeError::end_of_input);
        return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
}

bool Decoder::boolean() {
    const auto byte = u8();
    if (byte > 1) {
        fail(DecodeError::bad_bool);
    }
    return byte == 1;
}

bool Decoder::option() {
    const auto byte = u8();
    if (byte > 1) {
        fail(DecodeError::bad_option);
    }
    return byte == 1;
}

uint128 Decoder::compact() {
    const std::uint8_t first = u8();
    const auto minimal = [&](uint128 value, uint128 least) {
        if (ok() && value < least) {
            fail(DecodeError::compact_not_minimal);
        }
        return ok() ? value : uint128{0};
    };
    switch (first & 3) {
        case 0:
            return first >> 2;
        case 1:
            return minimal(static_cast<uint128>(first >> 2) | static_cast<uint128>(u8()) << 6, 64);
        case 2: {
            uint128 value = first >> 2;
            const ByteView more = take(3);
            for (std::size_t i = 0; i < more.size(); ++i) {
                value |= static_cast<uint128>(more[i]) << (6 + 8 * i);
            }
            return minimal(value, 1U << 14);
        }
        default:
            break;
    }
    const std::size_t count = static_cast<std::size_t>(first >> 2) + 4;
    if (count > sizeof(uint128)) {
        fail(DecodeError::compact_too_large);
        return 0;
    }
    const ByteView bytes = take(count);
    uint128 value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value |= static_cast<uint128>(bytes[i]) << (8 * i);
    }
    const uint128 least = count == 4 ? uint128{1} << 30 : uint128{1} << (8 * (count - 1));
    return minimal(value, least);
}

std::uint64_t Decoder::compact64() {
    const uint128 value = compact();
    if (value > UINT64_MAX) {
        fail(DecodeError::compact_too_large);
        return 0;
    }
    return static_cast<std::uint64_t>(value);
}

std::uint32_t Decoder::compact32() {
    const uint128 value = compact();
    if (value > UINT32_MAX) {
        fail(DecodeError::compact_too_large);
        return 0;
    }
    return static_cast<std::uint32_t>(value);
}

std::size_t Decoder::length(std::size_t item_size_min, std::size_t limit) {
    const std::size_t count = compact32();
    if (!ok()) {
        return 0;
    }
    const std::size_t fits = item_size_min == 0 ? limit : rest_.size() / item_size_min;
    if (count > limit || count > fits) {
        fail(count > limit ? DecodeError::length_over_limit : DecodeError::end_of_input);
        return 0;
    }
    return count;
}

std::expected<void, DecodeError> Decoder::finish() const {
    if (!ok()) {
        return std::unexpected(error_);
    }
    if (!rest_.empty()) {
        return std::unexpected(DecodeError::trailing_bytes);
    }
    return {};
}

}  // namespace stipple::scale
