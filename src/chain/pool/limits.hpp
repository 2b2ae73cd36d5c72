// Every bound of the transaction pool.
//
// Transactions come from anybody, so whatever they can grow is bounded here or in PoolConfig, whose
// defaults are these. Counts and times are those of the field, so that a transaction lives equally
// long everywhere.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace stipple::chain::pool {

/// `--pool-limit` and `--pool-kbytes`. Overflow drops the lowest priority, the oldest among equals,
/// with everything that depends on it.
inline constexpr std::size_t kReadyCountMax = 8192;
inline constexpr std::size_t kReadyBytesMax = 20480 * 1024;
/// The future queue gets a tenth of both. Overflow drops the oldest.
inline constexpr std::size_t kFutureShare = 10;

/// How long an invalid, dropped or included transaction is refused (`--tx-ban-seconds`).
inline constexpr Duration kBanTime = std::chrono::minutes(30);
/// Bans kept, as a multiple of the transactions both queues hold; the oldest make room.
inline constexpr std::size_t kBansPerTransaction = 2;

/// Validations asked for and not answered yet, and the bytes they hold. Overflow refuses the
/// submission ("Immediately Dropped").
inline constexpr std::size_t kValidationsMax = 4096;
inline constexpr std::size_t kValidationBytesMax = 32 * 1024 * 1024;

/// Blocks with watched transactions that wait for finality; an older one gets `finalityTimeout`.
inline constexpr std::size_t kFinalityWatchBlocksMax = 512;
/// Watched transactions; further ones are submitted without a watch being kept.
inline constexpr std::size_t kWatchedMax = 8192;

/// All ready transactions are validated again after so many blocks or so much time, whichever is
/// first, and after a retraction; in batches of at least kRevalidationBatchMin or a quarter.
inline constexpr std::uint32_t kRevalidationBlocks = 20;
inline constexpr Duration kRevalidationTime = std::chrono::seconds(60);
inline constexpr Duration kRevalidationPause = std::chrono::milliseconds(200);
inline constexpr std::size_t kRevalidationBatchMin = 20;

/// What one transaction may bring from the runtime: real ones have one tag of 44 bytes or so.
inline constexpr std::size_t kTagsMax = 1024;
inline constexpr std::size_t kTagBytesMax = 64 * 1024;

/// Tags of the last blocks count as provided, for transactions that arrive late.
inline constexpr std::size_t kPrunedTagBlocks = 2;

static_assert(kRevalidationBatchMin < kValidationsMax);

}  // namespace stipple::chain::pool
