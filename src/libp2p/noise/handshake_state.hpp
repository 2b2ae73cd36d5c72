// The pure Noise handshake Noise_XX_25519_ChaChaPoly_SHA256: messages in and out, no libp2p in it.
//
//     dialer                       listener
//       e                  ─────▶              ephemeral key, in the clear
//              ◀─────   e, ee, s, es           the listener's static key, encrypted
//       s, se              ─────▶              the dialer's static key, encrypted
//
// Every message carries a payload, encrypted as soon as there is a key. All that was sent is hashed
// into the encryption of what follows, so both sides agree on the whole exchange or fail.
//
// Spec: libp2p: noise. The Noise Protocol Framework, sections 5 and 7.
#pragma once

#include "crypto/hash.hpp"
#include "libp2p/noise/cipher.hpp"

#include <expected>

namespace stipple::libp2p::noise {

enum class Role : std::uint8_t { dialer, listener };

enum class NoiseError : std::uint8_t {
    too_short,      ///< the message ends inside a key or tag
    not_decrypted,  ///< a tag does not fit: another key, or bytes changed under way
    weak_key,       ///< a key of the other side gives an all-zero secret
};

/// Keys of the two directions after the handshake.
struct TransportKeys {
    crypto::Secret<32> send;
    crypto::Secret<32> receive;
};

class HandshakeState {
 public:
    struct Keys {
        crypto::Secret<32> fixed;      ///< our static key
        crypto::Secret<32> ephemeral;  ///< fresh for every handshake, never used again
    };
    HandshakeState(Role role, Keys keys, ByteView prologue = {});

    /// Our turn and not finished, or theirs.
    bool may_write() const;
    bool finished() const;
    /// Appends the next message. REQUIRES may_write().
    std::expected<void, NoiseError> write_message(ByteView payload, Bytes& out);
    /// The payload of the next message. REQUIRES !may_write() and !finished(). After an error the
    /// state is of no further use.
    std::expected<Bytes, NoiseError> read_message(ByteView message);

    /// Bytes write_message will add to the payload. REQUIRES may_write().
    std::size_t overhead() const;
    /// Known once their message with it was read.
    const std::optional<X25519Public>& remote_static() const { return remote_static_; }
    /// Names the finished exchange. REQUIRES finished().
    const crypto::Hash256& hash() const;
    /// REQUIRES finished().
    TransportKeys split() const;

 private:
    enum class Token : std::uint8_t { e, s, ee, es, se };
    static std::span<const Token> pattern(std::size_t message);

    void mix_hash(ByteView data);
    void mix_key(ByteView input);
    std::expected<void, NoiseError> mix_dh(Token token);
    void encrypt_and_hash(ByteView plaintext, Bytes& out);
    std::expected<Bytes, NoiseError> decrypt_and_hash(ByteView ciphertext);

    Role role_;
    Keys keys_;
    X25519Public static_public_;
    X25519Public ephemeral_public_;
    std::optional<X25519Public> remote_static_;
    std::optional<X25519Public> remote_ephemeral_;
    std::size_t message_ = 0;  ///< messages done

    crypto::Hash256 hash_;
    crypto::Secret<32> chaining_key_;
    std::optional<crypto::Secret<32>> cipher_key_;
    std::uint64_t nonce_ = 0;
};

}  // namespace stipple::libp2p::noise
