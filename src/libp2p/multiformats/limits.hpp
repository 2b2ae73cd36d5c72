// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>

namespace stipple::libp2p {

/// Bytes of an unsigned varint: the multiformats specification stops at 63 bits.
inline constexpr std::size_t kVarintBytesMax = 9;

/// Fields a protobuf message may have, unless its reader says otherwise. Messages here have tens;
/// only lists (blocks, peers, addresses) have more, and their readers bound those lists themselves.
inline constexpr std::size_t kProtobufFieldsMax = 65'536;

/// Bytes of a multihash digest: SHA-512 is the longest in use.
inline constexpr std::size_t kDigestBytesMax = 64;

/// Bytes of a public key in its protobuf form: RSA of 8192 bits takes some 1100.
inline constexpr std::size_t kPublicKeyBytesMax = 4096;

/// Characters of a peer id: a 64-byte digest takes some 110 as a base32 CID.
inline constexpr std::size_t kPeerIdTextMax = 128;

/// Bytes of one multiaddr, parts in it, and characters of its text. Real ones have at most some 200
/// bytes (webrtc-direct with two certificate hashes) and eight parts.
inline constexpr std::size_t kMultiaddrBytesMax = 512;
inline constexpr std::size_t kMultiaddrPartsMax = 16;
inline constexpr std::size_t kMultiaddrTextMax = 1024;
/// Bytes of a name in an address: what DNS allows.
inline constexpr std::size_t kDnsNameBytesMax = 253;

}  // namespace stipple::libp2p
