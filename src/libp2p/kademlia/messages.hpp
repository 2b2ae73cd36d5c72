// Messages of Kademlia. A substream carries them as frames (varint length), a request and its
// answer.
//
//     protobuf { type 1, key 2, record 3 { key 1, value 2, timeReceived 5, publisher 666, ttl 777
//     },
//                closerPeers 8*, providerPeers 9* { id 1, addrs 2*, connection 3 },
//                clusterLevelRaw 10 }
//
// FIND_NODE asks for the peers closest to a key, GET_VALUE and GET_PROVIDERS for those and what
// they have; PUT_VALUE is echoed, ADD_PROVIDER is not answered, PING is old.
//
// Decoding is lenient where the network is: peers without a valid id and addresses that are none
// are left out, and lists are cut at their bounds. Addresses are kept without /p2p; those that name
// another peer than theirs are dropped.
//
// Spec: sect-networking. libp2p: kad-dht. Bounds: limits.hpp, checked before memory is taken.
#pragma once

#include "base/peer.hpp"
#include "libp2p/kademlia/limits.hpp"
#include "libp2p/multiformats/multiaddr.hpp"

#include <expected>
#include <vector>

namespace stipple::libp2p::kademlia {

enum class MessageKind : std::uint8_t {
    put_value = 0,
    get_value = 1,
    add_provider = 2,
    get_providers = 3,
    find_node = 4,
    ping = 5,
};

enum class ConnectionState : std::uint8_t {
    not_connected = 0,
    connected = 1,
    can_connect = 2,
    cannot_connect = 3,
};

/// A peer as others tell of it: nothing here is proved.
struct PeerInfo {
    PeerId peer;
    std::vector<Multiaddr> addresses;
    ConnectionState connection = ConnectionState::not_connected;
    friend bool operator==(const PeerInfo&, const PeerInfo&) = default;
};

struct Record {
    Bytes key;
    Bytes value;
    /// Whoever sent it claims that this peer published it.
    std::optional<PeerId> publisher;
    /// What is left of its life, in seconds.
    std::optional<std::uint32_t> ttl_seconds;
    friend bool operator==(const Record&, const Record&) = default;
};

struct Message {
    MessageKind kind = MessageKind::find_node;
    Bytes key;
    std::optional<Record> record;
    std::vector<PeerInfo> closer_peers;
    std::vector<PeerInfo> provider_peers;
    friend bool operator==(const Message&, const Message&) = default;
};

enum class MessageError : std::uint8_t {
    malformed,     ///< no protobuf, or a field of another type
    unknown_kind,  ///< none of MessageKind
    too_long,      ///< message, key or value above their bounds
};
std::expected<Message, MessageError> decode_message(ByteView bytes);
/// Without the frame's length.
Bytes encode_message(const Message& message);

}  // namespace stipple::libp2p::kademlia
