// What the user of a loop is: all calls come from the loop's thread, one at a time.
//
// A TCP socket's life, as its handler sees it:
//
//     listen ─▶ on_accept ────┐
//                             ├─▶ on_exchange, again and again ─▶ on_closed
//     dial ───▶ on_connected ─┘                                      ▲
//           └─────────────────────── failed, timed out ──────────────┘
//
// `on_exchange` has the shape of our byte streams: bytes received and not taken, and a buffer with
// an allowance. It is called after on_accept and on_connected, when bytes arrive, when the input
// ends, when there is room again after a full buffer, at the time asked by `wake_at`, and after
// `Loop::touch`. `on_closed` is the last call for a socket and comes exactly once for every socket
// that was accepted or dialled, until the loop itself is destroyed.
#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "io/net/address.hpp"

#include <optional>

namespace stipple::io::net {

struct SocketIdTag;
/// A listener, a TCP socket or a datagram socket; never used again by the same loop.
using SocketId = StrongNumber<std::uint64_t, SocketIdTag>;

struct Exchange {
    Instant now;
    /// Bytes received; take from the front.
    ByteView unread;
    /// The peer will send no more after `unread`.
    bool input_ended = false;
    /// Append at most `allowance` bytes.
    Bytes* output = nullptr;
    std::size_t allowance = 0;
    /// Set by the handler: nothing follows the output. It is sent, the writing side is closed, and
    /// the socket ends with the peer's end or kLingerTime later; on_exchange is not called again.
    bool output_ended = false;
    /// Set by the handler: the next call without any other reason; absent for none.
    std::optional<Instant> wake_at;

    void take(std::size_t count) { unread = unread.subspan(count); }
};

enum class CloseReason : std::uint8_t {
    ended,         ///< both directions ended
    by_us,         ///< Loop::close
    lost,          ///< reset by the peer, or the network failed
    refused,       ///< a dial that no address accepted
    timed_out,     ///< a dial
    unknown_name,  ///< a dial to a name without addresses
    no_place,      ///< a dial beyond the loop's bounds
};

class Handler {
 public:
    virtual ~Handler() = default;
    virtual void on_accept(Instant now, SocketId socket, SocketId listener,
                           const SocketAddress& peer) = 0;
    virtual void on_connected(Instant now, SocketId socket, const SocketAddress& peer) = 0;
    virtual void on_exchange(SocketId socket, Exchange& exchange) = 0;
    /// `detail` says more about failures, for the log.
    virtual void on_closed(Instant now, SocketId socket, CloseReason reason,
                           std::string_view detail) = 0;
    virtual void on_datagram(Instant, SocketId, const SocketAddress& /*from*/, ByteView) {}
};

}  // namespace stipple::io::net
