// The one shape of every byte stream: what arrived, what may leave, and when it is.
//
// libp2p stacks layers on a connection: TCP, maybe WebSocket, Noise, yamux, and protocols on
// yamux's substreams. Each layer is a state machine `Step exchange(ByteExchange&)`: it takes bytes
// from the front of `unread`, appends to `output` at most `allowance` bytes, and asks to be woken.
// A layer nests by handing an inner exchange to the layer above it; nobody owns a socket. A test
// may feed one byte at a time, a fuzzer may cut anywhere.
//
// Rules for a layer: it never needs `unread` to hold more than its own named bound (a frame, a
// message) to make progress; it never appends beyond `allowance` (it waits instead); after
// `Failed` it is not called again.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"

#include <optional>

namespace stipple::libp2p {

struct ByteExchange {
    Instant now;
    /// Bytes received and not yet taken; use take().
    ByteView unread;
    /// The other side will send no more after `unread`.
    bool input_ended = false;
    /// Bytes to send; layers append.
    Bytes* output = nullptr;
    /// How many bytes may still be appended to `output`.
    std::size_t allowance = 0;
    /// Set by the layer: no more output will follow; the writing side may be closed.
    bool output_ended = false;
    /// Earliest moment the layer wants to run again without new bytes; use wake().
    std::optional<Instant> wake_at;

    /// REQUIRES count <= unread.size().
    void take(std::size_t count) { unread = unread.subspan(count); }
    /// REQUIRES bytes.size() <= allowance.
    void put(ByteView bytes) {
        append(*output, bytes);
        allowance -= bytes.size();
    }
    void wake(Instant at) {
        if (!wake_at || at < *wake_at) {
            wake_at = at;
        }
    }
};

}  // namespace stipple::libp2p
