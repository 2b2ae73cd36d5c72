// A digest that says which hash made it: code varint ‖ length varint ‖ digest.
//
// Peer ids are multihashes, and so are certificate hashes in addresses and CIDs of bitswap.
// The digest is not judged: whether it is the hash of something is the reader's question.
//
// Spec: sect-networking. multiformats: multihash.
#pragma once

#include "base/bytes.hpp"
#include "libp2p/multiformats/limits.hpp"

#include <expected>

namespace stipple::libp2p {

/// Codes of the multicodec table that occur here; others are kept as numbers.
enum class HashCode : std::uint64_t {
    identity = 0x00,  ///< the digest is the data itself
    sha2_256 = 0x12,
    blake2b_256 = 0xb220,
};

enum class MultihashError : std::uint8_t {
    malformed,   ///< a varint is wrong, or the digest is cut short
    too_long,    ///< digest above kDigestBytesMax
    extra_bytes  ///< something follows the digest
};

struct Multihash {
    HashCode code = HashCode::identity;
    ByteView digest;  ///< borrowed from what was decoded
};
/// The whole of `bytes`.
std::expected<Multihash, MultihashError> decode_multihash(ByteView bytes);
Bytes encode_multihash(const Multihash&);

}  // namespace stipple::libp2p
