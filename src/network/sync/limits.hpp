// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::network::sync {

/// Peers followed; a further one is ignored (the node bounds connections far below).
inline constexpr std::size_t kPeersMax = 20'000;
/// Blocks above the finalised one that are remembered, some 100 bytes each: two months without
/// finality. More are not noted, so that downloads stop there.
inline constexpr std::size_t kKnownBlocksMax = 1'000'000;

/// Blocks downloaded ahead of the last one handed to import, and waiting for import. The byte
/// bounds count encoded blocks; the front window may exceed one by a response.
inline constexpr std::uint32_t kLineBlocksMax = 2048;
inline constexpr std::size_t kLineBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kQueueBlocksMax = 2048;
inline constexpr std::size_t kQueueBytesMax = 64 * 1024 * 1024;
/// Import jobs given out at a time: one runs, one waits at the worker.
inline constexpr std::size_t kImportsInFlightMax = 2;

/// A block this far above ours, or less, is fetched by hash; above, a line is downloaded.
inline constexpr std::uint32_t kNearBlocks = 16;
/// More blocks behind than this is major sync.
inline constexpr std::uint32_t kMajorSyncBlocks = 5;
/// Peers asked for our common ancestor at a time; the first to be done starts the line.
inline constexpr std::size_t kSearchesMax = 3;

/// Fetches by hash; the newest wish is refused when full (its peer will announce again).
inline constexpr std::size_t kFetchesMax = 32;
/// Fetches one peer alone may cause, and peers noted for one fetch.
inline constexpr std::size_t kFetchesPerPeerMax = 8;
inline constexpr std::size_t kPeersPerFetchMax = 16;
/// Blocks of one fetch (a fork's length), and bytes of all fetches together.
inline constexpr std::size_t kFetchBlocksMax = 1024;
inline constexpr std::size_t kFetchBytesMax = 64 * 1024 * 1024;
/// Fetches that failed, not tried again for a while; the oldest is forgotten.
inline constexpr std::size_t kFailedFetchesMax = 256;
inline constexpr std::chrono::seconds kFailedFetchPause{30};

/// Announced headers being verified: for all peers, and caused by one.
inline constexpr std::size_t kHeadersVerifyingMax = 256;
inline constexpr std::size_t kHeadersVerifyingPerPeerMax = 4;
/// Blocks known to be bad; the oldest is forgotten (and would only be refused again).
inline constexpr std::size_t kBadBlocksMax = 1024;

/// Blocks a justification is sought for, and how many of them at a time. The highest wish is
/// dropped when full: lower ones come first anyway.
inline constexpr std::size_t kJustificationsMax = 128;
inline constexpr std::size_t kJustificationsInFlightMax = 2;
inline constexpr std::size_t kJustificationPeersTriedMax = 64;
inline constexpr std::chrono::seconds kJustificationRetry{10};

/// Failures in a row after which a peer is dropped; a block of it that imports clears them.
inline constexpr unsigned kStrikesMax = 5;
/// A peer that failed is left alone this long, times its strikes.
inline constexpr std::chrono::seconds kStrikePause{2};

/// Requests are given up after these (the field's timeouts).
inline constexpr std::chrono::seconds kBlockTimeout{20};
inline constexpr std::chrono::seconds kSearchTimeout{10};
inline constexpr std::chrono::seconds kStateTimeout{40};
inline constexpr std::chrono::seconds kWarpTimeout{10};
/// After a failure that is ours (disk, missing state), or a block from the future.
inline constexpr std::chrono::seconds kOwnFailurePause{5};
inline constexpr std::chrono::seconds kFutureBlockPause{1};

/// History is asked for in whole answers; one answer waits while the one before is stored.
inline constexpr std::uint32_t kHistoryBlocksPerRequest = 128;
inline constexpr std::size_t kHistoryAnswersMax = 2;
/// Fast sync takes the state of a finalised block when finality is this near to the peers' best.
inline constexpr std::uint32_t kStateFinalityDistance = 8;

}  // namespace stipple::network::sync
