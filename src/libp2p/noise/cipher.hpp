// ChaCha20-Poly1305 and X25519 as Noise uses them.
//
// The nonce is the message number: four zero bytes and 64 bits little-endian. A cipher keeps its
// OpenSSL context, so that a message costs no key setup and no allocation.
//
// Spec: libp2p: noise. The Noise Protocol Framework, section 12; RFC 8439, RFC 7748.
#pragma once

#include "crypto/secret.hpp"
#include "libp2p/noise/limits.hpp"

#include <array>
#include <memory>

struct evp_cipher_ctx_st;

namespace stipple::libp2p::noise {

class ChaChaPoly {
 public:
    enum class Direction : std::uint8_t { seal, open };
    ChaChaPoly(const crypto::Secret<32>& key, Direction direction);

    /// Writes ciphertext and tag; `target` may begin where `plaintext` does. REQUIRES direction
    /// seal, target.size() == plaintext.size() + kTagBytes, at most kMessageBytesMax.
    void seal(std::uint64_t nonce, ByteView associated, ByteView plaintext, MutableByteView target);
    /// False when the tag does not fit; the target's content is then worthless. REQUIRES direction
    /// open, ciphertext.size() == target.size() + kTagBytes, at most kMessageBytesMax.
    bool open(std::uint64_t nonce, ByteView associated, ByteView ciphertext,
              MutableByteView target);

 private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const;
    };
    void start(std::uint64_t nonce, ByteView associated);

    std::unique_ptr<evp_cipher_ctx_st, Free> context_;
    Direction direction_;
};

using X25519Public = std::array<std::uint8_t, 32>;
X25519Public x25519_public(const crypto::Secret<32>& secret);
/// Absent when the shared secret is all zero: the other side sent a point of small order.
std::optional<crypto::Secret<32>> x25519(const crypto::Secret<32>& secret,
                                         const X25519Public& other);

}  // namespace stipple::libp2p::noise
