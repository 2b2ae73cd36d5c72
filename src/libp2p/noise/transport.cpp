#include "libp2p/noise/transport.hpp"

#include "base/check.hpp"

#include <limits>

namespace stipple::libp2p::noise {

namespace {

/// The largest nonce is reserved by Noise.
constexpr std::uint64_t kFramesMax = std::numeric_limits<std::uint64_t>::max();

void write_length(MutableByteView frame) {
    const std::size_t length = frame.size() - kLengthBytes;
    CHECK(length <= kMessageBytesMax);
    frame[0] = static_cast<std::uint8_t>(length >> 8);
    frame[1] = static_cast<std::uint8_t>(length & 0xff);
}

}  // namespace

const char* describe(TransportError error) {
    switch (error) {
        case TransportError::frame_too_short:
            return "noise frame too short";
        case TransportError::not_decrypted:
            return "noise frame cannot be decrypted";
        case TransportError::nonces_exhausted:
            return "noise nonces are exhausted";
    }
    return "unknown";
}

Transport::Transport(const TransportKeys& keys, Counts counts)
    : sealer_(keys.send, ChaChaPoly::Direction::seal),
      opener_(keys.receive, ChaChaPoly::Direction::open),
      counts_(counts) {}

std::expected<std::size_t, TransportError> Transport::seal(ByteView plaintext,
                                                           ByteExchange& stream) {
    std::size_t taken = 0;
    while (taken < plaintext.size() && stream.allowance > kFrameOverheadBytes) {
        if (counts_.sent == kFramesMax) {
            return std::unexpected(TransportError::nonces_exhausted);
        }
        const std::size_t count = std::min(
            {plaintext.size() - taken, kPlaintextBytesMax, stream.allowance - kFrameOverheadBytes});
        const std::size_t start = stream.output->size();
        stream.output->resize(start + count + kFrameOverheadBytes);
        const MutableByteView frame = MutableByteView(*stream.output).subspan(start);
        write_length(frame);
        sealer_.seal(counts_.sent++, {}, plaintext.subspan(taken, count),
                     frame.subspan(kLengthBytes));
        stream.allowance -= frame.size();
        taken += count;
    }
    return taken;
}

std::expected<std::size_t, TransportError> Transport::open(ByteExchange& stream, Bytes& plaintext,
                                                           std::size_t plaintext_bytes_max) {
    std::size_t opened = 0;
    while (stream.unread.size() >= kLengthBytes) {
        const std::size_t length = load_be<std::uint16_t>(stream.unread);
        if (length < kTagBytes) {
            return std::unexpected(TransportError::frame_too_short);
        }
        const std::size_t count = length - kTagBytes;
        if (stream.unread.size() < kLengthBytes + length || count > plaintext_bytes_max - opened) {
            break;
        }
        if (counts_.received == kFramesMax) {
            return std::unexpected(TransportError::nonces_exhausted);
        }
        const std::size_t start = plaintext.size();
        plaintext.resize(start + count);
        if (!opener_.open(counts_.received++, {}, stream.unread.subspan(kLengthBytes, length),
                          MutableByteView(plaintext).subspan(start))) {
            plaintext.resize(start);
            return std::unexpected(TransportError::not_decrypted);
        }
        stream.take(kLengthBytes + length);
        opened += count;
    }
    return opened;
}

Transport::OpenFrame Transport::begin_frame(ByteExchange& stream) {
    OpenFrame frame{.inner = {.now = stream.now,
                              .unread = {},
                              .input_ended = stream.input_ended,
                              .output = stream.output,
                              .allowance = 0,
                              .output_ended = false,
                              .wake_at = {}},
                    .start = stream.output->size()};
    if (stream.allowance > kFrameOverheadBytes) {
        frame.inner.allowance =
            std::min(kPlaintextBytesMax, stream.allowance - kFrameOverheadBytes);
    }
    stream.output->resize(frame.start + kLengthBytes);
    return frame;
}

std::expected<void, TransportError> Transport::end_frame(ByteExchange& stream,
                                                         const OpenFrame& frame) {
    const std::size_t count = stream.output->size() - frame.start - kLengthBytes;
    if (count == 0) {
        stream.output->resize(frame.start);
        return {};
    }
    CHECK(count <= kPlaintextBytesMax && count + kFrameOverheadBytes <= stream.allowance);
    if (counts_.sent == kFramesMax) {
        return std::unexpected(TransportError::nonces_exhausted);
    }
    stream.output->resize(stream.output->size() + kTagBytes);
    const MutableByteView whole = MutableByteView(*stream.output).subspan(frame.start);
    write_length(whole);
    const MutableByteView body = whole.subspan(kLengthBytes);
    sealer_.seal(counts_.sent++, {}, ByteView(body).first(count), body);
    stream.allowance -= whole.size();
    return {};
}

}  // namespace stipple::libp2p::noise
