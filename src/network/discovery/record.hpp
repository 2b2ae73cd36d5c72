// How validators find each other: signed records of their addresses in the DHT.
//
//     key    SHA-256 of the authority id
//     value  SignedAuthorityRecord {record 1, auth_signature 2,
//                                   peer_signature 3 {signature 1, public_key 2}}
//     record AuthorityRecord {addresses* 1, creation_time 2 {timestamp 1}}
//
// The authority key signs the record, so that the address is the validator's; the node key signs it
// as well, so that nobody names a node that is not theirs. All addresses name one peer. Of two
// records the newer one counts; the time is nanoseconds since the Unix epoch, SCALE u128.
//
// Spec: sect-authority-discovery. RFC-0091. Deviation: the text has the time beside the record,
// {timestamp 1, signature 2} in field 4; nodes in the field put it inside. Both are read, the
// latter is written. Records of old nodes have no time, or no peer signature; they count as oldest.
#pragma once

#include "base/uint128.hpp"
#include "crypto/sr25519.hpp"
#include "libp2p/multiformats/multiaddr.hpp"
#include "network/discovery/limits.hpp"

#include <expected>

namespace stipple::network::discovery {

using AuthorityId = crypto::Sr25519Public;
struct RecordKeyTag;
using RecordKey = FixedBytes<32, RecordKeyTag>;
RecordKey record_key(const AuthorityId& authority);

/// The bytes that are signed. `created_ns` absent: as old nodes wrote it.
Bytes encode_record(const std::vector<libp2p::Multiaddr>& addresses,
                    std::optional<uint128> created_ns);

struct PeerSignature {
    Bytes signature;
    Bytes public_key;  ///< encoded libp2p::PublicKey
    friend bool operator==(const PeerSignature&, const PeerSignature&) = default;
};
Bytes encode_signed_record(ByteView record, const crypto::Sr25519Signature& auth_signature,
                           const std::optional<PeerSignature>& peer_signature);

enum class RecordError : std::uint8_t {
    too_long,            ///< above kRecordBytesMax
    malformed,           ///< not the fields of a record
    bad_auth_signature,  ///< not signed by the authority
    bad_peer_signature,  ///< not signed by the peer its addresses name
    no_peer_signature,   ///< and the caller insists on one
    no_addresses,        ///< none that names a peer
    several_peers,       ///< the addresses name more than one
    not_checked,         ///< there was no time to: the node is overloaded
};
const char* describe(RecordError error);

struct VerifiedRecord {
    PeerId peer;
    std::vector<libp2p::Multiaddr> addresses;  ///< each ends in /p2p/<peer>; kAddressesKeptMax
    uint128 created_ns = 0;                    ///< 0: unknown
    friend bool operator==(const VerifiedRecord&, const VerifiedRecord&) = default;
};
/// Two signature checks: a job for a worker. Pure. Addresses of unknown kinds are passed over.
std::expected<VerifiedRecord, RecordError> verify_record(ByteView value,
                                                         const AuthorityId& authority,
                                                         bool needs_peer_signature);

}  // namespace stipple::network::discovery
