// Bytes as text that names its alphabet with the first character.
//
// Certificate hashes in addresses use base64url (`u`), CIDs base32 (`b`); base58btc (`z`) is read
// too. Peer ids are base58btc without the prefix (peer_id.hpp).
//
// Spec: multiformats: multibase. RFC 4648, without padding.
#pragma once

#include "base/bytes.hpp"

namespace stipple::libp2p {

/// `u` and base64url.
std::string multibase_base64url(ByteView bytes);
/// `b` and lower-case base32.
std::string multibase_base32(ByteView bytes);
/// Prefixes u, b and z; absent for others, for characters outside the alphabet and for bits left
/// over that are not zero.
std::optional<Bytes> multibase_decode(std::string_view text);

}  // namespace stipple::libp2p
