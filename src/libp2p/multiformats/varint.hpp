// Unsigned varints: seven bits a byte, lowest first, the top bit says that more follow.
//
// Every length and code of libp2p is one. The form is canonical: a number has one encoding, the
// shortest. Messages on a substream are a varint length and that many bytes ("frames" here).
//
// Spec: sect-networking. multiformats: unsigned-varint.
#pragma once

#include "base/bytes.hpp"
#include "libp2p/multiformats/limits.hpp"

#include <expected>

namespace stipple::libp2p {

enum class VarintError : std::uint8_t {
    incomplete,   ///< the bytes end inside the number
    too_long,     ///< more than 63 bits
    not_minimal,  ///< a shorter encoding of the same number exists
};

struct Varint {
    std::uint64_t value = 0;
    std::size_t size = 0;  ///< bytes it took
};
/// The number at the front of `bytes`.
std::expected<Varint, VarintError> decode_varint(ByteView bytes);
/// REQUIRES value < 2^63.
void append_varint(Bytes& out, std::uint64_t value);
/// Bytes append_varint takes.
std::size_t varint_size(std::uint64_t value);

enum class FrameError : std::uint8_t {
    bad_length,  ///< the length is no canonical varint
    too_long,    ///< the length is above the bound
};
struct Frame {
    ByteView message;
    std::size_t size = 0;  ///< with its length
};
/// The frame at the front of `bytes`: absent while it is not all there, an error as soon as its
/// length shows it can never be one of at most `message_bytes_max`.
std::expected<std::optional<Frame>, FrameError> find_frame(ByteView bytes,
                                                           std::size_t message_bytes_max);
/// Length and message.
void append_frame(Bytes& out, ByteView message);

}  // namespace stipple::libp2p
