// Peer ids: the multihash of a public key in its protobuf form.
//
//     ed25519:  00 24 08 01 12 20 ‖ key                   (the key itself; text 12D3KooW…)
//     RSA:      12 20 ‖ SHA-256 of the encoded key        (text Qm…)
//
// Keys of at most 42 encoded bytes are embedded (identity hash), longer ones hashed. Text is
// base58btc; the CIDv1 form (`bafz…`) is read too.
//
// Spec: libp2p: peer-ids.
#pragma once

#include "base/peer.hpp"
#include "libp2p/multiformats/public_key.hpp"

namespace stipple::libp2p {

enum class PeerIdError : std::uint8_t {
    malformed_text,       ///< neither base58btc nor a CID of a libp2p key
    malformed_multihash,  ///< cut short, too long, or followed by more
    wrong_hash,           ///< neither identity nor SHA-256, or a digest of another length
};
/// Takes ids of keys of every kind; the key inside an identity hash is not judged.
std::expected<PeerId, PeerIdError> decode_peer_id(ByteView bytes);
std::expected<PeerId, PeerIdError> parse_peer_id(std::string_view text);
std::string to_text(const PeerId& peer);

PeerId peer_id_of(const PublicKey& key);
PeerId peer_id_of(const crypto::Ed25519Public& key);
/// The key an id embeds; absent when the id is a hash, or embeds no valid key.
std::optional<PublicKey> embedded_key(const PeerId& peer);
std::optional<crypto::Ed25519Public> ed25519_of(const PeerId& peer);

}  // namespace stipple::libp2p
