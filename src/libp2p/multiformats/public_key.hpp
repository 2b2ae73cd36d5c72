// Public keys of peers, as libp2p writes them: protobuf {kind 1, data 2}.
//
// Polkadot nodes have ed25519 keys. The other kinds are recognised, so that their peer ids can be
// computed and shown; signatures are checked for ed25519 and secp256k1.
//
// Spec: libp2p: peer-ids.
#pragma once

#include "crypto/types.hpp"
#include "libp2p/multiformats/limits.hpp"

#include <expected>

namespace stipple::libp2p {

enum class KeyKind : std::uint8_t { rsa = 0, ed25519 = 1, secp256k1 = 2, ecdsa = 3 };

struct PublicKey {
    KeyKind kind = KeyKind::ed25519;
    Bytes data;  ///< ed25519: 32 bytes; secp256k1: 33, compressed; RSA, ECDSA: DER
    friend bool operator==(const PublicKey&, const PublicKey&) = default;
};
PublicKey public_key(const crypto::Ed25519Public& key);
/// Absent when it is of another kind.
std::optional<crypto::Ed25519Public> ed25519_of(const PublicKey& key);

enum class PublicKeyError : std::uint8_t {
    malformed,     ///< no protobuf, or kind or data are missing
    unknown_kind,  ///< none of KeyKind
    bad_length,    ///< not as long as a key of this kind
};
std::expected<PublicKey, PublicKeyError> decode_public_key(ByteView bytes);
/// The one deterministic form: a peer id is the hash of exactly these bytes.
Bytes encode_public_key(const PublicKey& key);

enum class KeyVerdict : std::uint8_t { valid, invalid, unsupported_kind };
/// ed25519: RFC 8032 over the message. secp256k1: DER signature of the message's SHA-256. Other
/// kinds are unsupported: no node of this network has them.
KeyVerdict verify_signature(const PublicKey& key, ByteView message, ByteView signature);

}  // namespace stipple::libp2p
