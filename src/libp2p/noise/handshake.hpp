// The libp2p Noise handshake as a layer: bytes in and out until there is a `Transport` and the
// peer's identity is proved.
//
// Three messages, each behind a length of two bytes, big-endian. The first carries no payload, the
// others the signed identity of their sender (payload.hpp). The dialer may say whom it expects.
//
// Keys are arguments: the node's identity, a static X25519 key (one per process is enough, since
// the identity signs it), and an ephemeral key that must be fresh for every handshake.
//
// Spec: sect-networking. libp2p: noise. Bounds: kHandshakeMessageBytesMax; no deadline is kept
// here.
#pragma once

#include "base/peer.hpp"
#include "libp2p/noise/payload.hpp"
#include "libp2p/noise/transport.hpp"

#include <variant>

namespace stipple::libp2p::noise {

/// Who we are, prepared once: signing costs more than the rest of a handshake's bookkeeping.
class LocalIdentity {
 public:
    LocalIdentity(const crypto::Ed25519Keypair& identity, const crypto::Secret<32>& static_key);
    const crypto::Secret<32>& static_key() const { return static_key_; }
    ByteView payload() const { return payload_; }
    const PeerId& peer() const { return peer_; }

 private:
    crypto::Secret<32> static_key_;
    Bytes payload_;
    PeerId peer_;
};

enum class HandshakeError : std::uint8_t {
    too_long,         ///< a message above kHandshakeMessageBytesMax
    too_short,        ///< a message without room for its keys and tags
    not_decrypted,    ///< a tag does not fit: no Noise XX, or bytes changed under way
    weak_key,         ///< an X25519 key of small order
    bad_payload,      ///< the payload is malformed
    bad_identity,     ///< the identity key is malformed
    unsupported_key,  ///< an identity whose signatures we cannot check
    bad_signature,    ///< the identity has not signed the static key
    unexpected_peer,  ///< another peer than the one dialled
    ended,            ///< the stream ended first
};
const char* describe(HandshakeError error);

struct NeedMore {};
struct Established {
    PeerId peer;
    PublicKey key;
    std::vector<std::string> stream_muxers;  ///< the peer's preference, when it sent one
    Transport transport;
};
using HandshakeStep = std::variant<NeedMore, Established, HandshakeError>;

class Handshake {
 public:
    struct Config {
        Role role = Role::dialer;
        /// Fresh random bytes, for this handshake only.
        crypto::Secret<32> ephemeral;
        /// Only this peer is accepted.
        std::optional<PeerId> expected_peer;
    };
    Handshake(const LocalIdentity& local, Config config);

    /// Bytes behind the last handshake message stay in `unread`, for Transport::open. Not called
    /// again after `Established`.
    HandshakeStep exchange(ByteExchange& stream);

 private:
    /// False when there is no room yet.
    std::expected<bool, HandshakeError> send(ByteExchange& stream);
    /// False when the message is not all there yet.
    std::expected<bool, HandshakeError> receive(ByteExchange& stream);
    std::expected<void, HandshakeError> accept(ByteView payload);

    HandshakeState state_;
    Bytes own_payload_;
    std::optional<PeerId> expected_peer_;
    Role role_;
    std::optional<Payload> remote_;
};

}  // namespace stipple::libp2p::noise
