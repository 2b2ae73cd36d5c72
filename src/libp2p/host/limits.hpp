// Every bound of this folder, with its reason. All are per connection.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::libp2p {

/// Events that wait to be taken, by number and by the bytes they carry; beyond it substreams are
/// not read, so that windows close and the peer waits. The last event may exceed the bytes.
inline constexpr std::size_t kHostEventsMax = 256;
inline constexpr std::size_t kHostEventBytesMax = 4 * 1024 * 1024;

/// Our requests under way; a further one fails with `overloaded`.
inline constexpr std::size_t kRequestsOutMax = 128;
/// Requests of the peer being read or waiting for their answer, in all and of one protocol; a
/// further one is reset. Nodes ask one thing after the other; Kademlia a few at once.
inline constexpr std::size_t kRequestsInMax = 64;
inline constexpr std::size_t kRequestsInPerProtocolMax = 16;
/// Bytes of requests half read; the one that exceeds it is reset. Eight of the largest.
inline constexpr std::size_t kRequestBytesHeldMax = 8 * 1024 * 1024;
/// Bytes of answers half sent; an answer that exceeds it is a refusal instead. Two of the largest:
/// a peer asks for blocks only as fast as it reads them. What all peers hold together is bounded by
/// whoever owns the hosts (answer_bytes).
inline constexpr std::size_t kAnswerBytesHeldMax = 32 * 1024 * 1024;

/// Pings, identify and pushes the peer may have open at once; a further one is reset.
inline constexpr std::size_t kSmallSubstreamsMax = 4;
/// Substreams that are done here and wait for the peer's end; the oldest is reset.
inline constexpr std::size_t kDrainingMax = 64;

/// Messages of Kademlia, as other nodes bound them, and the time for an answer.
inline constexpr std::size_t kKademliaMessageBytesMax = 70 * 1024;
inline constexpr std::chrono::seconds kKademliaTimeout{10};

/// A connection whose pings fail and of which nothing was heard for so long is given up.
inline constexpr std::chrono::seconds kSilenceMax{60};
/// Turns of one exchange; what is left is done in the next one.
inline constexpr int kTurnsMax = 64;

}  // namespace stipple::libp2p
