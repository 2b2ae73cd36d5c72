// The connections there are, and which inbound ones are let in.
//
//     inbound: admit() -> unproven -> prove() -> of a peer -> remove()
//     outbound:                       prove() -> of a peer -> remove()
//
// An inbound connection counts from its first byte: all of them, those without a proved identity,
// and those from one public address. IPv6 addresses count by their /64, the least a site owns.
// Addresses that are not global are only bounded in total: test networks, proxies.
//
// Spec: sect-networking. Bounds: kInboundConnectionsMax, kInboundUnprovenMax,
// kInboundPerAddressMax.
#pragma once

#include "base/peer.hpp"
#include "base/time.hpp"
#include "libp2p/multiformats/multiaddr.hpp"
#include "network/peers/limits.hpp"

#include <map>

namespace stipple::network {

struct ConnectionTag;
/// Given by whoever owns the sockets; never used again.
using ConnectionId = StrongNumber<std::uint64_t, ConnectionTag>;

enum class InboundVerdict : std::uint8_t {
    accept,
    too_many,
    too_many_unproven,
    too_many_of_address,
};

struct ConnectionLimits {
    std::size_t inbound_max = kInboundConnectionsMax;
    std::size_t unproven_max = kInboundUnprovenMax;
    std::size_t per_address_max = kInboundPerAddressMax;
};

struct ConnectionEntry {
    bool inbound = false;
    std::optional<Bytes> site;    ///< what an inbound one is counted by
    std::optional<PeerKey> peer;  ///< once proved
    bool used = false;            ///< somebody speaks more than ping and identify on it
    bool closing = false;         ///< we asked for its end
    Instant unused_since;
};

class ConnectionTable {
 public:
    explicit ConnectionTable(const ConnectionLimits& limits) : limits_(limits) {}

    /// An inbound connection, before anything is spent on it. Adds it when accepted.
    InboundVerdict admit(ConnectionId id, const libp2p::Multiaddr& remote);
    /// Whose it is: an admitted inbound one, or a new outbound one.
    ConnectionEntry& prove(Instant now, ConnectionId id, PeerKey peer);
    ConnectionEntry* find(ConnectionId id);
    /// The entry that was there.
    std::optional<ConnectionEntry> remove(ConnectionId id);

    const std::map<ConnectionId, ConnectionEntry>& all() const { return entries_; }
    std::size_t inbound() const { return inbound_; }
    std::size_t unproven() const { return unproven_; }
    bool empty() const { return entries_.empty() && sites_.empty(); }

 private:
    ConnectionLimits limits_;
    std::map<ConnectionId, ConnectionEntry> entries_;
    std::map<Bytes, std::size_t> sites_;
    std::size_t inbound_ = 0;
    std::size_t unproven_ = 0;
};

}  // namespace stipple::network
