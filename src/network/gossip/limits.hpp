// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace stipple::network::gossip {

/// Peers kept; a further one is told nothing (the node bounds connections far below).
inline constexpr std::size_t kPeersMax = 20'000;
/// Transactions a peer is known to have (the field's number, some 500 KB); the oldest is forgotten.
inline constexpr std::size_t kKnownTransactionsMax = 10'240;
/// Blocks a peer is known to have; the oldest is forgotten.
inline constexpr std::size_t kKnownBlocksMax = 1024;
/// Transactions being validated for peers; further ones are ignored, their senders try again.
inline constexpr std::size_t kValidatingMax = 8192;
/// Peers noted per transaction being validated, and transactions one peer may have under way.
inline constexpr std::size_t kSendersPerTransactionMax = 32;
inline constexpr std::size_t kValidatingPerPeerMax = 1024;
/// Transactions of the pool one round gives a peer; the rest goes with the next.
inline constexpr std::size_t kSendsPerFlushMax = 256;
/// Peers are offered the transactions of the pool they lack at this pace, as in the field.
inline constexpr std::chrono::milliseconds kFlushInterval{2900};

}  // namespace stipple::network::gossip
