// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::libp2p::mdns {

/// Bytes of a packet that is read: what multicast DNS allows at most.
inline constexpr std::size_t kPacketBytesMax = 9000;
/// Bytes of a packet we send: it fits into an Ethernet frame.
inline constexpr std::size_t kSentPacketBytesMax = 1400;
/// Questions and records read of one packet; others are refused as a whole.
inline constexpr std::size_t kEntriesMax = 128;
/// Bytes of a domain name and of its labels, and how often one may point elsewhere.
inline constexpr std::size_t kNameBytesMax = 255;
inline constexpr std::size_t kLabelBytesMax = 63;
inline constexpr std::size_t kPointersMax = 16;
/// Bytes of a string in a TXT record.
inline constexpr std::size_t kTextBytesMax = 255;

/// Peers of the local network that are remembered; a further one is not until others expire.
inline constexpr std::size_t kPeersMax = 256;
inline constexpr std::size_t kAddressesPerPeerMax = 16;
/// Our own addresses that are told.
inline constexpr std::size_t kOwnAddressesMax = 32;

/// How long an answer of ours is good for; what others say is cut to the maximum.
inline constexpr std::chrono::seconds kLifetime{360};
inline constexpr std::chrono::seconds kLifetimeMax{3600};
/// First wait between queries; it doubles up to the configured interval.
inline constexpr std::chrono::seconds kFirstInterval{1};
/// Answers wait a little, at random, so that not all speak at once, and a second after the last
/// one.
inline constexpr std::chrono::milliseconds kAnswerDelayMin{20};
inline constexpr std::chrono::milliseconds kAnswerDelaySpread{100};
inline constexpr std::chrono::seconds kAnswerGap{1};

}  // namespace stipple::libp2p::mdns
