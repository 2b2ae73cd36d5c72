// Blocks that must be finalised by a justification before sync can follow their authorities: who is
// asked, and what is being verified.
//
// The lowest block comes first: a justification is judged by the set of its time. Spec: chap-sync,
// sect-finality. Bounds: kJustificationsMax blocks (the highest gives way), of which
// kJustificationsInFlightMax are worked on; kJustificationPeersTriedMax peers remembered for each.
#pragma once

#include "base/time.hpp"
#include "network/sync/effects.hpp"
#include "network/sync/limits.hpp"

#include <map>
#include <set>

namespace stipple::network::sync {

struct WantedJustification {
    BlockRef block;
    std::optional<RequestId> request{};
    std::optional<JobId> job{};
    PeerKey from{};             ///< of what the job verifies
    std::set<PeerKey> tried{};  ///< had none, or a bad one; forgotten when everybody was tried
    Instant retry_at{};

    bool is_idle() const { return !request && !job; }
};

class JustificationRequests {
 public:
    void want(const BlockRef& block);
    /// Justified or finalised up to here: lower wishes are settled, higher ones rest no more.
    void settle(BlockNumber finalized);
    WantedJustification* find(const BlockHash& block);
    WantedJustification* find_job(JobId job);
    void release(RequestId request);
    void remove_peer(PeerKey peer);
    /// The lowest ones, in the bounds of what is worked on. Those at rest give way: nobody may ever
    /// have a justification for a fork.
    std::vector<WantedJustification*> active(Instant now);
    void note_tried(WantedJustification& wanted, PeerKey peer);
    /// When one that rests may be asked for again; absent when none rests.
    std::optional<Instant> retry_at(Instant now) const;
    std::size_t size() const { return wanted_.size(); }
    void clear();

 private:
    std::map<std::pair<BlockNumber, BlockHash>, WantedJustification> wanted_;
};

}  // namespace stipple::network::sync
