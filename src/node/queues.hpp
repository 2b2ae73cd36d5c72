// Every inbound kind of the core's inbox: how long its queue is and what happens when it is full.
//
// Job results are bounded by the jobs in flight, so that lane never refuses. Transactions come from
// RPC clients: a full lane refuses the newest, and the client is told. Reserved lanes keep finality
// moving while gossip and transactions pour in.
#pragma once

#include <array>
#include <cstddef>

namespace stipple::node {

enum class Lane : std::size_t {
    control = 0,       ///< stop requests, calls of operators (few, trusted)
    job_results = 1,   ///< what workers computed
    peers = 2,         ///< who is there, answers to our requests
    gossip = 3,        ///< what peers tell and ask
    transactions = 4,  ///< submitted extrinsics
};
inline constexpr std::size_t kLaneCount = 5;

struct LaneLimit {
    std::size_t length_max;
    const char* overflow;
};
inline constexpr std::array<LaneLimit, kLaneCount> kLaneLimits = {{
    {1024, "refused: the caller is told that the node is busy"},
    {65536, "never full: jobs in flight are fewer (kWorkerQueueMax, kChainQueueMax)"},
    {65536, "never full: connections and requests of ours are fewer (limits of network/peers)"},
    {8192, "lost, newest first: gossip comes again, a question is asked again"},
    {8192, "refused, newest first: the client is told that the pool is busy"},
}};

/// Bytes of gossip and questions of peers that wait for the core; the newest is lost.
inline constexpr std::size_t kGossipBytesMax = 64 * 1024 * 1024;
/// Jobs waiting for a worker.
inline constexpr std::size_t kWorkerQueueMax = 4096;
/// Imports, finalisations and blocks being built, waiting for the chain thread.
inline constexpr std::size_t kChainQueueMax = 1024;
static_assert(kLaneLimits[1].length_max > kWorkerQueueMax + kChainQueueMax);

}  // namespace stipple::node
