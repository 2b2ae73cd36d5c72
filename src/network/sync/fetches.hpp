// Single blocks wanted by hash, with their unknown ancestors: new heads and forks.
//
// A fetch goes down from its target by parent hashes until it meets a block we have; then its
// blocks go to import, lowest first. A slow peer is overtaken: after kOvertakeAfter a second one is
// asked as well. Spec: chap-sync. Bounds: kFetchesMax, kFetchesPerPeerMax, kFetchBlocksMax,
// kFetchBytesMax; a wish over them is refused, a fetch that outgrows them is dropped.
#pragma once

#include "base/time.hpp"
#include "network/sync/effects.hpp"
#include "network/sync/limits.hpp"

#include <deque>
#include <map>
#include <set>

namespace stipple::network::sync {

inline constexpr std::chrono::seconds kOvertakeAfter{1};
inline constexpr std::size_t kRequestsPerFetchMax = 2;

struct Fetch {
    BlockRef target;
    std::set<PeerKey> peers;  ///< that say they have it
    bool parent_known = false;
    std::vector<DownloadedBlock> blocks{};  ///< target first, downwards
    std::set<RequestId> requests{};
    Instant asked_at{};

    /// The next block needed.
    const BlockHash& next_hash() const {
        return blocks.empty() ? target.hash : blocks.back().header.parent_hash;
    }
};

class Fetches {
 public:
    /// Notes the wish, or the further peer of an old one. False when refused.
    bool want(Instant now, const BlockRef& target, PeerKey peer, bool parent_known);
    Fetch* find(const BlockHash& target);
    bool contains(const BlockHash& target) const;
    void erase(const BlockHash& target);
    /// The peer cannot give it: it is no source of it any more, and not again for a while. A fetch
    /// without sources ends.
    void fail(Instant now, const BlockHash& target, PeerKey peer);
    void release(RequestId request);
    void remove_peer(PeerKey peer);
    /// False: over the bounds, the fetch is to be dropped.
    bool add_blocks(Fetch& fetch, std::vector<DownloadedBlock> blocks);
    void clear();

    auto begin() { return fetches_.begin(); }
    auto end() { return fetches_.end(); }
    auto begin() const { return fetches_.begin(); }
    auto end() const { return fetches_.end(); }
    std::size_t size() const { return fetches_.size(); }

 private:
    struct Failure {
        BlockHash target;
        PeerKey peer;
        Instant until;
    };
    std::map<BlockHash, Fetch> fetches_;
    std::deque<Failure> failed_;  ///< kFailedFetchesMax
    std::size_t bytes_ = 0;
};

}  // namespace stipple::network::sync
