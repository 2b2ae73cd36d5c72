// Bounds of subscriptions and of the service.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stipple::rpc {

/// Subscriptions of one connection (`--rpc-max-subscriptions-per-connection`).
inline constexpr std::uint32_t kSubscriptionsPerConnectionMax = 1024;
/// Characters of a subscription id.
inline constexpr std::size_t kSubscriptionIdLength = 16;
/// Statuses of a watched transaction that wait until its subscription is answered.
inline constexpr std::size_t kEarlyStatusesMax = 64;

}  // namespace stipple::rpc
