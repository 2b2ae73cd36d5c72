#include "libp2p/yamux/frame.hpp"

namespace stipple::libp2p::yamux {

std::expected<FrameHeader, HeaderError> decode_header(ByteView bytes) {
    if (bytes[0] != 0) {
        return std::unexpected(HeaderError::unknown_version);
    }
    if (bytes[1] > static_cast<std::uint8_t>(FrameType::go_away)) {
        return std::unexpected(HeaderError::unknown_type);
    }
    return FrameHeader{.type = static_cast<FrameType>(bytes[1]),
                       .flags = load_be<std::uint16_t>(bytes.subspan(2)),
                       .stream = load_be<std::uint32_t>(bytes.subspan(4)),
                       .length = load_be<std::uint32_t>(bytes.subspan(8))};
}

void encode_header(Bytes& out, const FrameHeader& header) {
    out.push_back(0);
    out.push_back(static_cast<std::uint8_t>(header.type));
    append_be(out, header.flags);
    append_be(out, header.stream);
    append_be(out, header.length);
}

}  // namespace stipple::libp2p::yamux
