#include "libp2p/kademlia/messages.hpp"

#include "base/result.hpp"
#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::libp2p::kademlia {

namespace {

namespace message_field {
constexpr std::uint32_t kKind = 1;
constexpr std::uint32_t kKey = 2;
constexpr std::uint32_t kRecord = 3;
constexpr std::uint32_t kCloserPeers = 8;
constexpr std::uint32_t kProviderPeers = 9;
constexpr std::uint32_t kClusterLevel = 10;
}  // namespace message_field

namespace record_field {
constexpr std::uint32_t kKey = 1;
constexpr std::uint32_t kValue = 2;
constexpr std::uint32_t kPublisher = 666;
constexpr std::uint32_t kTtl = 777;
}  // namespace record_field

namespace peer_field {
constexpr std::uint32_t kId = 1;
constexpr std::uint32_t kAddresses = 2;
constexpr std::uint32_t kConnection = 3;
}  // namespace peer_field

/// Not used by anybody; all send it.
constexpr std::uint64_t kClusterLevelSent = 10;

std::expected<Record, MessageError> decode_record(ByteView bytes) {
    Record record;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        ByteView view;
        switch (field->number) {
            case record_field::kKey:
                view = reader.bytes(*field);
                if (view.size() > kKeyBytesMax) {
                    return std::unexpected(MessageError::too_long);
                }
                record.key = to_bytes(view);
                break;
            case record_field::kValue:
                view = reader.bytes(*field);
                if (view.size() > kValueBytesMax) {
                    return std::unexpected(MessageError::too_long);
                }
                record.value = to_bytes(view);
                break;
            case record_field::kPublisher:
                if (auto peer = decode_peer_id(reader.bytes(*field))) {
                    record.publisher = std::move(*peer);
                }
                break;
            case record_field::kTtl:
                if (const std::uint32_t seconds = reader.number32(*field); seconds > 0) {
                    record.ttl_seconds = seconds;
                }
                break;
            default:
                break;
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::malformed);
    }
    return record;
}

/// Absent when it has no valid id.
std::expected<std::optional<PeerInfo>, MessageError> decode_peer(ByteView bytes) {
    std::optional<PeerId> id;
    PeerInfo info;
    std::vector<ByteView> addresses;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == peer_field::kId) {
            if (auto peer = decode_peer_id(reader.bytes(*field))) {
                id = std::move(*peer);
            }
        } else if (field->number == peer_field::kAddresses) {
            const ByteView address = reader.bytes(*field);
            if (addresses.size() < kAddressesPerPeerMax) {
                addresses.push_back(address);
            }
        } else if (field->number == peer_field::kConnection) {
            const std::uint64_t state = reader.number(*field);
            if (state <= static_cast<std::uint64_t>(ConnectionState::cannot_connect)) {
                info.connection = static_cast<ConnectionState>(state);
            }
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::malformed);
    }
    if (!id) {
        return std::nullopt;
    }
    for (const ByteView raw : addresses) {
        const auto address = Multiaddr::decode(raw);
        if (address && !address->empty() && address->peer().value_or(*id) == *id) {
            info.addresses.push_back(address->without_peer());
        }
    }
    info.peer = std::move(*id);
    return info;
}

std::expected<void, MessageError> read_peer(ByteView bytes, std::vector<PeerInfo>& peers) {
    if (peers.size() >= kBucketSize) {
        return {};
    }
    TRY_ASSIGN(auto peer, decode_peer(bytes));
    if (peer) {
        peers.push_back(std::move(*peer));
    }
    return {};
}

ProtobufWriter encode_record(const Record& record) {
    ProtobufWriter writer;
    writer.bytes_unless_empty(record_field::kKey, record.key)
        .bytes_unless_empty(record_field::kValue, record.value);
    if (record.publisher) {
        writer.bytes(record_field::kPublisher, record.publisher->bytes);
    }
    writer.number_unless_zero(record_field::kTtl, record.ttl_seconds.value_or(0));
    return writer;
}

ProtobufWriter encode_peer(const PeerInfo& info) {
    ProtobufWriter writer;
    writer.bytes(peer_field::kId, info.peer.bytes);
    for (const Multiaddr& address : info.addresses) {
        writer.bytes(peer_field::kAddresses, address.bytes());
    }
    writer.number_unless_zero(peer_field::kConnection, static_cast<std::uint64_t>(info.connection));
    return writer;
}

}  // namespace

std::expected<Message, MessageError> decode_message(ByteView bytes) {
    if (bytes.size() > kMessageBytesMax) {
        return std::unexpected(MessageError::too_long);
    }
    Message message;
    std::uint64_t kind = 0;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        switch (field->number) {
            case message_field::kKind:
                kind = reader.number(*field);
                break;
            case message_field::kKey: {
                const ByteView key = reader.bytes(*field);
                if (key.size() > kKeyBytesMax) {
                    return std::unexpected(MessageError::too_long);
                }
                message.key = to_bytes(key);
                break;
            }
            case message_field::kRecord: {
                TRY_ASSIGN(message.record, decode_record(reader.bytes(*field)));
                break;
            }
            case message_field::kCloserPeers:
                TRY(read_peer(reader.bytes(*field), message.closer_peers));
                break;
            case message_field::kProviderPeers:
                TRY(read_peer(reader.bytes(*field), message.provider_peers));
                break;
            default:
                break;
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::malformed);
    }
    if (kind > static_cast<std::uint64_t>(MessageKind::ping)) {
        return std::unexpected(MessageError::unknown_kind);
    }
    message.kind = static_cast<MessageKind>(kind);
    return message;
}

Bytes encode_message(const Message& message) {
    ProtobufWriter writer;
    writer.number_unless_zero(message_field::kKind, static_cast<std::uint64_t>(message.kind))
        .bytes_unless_empty(message_field::kKey, message.key);
    if (message.record) {
        writer.message(message_field::kRecord, encode_record(*message.record));
    }
    for (const PeerInfo& peer : message.closer_peers) {
        writer.message(message_field::kCloserPeers, encode_peer(peer));
    }
    for (const PeerInfo& peer : message.provider_peers) {
        writer.message(message_field::kProviderPeers, encode_peer(peer));
    }
    writer.number(message_field::kClusterLevel, kClusterLevelSent);
    return writer.take();
}

}  // namespace stipple::libp2p::kademlia
