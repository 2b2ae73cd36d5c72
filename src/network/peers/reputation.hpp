// What we think of a peer: one number that forgets.
//
// Conduct changes it; every whole second it moves a two-hundredth towards 0, at least by 1. From
// either end of the scale it is 0 after 3544 seconds. Below kBannedBelow a peer is neither dialled
// nor accepted, and is disconnected; from the bottom of the scale that lasts 69 seconds. Scale,
// threshold and decay are those of the nodes of the field, so that a penalty means the same here.
//
// `changes` names what connections, gossip and finality cost and earn; the weights of sync and
// transactions are in network/messages/conduct.hpp.
//
// Spec: sect-networking (reputation is left to implementations). Bounds: none needed, a number.
#pragma once

#include "base/time.hpp"

#include <limits>
#include <string_view>

namespace stipple::network {

inline constexpr std::int32_t kReputationLowest = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int32_t kBannedBelow = 71 * (kReputationLowest / 100);

/// `value` after so many whole seconds.
std::int32_t decayed(std::int32_t value, std::uint64_t seconds);

class Reputation {
 public:
    std::int32_t value(Instant now) const;
    bool banned(Instant now) const { return value(now) < kBannedBelow; }
    /// Saturates at both ends.
    void change(Instant now, std::int32_t by);
    /// Brings the stored value up to date, so that later questions are cheap.
    void settle(Instant now);

 private:
    std::int32_t value_ = 0;
    std::uint64_t second_ = 0;  ///< the whole second of the clock that value_ is of
};

struct ReputationChange {
    std::int32_t value = 0;
    std::string_view reason;
};

namespace changes {

/// Ends the connection and bans from any score.
constexpr ReputationChange fatal(std::string_view reason) {
    return {kReputationLowest, reason};
}
inline constexpr ReputationChange kDisconnected{-256, "disconnected"};
inline constexpr ReputationChange kOpenFailed{-1024, "could not open a substream"};
inline constexpr ReputationChange kUnexpectedData =
    fatal("data on an outgoing notification substream");

namespace gossip {
inline constexpr ReputationChange kNewMessage{1 << 4, "new gossip"};
inline constexpr ReputationChange kDuplicate{-(1 << 2), "duplicate gossip"};
}  // namespace gossip

namespace grandpa {
inline constexpr ReputationChange kPastMessage{-50, "grandpa: past message"};
inline constexpr ReputationChange kBadSignature{-100, "grandpa: bad signature"};
inline constexpr ReputationChange kMalformedCatchUp{-1000, "grandpa: malformed catch-up"};
inline constexpr ReputationChange kMalformedCommit{-1000, "grandpa: malformed commit"};
inline constexpr ReputationChange kFutureMessage{-500, "grandpa: future message"};
inline constexpr ReputationChange kUnknownVoter{-150, "grandpa: unknown voter"};
inline constexpr ReputationChange kInvalidViewChange{-500, "grandpa: invalid view change"};
inline constexpr ReputationChange kDuplicateNeighbor{-500, "grandpa: neighbor message too soon"};
inline constexpr ReputationChange kInvalidCatchUp{-5000, "grandpa: invalid catch-up"};
inline constexpr ReputationChange kInvalidCommit{-5000, "grandpa: invalid commit"};
inline constexpr ReputationChange kOutOfScope{-500, "grandpa: out of scope"};
inline constexpr ReputationChange kCatchUpTimeout{-200, "grandpa: catch-up request timed out"};
inline constexpr ReputationChange kCatchUpReply{-200, "grandpa: a catch-up reply costs us"};
inline constexpr ReputationChange kHonestOutOfScopeCatchUp{-200, "grandpa: catch-up out of scope"};
inline constexpr std::int32_t kPerUndecodableByte = -5;
inline constexpr std::int32_t kPerSignatureChecked = -25;
inline constexpr std::int32_t kPerBlockLoaded = -10;

inline constexpr ReputationChange kNeighborMessage{100, "grandpa: neighbor message"};
inline constexpr ReputationChange kRoundMessage{100, "grandpa: round message"};
inline constexpr ReputationChange kCatchUpMessage{200, "grandpa: catch-up message"};
inline constexpr ReputationChange kCommit{100, "grandpa: commit"};
inline constexpr std::int32_t kPerEquivocation = 10;
}  // namespace grandpa

}  // namespace changes
}  // namespace stipple::network
