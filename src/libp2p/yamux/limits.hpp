// Everything a peer can make a multiplexer hold, each with its reason.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace stipple::libp2p::yamux {

/// What either side may send on a new stream before hearing a window update; set by the
/// specification.
constexpr std::uint32_t kInitialWindow = 256 * 1024;
/// A stream's window stops growing here: 100 Mbit/s over 600 ms of round trip.
constexpr std::uint32_t kStreamWindowMax = 8 * 1024 * 1024;
/// All that the windows of one connection may grow beyond their first 256 KiB together.
constexpr std::uint64_t kWindowGrowthMax = 32 * 1024 * 1024;
/// Received, not yet taken by the protocols above. Beyond it nothing more is read from the
/// connection until they take some, whatever the windows still permit.
constexpr std::size_t kUnreadBytesMax = 16 * 1024 * 1024;

/// Streams the peer may hold open; another one is reset. The Rust node opens at most 512 in all.
constexpr std::size_t kInboundStreamsMax = 512;
constexpr std::size_t kOutboundStreamsMax = 512;
/// Streams of ours the peer has not acknowledged yet; beyond it none is opened. The Rust nodes keep
/// the same number.
constexpr std::size_t kUnacknowledgedMax = 256;

/// Written by the protocol above, not yet sent, per stream. It fills a connection for one turn of
/// an event loop; what is in flight is bounded by the peer's window.
constexpr std::size_t kSendBufferBytes = 128 * 1024;
/// Payload of a frame we send: short enough that streams take turns and window updates pass.
constexpr std::uint32_t kFramePayloadMax = 16 * 1024;
/// Pongs, resets and window updates that wait to be sent; beyond it nothing more is read.
constexpr std::size_t kControlBytesMax = 16 * 1024;
/// Events not taken yet; beyond it nothing more is read.
constexpr std::size_t kEventsMax = 1024;

/// An active connection measures its round trip this often.
constexpr Duration kPingInterval = std::chrono::seconds(10);

static_assert(kFramePayloadMax <= kInitialWindow);
static_assert(kUnacknowledgedMax <= kOutboundStreamsMax);

}  // namespace stipple::libp2p::yamux
