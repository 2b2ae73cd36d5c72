// What PeerSlots asks for. Whoever owns sockets and substreams does it and reports back by the
// input named at each.
//
// Spec: sect-networking. Bounds: one list holds at most a few effects per peer and connection.
#pragma once

#include "network/peers/connections.hpp"

#include <variant>

namespace stipple::network {

/// Try the addresses in order. Answered by on_proved or on_dial_failed.
struct Dial {
    PeerId peer;
    std::vector<libp2p::Multiaddr> addresses;
    friend bool operator==(const Dial&, const Dial&) = default;
};
enum class CloseReason : std::uint8_t {
    ourselves,         ///< we reached our own address
    banned,            ///< its reputation
    too_many_of_peer,  ///< a third connection
    idle,
    requested,  ///< disconnect()
};
/// Answered by on_closed.
struct CloseConnection {
    ConnectionId connection;
    CloseReason reason = CloseReason::idle;
    friend bool operator==(const CloseConnection&, const CloseConnection&) = default;
};
/// A peer is there; `connection` is the one to open substreams on.
struct PeerConnected {
    PeerKey key;
    PeerId peer;
    ConnectionId connection;
    friend bool operator==(const PeerConnected&, const PeerConnected&) = default;
};
/// Another connection of a peer that is there.
struct ConnectionJoined {
    PeerKey key;
    ConnectionId connection;
    friend bool operator==(const ConnectionJoined&, const ConnectionJoined&) = default;
};
/// Its slot and its key are gone.
struct PeerDisconnected {
    PeerKey key;
    PeerId peer;
    friend bool operator==(const PeerDisconnected&, const PeerDisconnected&) = default;
};
/// Open block announces. Answered by on_slot_open or on_slot_failed.
struct OpenSlot {
    PeerKey key;
    friend bool operator==(const OpenSlot&, const OpenSlot&) = default;
};
/// Close the notification protocols, or stop opening them; the connection stays. Not answered.
struct CloseSlot {
    PeerKey key;
    friend bool operator==(const CloseSlot&, const CloseSlot&) = default;
};

using SlotEffect = std::variant<Dial, CloseConnection, PeerConnected, ConnectionJoined,
                                PeerDisconnected, OpenSlot, CloseSlot>;
using SlotEffects = std::vector<SlotEffect>;

}  // namespace stipple::network
