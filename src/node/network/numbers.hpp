// What operators see of the network thread: counts since the start, and how much there is now.
// Plain numbers; whoever has them shows them (node/network_metrics.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace stipple::node {

struct NetworkNumbers {
    // since the start
    std::uint64_t incoming = 0;      ///< connections that got a place
    std::uint64_t peers_opened = 0;  ///< peers whose first connection proved who they are
    std::uint64_t peers_closed = 0;  ///< peers whose last connection ended
    std::uint64_t dials_failed = 0;  ///< connections that never came to be
    std::uint64_t bytes_in = 0;      ///< of sockets, encrypted
    std::uint64_t bytes_out = 0;
    std::uint64_t walks = 0;  ///< of the hash table's upkeep
    // now
    std::size_t pending = 0;  ///< connections nobody has proved himself on
    std::size_t slots = 0;
    std::size_t known_peers = 0;
    std::size_t banned_peers = 0;
    std::size_t addresses = 0;  ///< that we listen on or are reached at
    std::size_t records = 0;
    std::size_t record_bytes = 0;
};

}  // namespace stipple::node
