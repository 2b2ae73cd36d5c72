// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::network {

/// Peers whose addresses and reputation are kept: several times the nodes of the largest network.
/// When full, those least worth keeping go (PeerStore says which), a sixteenth at a time.
inline constexpr std::size_t kKnownPeersMax = 10'000;
/// Addresses kept per peer; a node listens on a few. The least useful one makes room.
inline constexpr std::size_t kAddressesPerPeerMax = 8;
/// A peer with reputation 0 is forgotten when nothing was heard of it for so long ...
inline constexpr std::chrono::hours kForgetAfter{1};
/// ... unless we were connected to it within this time: it is worth trying after a restart.
inline constexpr std::chrono::hours kRememberConnectedFor{7 * 24};

/// Wait after the first dial that failed; doubles up to the longest.
inline constexpr std::chrono::seconds kDialBackOffFirst{5};
inline constexpr std::chrono::seconds kDialBackOffMax{10 * 60};
/// The longest for a peer the operator named (boot, reserved): a partition that lasted for long has
/// to end soon after the network is whole again.
inline constexpr std::chrono::seconds kNamedDialBackOffMax{20};
/// Wait before a slot is offered to a peer again after it was closed or refused.
inline constexpr std::chrono::seconds kSlotBackOff{5};
/// How often free slots are given out.
inline constexpr std::chrono::seconds kSlotAllocationInterval{1};
/// A dial or an opening that nobody reported the end of is given up after this time.
inline constexpr std::chrono::seconds kAttemptTimeout{90};

/// As in the nodes of the field: two, since both sides may dial at once.
inline constexpr std::size_t kConnectionsPerPeerMax = 2;
inline constexpr std::size_t kInboundConnectionsMax = 10'000;
/// Inbound connections from one public address (IPv6: one /64); networks behind one router share
/// it.
inline constexpr std::size_t kInboundPerAddressMax = 32;
/// Inbound connections that have not proved an identity yet.
inline constexpr std::size_t kInboundUnprovenMax = 512;
inline constexpr std::size_t kDialsMax = 16;
/// A connection nobody uses is closed after this time.
inline constexpr std::chrono::seconds kIdleTimeout{10};
inline constexpr std::size_t kReservedPeersMax = 4096;

/// Peers whose word on our address is kept, and how long it counts; the oldest makes room.
inline constexpr std::size_t kAddressWitnessesMax = 128;
inline constexpr std::chrono::hours kWitnessLifetime{2};
/// So many peers have to tell the same address.
inline constexpr std::size_t kAddressConfirmations = 3;
/// Addresses of each kind we tell others.
inline constexpr std::size_t kOwnAddressesMax = 16;

}  // namespace stipple::network
