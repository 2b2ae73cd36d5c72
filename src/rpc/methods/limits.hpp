// Bounds of the methods. What an answer may grow to is bounded by the answer limit of the codec.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::rpc {

/// Keys of one page, as nodes of the field have it.
inline constexpr std::uint32_t kKeysPagedMax = 1000;
/// Keys looked at while summing sizes under a prefix, counting a migration and the like.
inline constexpr std::size_t kKeysVisitedMax = 5'000'000;
/// The same for callers that may not use unsafe methods.
inline constexpr std::size_t kKeysVisitedSafeMax = 200'000;
/// Blocks in the range of one state_queryStorage.
inline constexpr std::size_t kQueryBlocksMax = 100'000;
/// Elements of a list parameter (keys, block numbers, extrinsics).
inline constexpr std::size_t kListItemsMax = 100'000;
/// Wall time of a runtime call made for a client.
inline constexpr std::chrono::milliseconds kRuntimeCallTime{30'000};
/// Transactions of one sender looked for in the pool by system_accountNextIndex.
inline constexpr std::uint32_t kPendingNoncesMax = 8192;
/// Headers visited below the leaves by archive_v1_hashByHeight.
inline constexpr std::size_t kHeadersVisitedMax = 100'000;

/// Keys compared by one step of archive_v1_storageDiff; other calls run between steps.
inline constexpr std::size_t kDiffKeysVisitedMax = 20'000;

/// Blocks one dev_newBlock may order.
inline constexpr std::uint32_t kDevBlocksMax = 1000;

}  // namespace stipple::rpc
