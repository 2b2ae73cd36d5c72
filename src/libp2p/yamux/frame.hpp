// The twelve bytes in front of everything yamux sends, numbers big endian:
//
//     version 0 | type | flags, 2 bytes | stream, 4 bytes | length, 4 bytes
//
// `length` counts the payload that follows (data only), or is itself the message: the bytes by
// which a window grows, the value of a ping, the reason of a go-away.
//
// Spec: libp2p: yamux
#pragma once

#include "base/bytes.hpp"

#include <expected>

namespace stipple::libp2p::yamux {

constexpr std::size_t kHeaderBytes = 12;

enum class FrameType : std::uint8_t { data = 0, window_update = 1, ping = 2, go_away = 3 };

/// Bits of `FrameHeader::flags`.
enum Flag : std::uint16_t {
    kSyn = 1,    ///< first frame of a stream; in a ping, the question
    kAck = 2,    ///< first frame the other way; in a ping, the answer
    kFin = 4,    ///< the sender will send no more data on the stream
    kReset = 8,  ///< the stream ends at once, both ways
};

/// Values of `length` in a go-away.
enum class GoAwayReason : std::uint32_t { normal = 0, protocol_error = 1, internal_error = 2 };

struct FrameHeader {
    FrameType type{};
    std::uint16_t flags = 0;
    std::uint32_t stream = 0;  ///< 0 is the connection itself
    std::uint32_t length = 0;

    bool has(Flag flag) const { return (flags & flag) != 0; }
    friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

enum class HeaderError {
    unknown_version,
    unknown_type,
};

/// REQUIRES bytes.size() >= kHeaderBytes.
std::expected<FrameHeader, HeaderError> decode_header(ByteView bytes);
/// Appends kHeaderBytes.
void encode_header(Bytes& out, const FrameHeader& header);

}  // namespace stipple::libp2p::yamux
