// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::libp2p {

/// Memory taken before the bytes of a message arrive; beyond it memory follows what came.
inline constexpr std::size_t kMessageReserveBytes = 64 * 1024;
/// Once this part of a message is there, memory for the whole is taken: growing to the end by
/// doubling would cost more than all of decryption.
inline constexpr std::size_t kMessageReserveFactor = 8;

/// A ping is 32 bytes and its echo; how often one is sent and how long it may take.
inline constexpr std::size_t kPingBytes = 32;
inline constexpr std::chrono::seconds kPingInterval{15};
inline constexpr std::chrono::seconds kPingTimeout{20};

/// Bytes of an identify message we take. The nodes in the field send and take at most 4096, so
/// ours leaves addresses out until it fits into that.
inline constexpr std::size_t kIdentifyReceivedBytesMax = 16 * 1024;
inline constexpr std::size_t kIdentifySentBytesMax = 4096;
inline constexpr std::chrono::seconds kIdentifyTimeout{10};
/// What is kept of an identify message: further addresses and protocols are skipped, longer texts
/// are cut. A full node speaks about 40 names with their legacy forms.
inline constexpr std::size_t kIdentifyAddressesMax = 64;
inline constexpr std::size_t kIdentifyProtocolsMax = 256;
inline constexpr std::size_t kProtocolNameBytesMax = 256;
inline constexpr std::size_t kAgentBytesMax = 256;

/// Handshakes of notification protocols: block announces send 69 bytes; nodes take up to 1024.
inline constexpr std::size_t kHandshakeBytesMax = 1024;
/// The time a handshake may take, as in the nodes of the field.
inline constexpr std::chrono::seconds kHandshakeTimeout{10};
/// A peer that reads nothing of our notifications for so long has its substream closed.
inline constexpr std::chrono::seconds kNotificationStall{60};
/// How long a closed substream waits for the other side to close too before it is reset.
inline constexpr std::chrono::seconds kCloseLinger{5};

}  // namespace stipple::libp2p
