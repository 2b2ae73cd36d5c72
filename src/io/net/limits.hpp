// Every bound of this folder, with its reason.
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace stipple::io::net {

/// What one read takes from a socket at most; larger reads save system calls.
constexpr std::size_t kReadBytes = 256 * 1024;
/// Received bytes a socket's user has left; beyond it the socket is not read.
constexpr std::size_t kUnreadBytesMax = 256 * 1024;
/// Bytes that wait for a socket; a user is offered the rest as its allowance.
constexpr std::size_t kUnsentBytesMax = 256 * 1024;
/// Sockets of a loop, unless the configuration says otherwise. Further ones are closed when
/// accepted.
constexpr std::size_t kSocketsMax = 4096;
/// Connections taken from a listener per turn, so that a flood leaves time for the others.
constexpr int kAcceptsPerTurn = 32;
/// A listener rests so long when the process has no file left.
constexpr Duration kAcceptRest = std::chrono::milliseconds(200);
/// Connections the kernel holds for us to accept.
constexpr int kBacklog = 256;
/// After our last byte a socket is read over so long for the peer's end.
constexpr Duration kLingerTime = std::chrono::seconds(3);
/// Names being resolved at once, and waiting; further dials fail.
constexpr std::size_t kResolversMax = 4;
constexpr std::size_t kResolvesWaitingMax = 256;
/// Addresses of a name that are tried.
constexpr std::size_t kAddressesPerName = 8;
/// The largest datagram received; longer ones are dropped. mDNS packets have at most 9000 bytes.
constexpr std::size_t kDatagramBytesMax = 9000;
/// Datagrams taken from a socket per turn.
constexpr int kDatagramsPerTurn = 64;

/// Of a TLS session, each: encrypted bytes not decrypted, decrypted ones not taken (and one
/// record), plain ones written in one call. A frame of the largest Noise message fits.
constexpr std::size_t kTlsBufferBytes = 72 * 1024;
/// From the first byte to a TLS session.
constexpr Duration kTlsHandshakeTime = std::chrono::seconds(10);

}  // namespace stipple::io::net
