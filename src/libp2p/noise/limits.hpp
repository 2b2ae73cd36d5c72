// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>

namespace stipple::libp2p::noise {

/// Bytes of the authentication tag behind every ciphertext.
inline constexpr std::size_t kTagBytes = 16;
/// Bytes of the length before every message.
inline constexpr std::size_t kLengthBytes = 2;
/// Noise limits a message, which is what the length can say.
inline constexpr std::size_t kMessageBytesMax = 65'535;
/// Plaintext of one encrypted frame.
inline constexpr std::size_t kPlaintextBytesMax = kMessageBytesMax - kTagBytes;
/// What a frame adds to its plaintext on the wire.
inline constexpr std::size_t kFrameOverheadBytes = kLengthBytes + kTagBytes;

/// Bytes of a handshake message. Ours have at most 202; an RSA identity of 4096 bits takes 1300,
/// and extensions are lists of names.
inline constexpr std::size_t kHandshakeMessageBytesMax = 8'192;

/// Muxer names and certificate hashes kept from a payload; further ones are dropped.
inline constexpr std::size_t kExtensionItemsMax = 16;

}  // namespace stipple::libp2p::noise
