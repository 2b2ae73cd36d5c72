// A socket's turn as a libp2p machine sees it: the socket layer and the machines have exchanges of
// the same shape, and neither knows the other.
#pragma once

#include "io/net/handler.hpp"
#include "libp2p/byte_exchange.hpp"

namespace stipple::node {

/// `run` takes and writes bytes; the socket then knows what was read, whether that was the end of
/// what is written, and when the machine wants its next turn.
template <class Run>
void with_bytes_of(io::net::Exchange& exchange, Run&& run) {
    libp2p::ByteExchange bytes{.now = exchange.now,
                               .unread = exchange.unread,
                               .input_ended = exchange.input_ended,
                               .output = exchange.output,
                               .allowance = exchange.allowance,
                               .output_ended = false,
                               .wake_at = std::nullopt};
    run(bytes);
    exchange.take(exchange.unread.size() - bytes.unread.size());
    exchange.output_ended = bytes.output_ended;
    exchange.wake_at = bytes.wake_at;
}

}  // namespace stipple::node
