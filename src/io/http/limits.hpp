// Every bound of the HTTP and WebSocket server, with its reason. Those that operators may change
// are the defaults of ServerConfig.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::io::http {

/// Connections of one server; the next one is told 429 and closed (`--rpc-max-connections`).
inline constexpr std::uint32_t kConnectionsMaxDefault = 100;
/// One HTTP body or WebSocket message (`--rpc-max-request-size`).
inline constexpr std::size_t kRequestBytesMaxDefault = 15 * 1024 * 1024;
/// Request line and headers; browsers stay under 8 KiB.
inline constexpr std::size_t kHeadBytesMax = 32 * 1024;
inline constexpr std::size_t kHeadersMax = 100;
/// A chunk-size line with its extensions.
inline constexpr std::size_t kChunkLineBytesMax = 256;
/// Pushed messages that wait in one connection before it counts as a slow consumer and is dropped
/// (`--rpc-message-buffer-capacity-per-connection`).
inline constexpr std::uint32_t kPushedMessagesMaxDefault = 64;
/// The same in bytes: one storage change set may be large, a queue of them must not.
inline constexpr std::size_t kPushedBytesMax = 64 * 1024 * 1024;
/// Unsent bytes at which a connection's further requests are left in its socket.
inline constexpr std::size_t kUnsentBytesPause = 1024 * 1024;
/// Calls of one WebSocket that workers hold; more are left in its socket.
inline constexpr std::uint32_t kPendingCallsMax = 64;
/// Bytes taken from a socket at once.
inline constexpr std::size_t kReadBytes = 64 * 1024;
/// Buffers above this are given back when they run empty.
inline constexpr std::size_t kBufferKeptBytes = 256 * 1024;
/// A request must be complete this long after its first byte; an idle connection may stay.
inline constexpr std::chrono::seconds kRequestTime{60};
inline constexpr std::chrono::seconds kPingInterval{30};
/// A WebSocket that did not say anything for so long, pongs included, is closed.
inline constexpr std::chrono::seconds kSilenceMax{90};
/// A peer that takes none of what waits for it in this time is dropped.
inline constexpr std::chrono::seconds kStallMax{30};
/// After our last byte, how long the peer's remaining bytes are read over, so that closing does not
/// reset the connection under the answer.
inline constexpr std::chrono::seconds kLingerTime{2};
/// Jobs that wait for a worker; beyond, a call is refused as "server is busy".
inline constexpr std::size_t kQueuedJobsMax = 1024;
/// Jobs of one connection among them, so that none starves the others.
inline constexpr std::size_t kQueuedJobsPerConnectionMax = 128;

}  // namespace stipple::io::http
