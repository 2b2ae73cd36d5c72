// One turn of a libp2p host on a socket, for the programs of this folder: bytes in and out, and
// what the host says handled until it says nothing more.
#pragma once

#include "libp2p/host/host.hpp"
#include "node/network/socket_bytes.hpp"

namespace stipple::testing {

/// `handle` takes each event and may give the host new work.
template <typename Handle>
void host_turn(libp2p::Host& host, io::net::Exchange& exchange, Handle&& handle) {
    node::with_bytes_of(exchange, [&](libp2p::ByteExchange& bytes) {
        for (bool more = true; more;) {
            host.exchange(bytes);
            auto events = host.take_events();
            more = !events.empty();
            for (auto& event : events) {
                handle(event);
            }
        }
        bytes.output_ended = bytes.output_ended || host.is_over();
    });
}

}  // namespace stipple::testing
