#include "libp2p/multiformats/varint.hpp"

#include "base/check.hpp"

namespace stipple::libp2p {

std::expected<Varint, VarintError> decode_varint(ByteView bytes) {
    Varint varint;
    for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kVarintBytesMax))) {
        varint.value |= std::uint64_t{byte & 0x7fU} << (7 * varint.size);
        ++varint.size;
        if (byte < 0x80) {
            if (byte == 0 && varint.size > 1) {
                return std::unexpected(VarintError::not_minimal);
            }
            return varint;
        }
    }
    return std::unexpected(varint.size == kVarintBytesMax ? VarintError::too_long
                                                          : VarintError::incomplete);
}

void append_varint(Bytes& out, std::uint64_t value) {
    CHECK(value < std::uint64_t{1} << 63);
    for (; value >= 0x80; value >>= 7) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) {
        ++size;
    }
    return size;
}

std::expected<std::optional<Frame>, FrameError> find_frame(ByteView bytes,
                                                           std::size_t message_bytes_max) {
    const auto length = decode_varint(bytes);
    if (!length) {
        if (length.error() == VarintError::incomplete &&
            bytes.size() < varint_size(message_bytes_max)) {
            return std::nullopt;
        }
        return std::unexpected(length.error() == VarintError::incomplete ? FrameError::too_long
                                                                         : FrameError::bad_length);
    }
    if (length->value > message_bytes_max) {
        return std::unexpected(FrameError::too_long);
    }
    const auto count = static_cast<std::size_t>(length->value);
    if (bytes.size() - length->size < count) {
        return std::nullopt;
    }
    return Frame{.message = bytes.subspan(length->size, count), .size = length->size + count};
}

void append_frame(Bytes& out, ByteView message) {
    append_varint(out, message.size());
    append(out, message);
}

}  // namespace stipple::libp2p
