// Bounds of subscriptions and of the service.
#pragma once

#include "primitives/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::rpc {

/// Subscriptions of one connection (`--rpc-max-subscriptions-per-connection`).
inline constexpr std::uint32_t kSubscriptionsPerConnectionMax = 1024;
/// Characters of a subscription id.
inline constexpr std::size_t kSubscriptionIdLength = 16;
/// Statuses of a watched transaction that wait until its subscription is answered.
inline constexpr std::size_t kEarlyStatusesMax = 64;

/// Notifications of one chainHead, archive or transaction subscription that wait for its peer.
inline constexpr std::size_t kOutboxMessagesMax = 1024;

// ---- chainHead_v1: as nodes of the field have them ----
/// Follow subscriptions of one connection.
inline constexpr std::uint32_t kFollowsPerConnectionMax = 4;
/// Blocks pinned by all follow subscriptions together.
inline constexpr std::size_t kPinnedBlocksMax = 512;
/// When there is no room for another pin, subscriptions with an older one than this are stopped.
inline constexpr std::chrono::seconds kPinnedTimeMax{60};
/// Operations of one follow subscription that may be under way; an item of a storage query is one.
inline constexpr std::size_t kOperationsMax = 16;
/// A leaf farther above the finalised block than this: nobody can follow.
inline constexpr BlockNumber kFollowLagMax = 128;
/// Finalised blocks told when following begins.
inline constexpr std::size_t kFollowFinalizedMax = 16;
/// Blocks above finality that one follow subscription was told of.
inline constexpr std::size_t kFollowedBlocksMax = kPinnedBlocksMax - kFollowFinalizedMax;
/// Chain events that wait to be told; beyond, every follow subscription is stopped.
inline constexpr std::size_t kFollowEventsMax = 1024;
/// Bytes of one notification with storage items, about.
inline constexpr std::size_t kStorageItemsBytes = 64 * 1024;
/// Bytes of storage items after which an operation waits for chainHead_v1_continue.
inline constexpr std::size_t kOperationBytes = 1024 * 1024;

// ---- transactions ----
/// Transactions that one connection has broadcast under way.
inline constexpr std::size_t kBroadcastsPerConnectionMax = 16;
/// Statuses of watched transactions that wait to be told.
inline constexpr std::size_t kTransactionEventsMax = 8192;

}  // namespace stipple::rpc
