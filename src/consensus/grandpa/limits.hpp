// Every bound of this folder, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace stipple::grandpa {

/// Blocks above the finalised one that forks are judged by (about 100 bytes each): two months
/// without finality. More are not followed, so votes on them wait and are dropped.
inline constexpr std::size_t kUnfinalizedBlocksMax = 1'000'000;

/// Authority changes pending over all forks: the runtime schedules one at a time per fork, so this
/// many forks at session ends would have to be alive together. Blocks beyond it are refused.
inline constexpr std::size_t kPendingChangesMax = 1024;

/// Votes whose signatures wait for a job, and whose block is not here yet: two votes of each of
/// 1000 voters, twice. The newest is dropped; gossip brings it again.
inline constexpr std::size_t kVotesWaitingMax = 4096;
/// Commits waiting for a job or for their block; the newest is dropped.
inline constexpr std::size_t kCommitsWaitingMax = 16;
/// Votes and commits whose block has not come by itself after this are a reason to ask for it, and
/// again until it comes: sync makes one fetch of wishes for the same block.
inline constexpr std::chrono::seconds kMissingBlockPatience{3};
/// Blocks asked for at a time, those voted for first, first. Sync takes few more.
inline constexpr std::size_t kMissingBlocksMax = 16;
/// Claims one verification job takes.
inline constexpr std::size_t kClaimsPerJobMax = 1024;

/// Signatures of a warp proof verified at a time: sixteen sets of 1000 voters, some 150 ms. More
/// would gain little, and a liar's proof ends here.
inline constexpr std::size_t kSignaturesPerBatchMax = 16'000;

/// Rounds kept beside the current one, newest first: peers may ask to catch up on the last one,
/// and late precommits of it may still finalise more.
inline constexpr std::size_t kPastRoundsMax = 3;

/// Peers whose view is kept; a further one is not served (the node bounds connections far below).
inline constexpr std::size_t kPeersMax = 20'000;
/// Messages a peer is known to have, by hash; cleared when full.
inline constexpr std::size_t kKnownPerPeerMax = 4096;
/// Phases of rounds of which it is kept that a peer has had all votes: those of the present round
/// and the past ones that are kept, which follow each other but for a catch-up.
inline constexpr std::size_t kVotesHadPlaces = 2 * (kPastRoundsMax + 1);

/// Peers that get a round's votes first; the Rust node's number. The second stage is this many or
/// the square root of the number of peers.
inline constexpr std::size_t kLuckyPeers = 4;
/// Light clients in one group of those that take turns with commits, and rounds until each has had
/// its turn.
inline constexpr std::size_t kLightGroupMin = 50;
inline constexpr std::size_t kLightRounds = 5;

/// A peer this many rounds ahead in our set is asked to help us catch up.
inline constexpr std::uint64_t kCatchUpThresholdRounds = 2;
/// It may answer for so long. Another one is asked when it has not after the patience, which is
/// enough for a thousand votes over a slow link; a peer that went away delays less.
inline constexpr std::chrono::seconds kCatchUpTimeout{45};
inline constexpr std::chrono::seconds kCatchUpPatience{8};
inline constexpr std::chrono::milliseconds kCatchUpRetry{100};
/// Peers asked at a time. Their answers may come together, each verified: a few thousand votes.
inline constexpr std::size_t kCatchUpAskedMax = 4;
/// A peer's neighbour messages make us look for votes it lacks this often at most: the search costs
/// a hash per vote, the message costs the peer nothing.
inline constexpr std::chrono::milliseconds kOfferInterval{100};
/// How often our view is told again without a change.
inline constexpr std::chrono::seconds kNeighborPeriod{120};
/// A peer is not told the same view again within this: the Rust node counts that as an offence
/// below half of its period. A second more, since what counts is when it arrives.
inline constexpr std::chrono::seconds kNeighborRepeatMin{61};

}  // namespace stipple::grandpa
