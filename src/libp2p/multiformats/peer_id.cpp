#include "libp2p/multiformats/peer_id.hpp"

#include "crypto/hash.hpp"
#include "crypto/ss58.hpp"
#include "libp2p/multiformats/multibase.hpp"
#include "libp2p/multiformats/multihash.hpp"
#include "libp2p/multiformats/varint.hpp"

namespace stipple::libp2p {

namespace {

/// Longest key that is embedded instead of hashed.
constexpr std::size_t kEmbeddedKeyBytesMax = 42;
constexpr std::uint64_t kCidVersion1 = 0x01;
constexpr std::uint64_t kLibp2pKeyCodec = 0x72;

/// The multihash of a CIDv1 whose content is a libp2p key.
std::optional<ByteView> multihash_of_cid(ByteView cid) {
    for (const std::uint64_t expected : {kCidVersion1, kLibp2pKeyCodec}) {
        const auto number = decode_varint(cid);
        if (!number || number->value != expected) {
            return std::nullopt;
        }
        cid = cid.subspan(number->size);
    }
    return cid;
}

}  // namespace

std::expected<PeerId, PeerIdError> decode_peer_id(ByteView bytes) {
    const auto hash = decode_multihash(bytes);
    if (!hash) {
        return std::unexpected(PeerIdError::malformed_multihash);
    }
    const bool fits = hash->code == HashCode::sha2_256 ? hash->digest.size() == 32
                      : hash->code == HashCode::identity
                          ? hash->digest.size() <= kEmbeddedKeyBytesMax
                          : false;
    if (!fits) {
        return std::unexpected(PeerIdError::wrong_hash);
    }
    return PeerId{.bytes = to_bytes(bytes)};
}

std::expected<PeerId, PeerIdError> parse_peer_id(std::string_view text) {
    if (text.size() > kPeerIdTextMax) {
        return std::unexpected(PeerIdError::malformed_text);
    }
    // A base58 peer id starts with 1 (identity) or Qm (SHA-256); multibase prefixes differ.
    if (text.starts_with('1') || text.starts_with("Qm")) {
        const auto bytes = crypto::base58_decode(text);
        return bytes ? decode_peer_id(*bytes)
                     : std::expected<PeerId, PeerIdError>(
                           std::unexpected(PeerIdError::malformed_text));
    }
    const auto cid = multibase_decode(text);
    const auto multihash = cid ? multihash_of_cid(*cid) : std::nullopt;
    if (!multihash) {
        return std::unexpected(PeerIdError::malformed_text);
    }
    return decode_peer_id(*multihash);
}

std::string to_text(const PeerId& peer) {
    return crypto::base58_encode(peer.bytes);
}

PeerId peer_id_of(const PublicKey& key) {
    const Bytes encoded = encode_public_key(key);
    if (encoded.size() <= kEmbeddedKeyBytesMax) {
        return {.bytes = encode_multihash({.code = HashCode::identity, .digest = encoded})};
    }
    const auto digest = crypto::sha2_256(encoded);
    return {.bytes = encode_multihash({.code = HashCode::sha2_256, .digest = digest})};
}

PeerId peer_id_of(const crypto::Ed25519Public& key) {
    return peer_id_of(public_key(key));
}

std::optional<PublicKey> embedded_key(const PeerId& peer) {
    const auto hash = decode_multihash(peer.bytes);
    if (!hash || hash->code != HashCode::identity) {
        return std::nullopt;
    }
    auto key = decode_public_key(hash->digest);
    return key ? std::optional(std::move(*key)) : std::nullopt;
}

std::optional<crypto::Ed25519Public> ed25519_of(const PeerId& peer) {
    const auto key = embedded_key(peer);
    return key ? ed25519_of(*key) : std::nullopt;
}

}  // namespace stipple::libp2p
