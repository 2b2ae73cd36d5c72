// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::beefy {

/// The least distance between two voluntary targets: a proof every 48 seconds is what light clients
/// on other chains want; the Rust node's default.
inline constexpr std::uint32_t kMinBlockDelta = 8;

/// Open votes kept of one validator. Targets double their distance while a session stalls, so an
/// honest one has a handful open; a further vote is dropped.
inline constexpr std::size_t kOpenVotesPerValidatorMax = 64;

/// Votes whose signatures wait for a job: one of each of 1000 validators, four times over. The
/// newest is dropped; gossip brings it again.
inline constexpr std::size_t kVotesWaitingMax = 4096;
/// Votes that came a little too early, because the sender is ahead by a proof or a block: kept
/// until they count instead of asking to hear them again in a minute. The newest is dropped.
inline constexpr std::size_t kVotesEarlyMax = 4096;
/// How far beyond the finalised block a vote may be to be kept so.
inline constexpr std::uint32_t kEarlyBlocksMax = 32;
/// Votes one verification job takes: about a tenth of a second of one worker.
inline constexpr std::size_t kVotesPerJobMax = 1024;
/// Gossiped proofs being verified at once; a further one is dropped.
inline constexpr std::size_t kProofJobsMax = 16;
/// Proofs that wait until their block is within reach, as many as the Rust node keeps, and their
/// signatures (65 bytes each): the newest is dropped, a mandatory one is asked for when its turn
/// comes.
inline constexpr std::size_t kProofsBufferedMax = 2400;
inline constexpr std::size_t kSignaturesBufferedMax = 400'000;

/// Peers that are served; a further one is not (the node bounds connections far below).
inline constexpr std::size_t kPeersMax = 20'000;
/// Messages a peer is known to have, by hash; the set is cleared when full.
inline constexpr std::size_t kKnownPerPeerMax = 4096;
/// How often live messages are sent again to all: a peer may have refused one as too early.
inline constexpr std::chrono::seconds kRebroadcastInterval{60};
/// After every peer was asked for a mandatory proof in vain, the next attempt.
inline constexpr std::chrono::seconds kFetchAgainAfter{12};

}  // namespace stipple::beefy
