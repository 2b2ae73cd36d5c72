// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::network::requests {

/// Jobs open at a time: enough to keep the workers busy, few enough to leave them to import.
inline constexpr std::size_t kJobsMax = 8;
/// Questions waiting for a job, of all peers; the newest is refused.
inline constexpr std::size_t kWaitingMax = 256;
/// Requests of one peer that wait or are worked on.
inline constexpr std::size_t kRequestsPerPeerMax = 8;
/// Peers joined to one question (the same one asked by many at once).
inline constexpr std::size_t kAskersPerQuestionMax = 32;
/// Peers whose rate is kept; a further one is refused (the node bounds connections far below).
inline constexpr std::size_t kPeersMax = 20'000;

/// A peer may ask this many requests at once and this many per second from then on. A node that
/// syncs asks one after another, some ten a second.
inline constexpr std::uint32_t kBurstRequests = 100;
inline constexpr std::uint32_t kRequestsPerSecond = 50;

/// The same question may be answered to the same peer this often within the window.
inline constexpr std::uint32_t kSameRequestsMax = 2;
inline constexpr std::chrono::seconds kSameRequestWindow{60};
/// Questions remembered for that; the longest not asked is forgotten.
inline constexpr std::size_t kSeenRequestsMax = 4096;

/// Answers kept for the next who asks the same; the oldest goes first.
inline constexpr std::size_t kCachedAnswersMax = 512;
inline constexpr std::size_t kCachedBytesMax = 32 * 1024 * 1024;
inline constexpr std::chrono::seconds kCachedFor{10};
/// Authority sets change hourly at most, and a proof costs much to collect.
inline constexpr std::chrono::seconds kWarpCachedFor{60};

/// A job that is not answered in this time is given up (the peer has stopped waiting long ago).
inline constexpr std::chrono::seconds kJobTimeout{60};

}  // namespace stipple::network::requests
