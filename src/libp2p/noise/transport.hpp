// The encrypted stream after a Noise handshake.
//
//     frame:  length u16 big-endian ‖ ciphertext ‖ tag 16          length = ciphertext and tag
//
// Frames carry up to 65519 bytes of plaintext and have no meaning of their own: the plaintexts of
// one direction are one byte stream. Each direction counts its frames, and the count is the nonce,
// so frames cannot be dropped, repeated or reordered.
//
// Bytes are encrypted on their way from one buffer to the next, or in place; nothing is copied
// besides. In place, the layer above writes straight into the socket's buffer:
//
//     auto frame = transport.begin_frame(outer);
//     above.exchange(frame.inner);                     // its output goes behind the length
//     TRY(transport.end_frame(outer, frame));
//
// Spec: libp2p: noise. Bounds: a frame is all that is ever needed of `unread`.
#pragma once

#include "libp2p/byte_exchange.hpp"
#include "libp2p/noise/handshake_state.hpp"

namespace stipple::libp2p::noise {

enum class TransportError : std::uint8_t {
    frame_too_short,   ///< a frame without room for a tag
    not_decrypted,     ///< the tag does not fit
    nonces_exhausted,  ///< 2^64 - 1 frames went one way; the connection has to be made anew
};
const char* describe(TransportError error);

class Transport {
 public:
    /// Frames each direction has behind it.
    struct Counts {
        std::uint64_t sent = 0;
        std::uint64_t received = 0;
    };
    explicit Transport(const TransportKeys& keys, Counts counts = {0, 0});

    /// Appends frames with as much of `plaintext` as the allowance takes; says how much that was.
    std::expected<std::size_t, TransportError> seal(ByteView plaintext, ByteExchange& stream);

    /// Takes whole frames from `unread` while their plaintext fits into `plaintext_bytes_max` more
    /// bytes, and appends it; says how many bytes that were. A room of kPlaintextBytesMax always
    /// makes progress.
    std::expected<std::size_t, TransportError> open(ByteExchange& stream, Bytes& plaintext,
                                                    std::size_t plaintext_bytes_max);

    /// A frame that the layer above fills in place.
    struct OpenFrame {
        /// Writes behind the length, into the output of the outer stream. Its input is empty: the
        /// caller sets that, and passes `output_ended` and `wake_at` on.
        ByteExchange inner;
        std::size_t start = 0;  ///< where the frame begins in the output
    };
    /// `inner` has no allowance when the stream has no room for a frame.
    OpenFrame begin_frame(ByteExchange& stream);
    /// Encrypts what was appended; an empty frame leaves no trace.
    std::expected<void, TransportError> end_frame(ByteExchange& stream, const OpenFrame& frame);

    const Counts& counts() const { return counts_; }

 private:
    ChaChaPoly sealer_;
    ChaChaPoly opener_;
    Counts counts_;
};

}  // namespace stipple::libp2p::noise
