// One turn of a libp2p host on a socket, for the programs of this folder: bytes in and out, and
// what the host says handled until it says nothing more.
#pragma once

#include "io/net/handler.hpp"
#include "libp2p/host/host.hpp"

namespace stipple::testing {

/// `handle` takes each event and may give the host new work.
template <typename Handle>
void host_turn(libp2p::Host& host, io::net::Exchange& exchange, Handle&& handle) {
    libp2p::ByteExchange bytes{.now = exchange.now,
                               .unread = exchange.unread,
                               .input_ended = exchange.input_ended,
                               .output = exchange.output,
                               .allowance = exchange.allowance,
                               .output_ended = false,
                               .wake_at = std::nullopt};
    for (bool more = true; more;) {
        host.exchange(bytes);
        auto events = host.take_events();
        more = !events.empty();
        for (auto& event : events) {
            handle(event);
        }
    }
    exchange.take(exchange.unread.size() - bytes.unread.size());
    exchange.output_ended = bytes.output_ended || host.is_over();
    exchange.wake_at = bytes.wake_at;
}

}  // namespace stipple::testing
