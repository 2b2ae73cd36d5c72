// What libp2p says inside the handshake: whose static key this is.
//
//     protobuf { identity_key 1: PublicKey, identity_sig 2, extensions 4 {
//                  webtransport_certhashes 1*, stream_muxers 2* } }
//
// The identity key signs `noise-libp2p-static-key:` ‖ the X25519 static key of the same side, which
// binds the encrypted channel to the peer id. A signature is good for as long as its static key is.
//
// Spec: libp2p: noise. Bounds: kExtensionItemsMax.
#pragma once

#include "crypto/ed25519.hpp"
#include "libp2p/multiformats/public_key.hpp"
#include "libp2p/noise/cipher.hpp"

#include <expected>
#include <string>
#include <vector>

namespace stipple::libp2p::noise {

struct Payload {
    PublicKey identity_key;
    Bytes identity_signature;
    std::vector<std::string> stream_muxers;      ///< what the peer would negotiate next
    std::vector<Bytes> webtransport_certhashes;  ///< multihashes; of no use on TCP
};

enum class PayloadError : std::uint8_t {
    malformed,         ///< no protobuf, or key or signature are missing
    bad_identity_key,  ///< the key inside is none
    bad_signature,     ///< the identity has not signed this static key
    unsupported_key,   ///< an identity whose signatures we cannot check
};

std::expected<Payload, PayloadError> decode_payload(ByteView bytes);
Bytes encode_payload(const Payload& payload);

/// Of the static key; the rest is what the caller adds.
Payload signed_payload(const crypto::Ed25519Keypair& identity, const X25519Public& static_key);
std::expected<void, PayloadError> verify_payload(const Payload& payload,
                                                 const X25519Public& static_key);

}  // namespace stipple::libp2p::noise
