#include "network/discovery/record.hpp"

#include "crypto/hash.hpp"
#include "libp2p/multiformats/protobuf.hpp"
#include "scale/codec.hpp"

#include <algorithm>

namespace stipple::network::discovery {
namespace {

using libp2p::ProtobufReader;
using libp2p::ProtobufWriter;

constexpr std::uint32_t kRecord = 1;
constexpr std::uint32_t kAuthSignature = 2;
constexpr std::uint32_t kPeerSignature = 3;
constexpr std::uint32_t kSignedTime = 4;
constexpr std::uint32_t kSignature = 1;
constexpr std::uint32_t kPublicKey = 2;
constexpr std::uint32_t kAddresses = 1;
constexpr std::uint32_t kCreationTime = 2;
constexpr std::uint32_t kTimestamp = 1;
constexpr std::uint32_t kTimeSignature = 2;

struct SignedTime {
    ByteView timestamp;
    ByteView signature;
};
struct SignedRecord {
    ByteView record;
    ByteView auth_signature;
    std::optional<PeerSignature> peer_signature;
    std::optional<SignedTime> time;
};

std::optional<PeerSignature> read_peer_signature(ByteView bytes) {
    ProtobufReader reader(bytes);
    PeerSignature out;
    while (const auto field = reader.next()) {
        if (field->number == kSignature) {
            out.signature = to_bytes(reader.bytes(*field));
        } else if (field->number == kPublicKey) {
            out.public_key = to_bytes(reader.bytes(*field));
        }
    }
    return reader.error() ? std::nullopt : std::optional(std::move(out));
}

std::optional<SignedTime> read_time(ByteView bytes) {
    ProtobufReader reader(bytes);
    SignedTime out;
    while (const auto field = reader.next()) {
        if (field->number == kTimestamp) {
            out.timestamp = reader.bytes(*field);
        } else if (field->number == kTimeSignature) {
            out.signature = reader.bytes(*field);
        }
    }
    return reader.error() ? std::nullopt : std::optional(out);
}

/// Unreadable times count as none, as in the field.
uint128 timestamp_of(ByteView bytes) {
    return scale::decode_prefix<uint128>(bytes).value_or(0);
}

std::optional<SignedRecord> read_signed(ByteView value) {
    ProtobufReader reader(value);
    SignedRecord out;
    while (const auto field = reader.next()) {
        if (field->number == kRecord) {
            out.record = reader.bytes(*field);
        } else if (field->number == kAuthSignature) {
            out.auth_signature = reader.bytes(*field);
        } else if (field->number == kPeerSignature) {
            out.peer_signature = read_peer_signature(reader.bytes(*field));
            if (!out.peer_signature) {
                return std::nullopt;
            }
        } else if (field->number == kSignedTime) {
            out.time = read_time(reader.bytes(*field));
        }
    }
    return reader.error() ? std::nullopt : std::optional(std::move(out));
}

bool signed_by(ByteView signature, ByteView message, const AuthorityId& authority) {
    const auto typed = crypto::Sr25519Signature::from(signature);
    return typed && crypto::sr25519_verify(*typed, message, authority);
}

/// Addresses that name a peer, and the time; absent when malformed.
std::optional<VerifiedRecord> read_record(ByteView record) {
    ProtobufReader reader(record, kAddressesReadMax);
    VerifiedRecord out;
    while (const auto field = reader.next()) {
        if (field->number == kAddresses) {
            auto address = libp2p::Multiaddr::decode(reader.bytes(*field));
            if (address && address->peer()) {
                out.addresses.push_back(std::move(*address));
            }
        } else if (field->number == kCreationTime) {
            if (const auto time = read_time(reader.bytes(*field))) {
                out.created_ns = timestamp_of(time->timestamp);
            }
        }
    }
    return reader.error() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

RecordKey record_key(const AuthorityId& authority) {
    return RecordKey(crypto::sha2_256(authority).bytes);
}

Bytes encode_record(const std::vector<libp2p::Multiaddr>& addresses,
                    std::optional<uint128> created_ns) {
    ProtobufWriter out;
    for (const auto& address : addresses) {
        out.bytes(kAddresses, address.bytes());
    }
    if (created_ns) {
        ProtobufWriter time;
        time.bytes(kTimestamp, scale::encode(*created_ns));
        out.message(kCreationTime, time);
    }
    return out.take();
}

Bytes encode_signed_record(ByteView record, const crypto::Sr25519Signature& auth_signature,
                           const std::optional<PeerSignature>& peer_signature) {
    ProtobufWriter out;
    out.bytes(kRecord, record).bytes(kAuthSignature, auth_signature);
    if (peer_signature) {
        ProtobufWriter nested;
        nested.bytes(kSignature, peer_signature->signature)
            .bytes(kPublicKey, peer_signature->public_key);
        out.message(kPeerSignature, nested);
    }
    return out.take();
}

const char* describe(RecordError error) {
    switch (error) {
        case RecordError::too_long:
            return "record too long";
        case RecordError::malformed:
            return "malformed record";
        case RecordError::bad_auth_signature:
            return "not signed by the authority";
        case RecordError::bad_peer_signature:
            return "not signed by the peer it names";
        case RecordError::no_peer_signature:
            return "no signature of the peer";
        case RecordError::no_addresses:
            return "no address names a peer";
        case RecordError::several_peers:
            return "addresses name several peers";
        case RecordError::not_checked:
            return "not checked, the node is overloaded";
    }
    return "unknown";
}

std::expected<VerifiedRecord, RecordError> verify_record(ByteView value,
                                                         const AuthorityId& authority,
                                                         bool needs_peer_signature) {
    if (value.size() > kRecordBytesMax) {
        return std::unexpected(RecordError::too_long);
    }
    const auto signed_record = read_signed(value);
    if (!signed_record) {
        return std::unexpected(RecordError::malformed);
    }
    if (!signed_by(signed_record->auth_signature, signed_record->record, authority)) {
        return std::unexpected(RecordError::bad_auth_signature);
    }
    auto record = read_record(signed_record->record);
    if (!record) {
        return std::unexpected(RecordError::malformed);
    }
    if (record->addresses.empty()) {
        return std::unexpected(RecordError::no_addresses);
    }
    record->peer = *record->addresses.front().peer();
    if (!std::ranges::all_of(record->addresses, [&](const auto& address) {
            return *address.peer() == record->peer;
        })) {
        return std::unexpected(RecordError::several_peers);
    }
    if (signed_record->peer_signature) {
        const auto key = libp2p::decode_public_key(signed_record->peer_signature->public_key);
        if (!key || libp2p::peer_id_of(*key) != record->peer ||
            libp2p::verify_signature(*key, signed_record->record,
                                     signed_record->peer_signature->signature) !=
                libp2p::KeyVerdict::valid) {
            return std::unexpected(RecordError::bad_peer_signature);
        }
    } else if (needs_peer_signature) {
        return std::unexpected(RecordError::no_peer_signature);
    }
    // The form of the RFC's text: the time stands beside the record under its own signature.
    const auto& time = signed_record->time;
    if (record->created_ns == 0 && time && signed_by(time->signature, time->timestamp, authority)) {
        record->created_ns = timestamp_of(time->timestamp);
    }
    record->addresses.resize(std::min(record->addresses.size(), kAddressesKeptMax));
    return std::move(*record);
}

}  // namespace stipple::network::discovery
