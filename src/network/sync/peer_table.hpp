// The peers sync may ask, and what it knows of each.
//
// Spec: chap-sync. Bound: kPeersMax.
#pragma once

#include "base/peer.hpp"
#include "base/prng.hpp"
#include "base/time.hpp"
#include "network/sync/ancestor_search.hpp"
#include "network/sync/effects.hpp"
#include "network/sync/limits.hpp"

#include <map>

namespace stipple::network::sync {

struct Peer {
    BlockRef best;                       ///< as it says, lowered when it cannot give what it said
    std::optional<RequestId> request{};  ///< one at a time
    std::optional<AncestorSearch> search{};
    std::optional<BlockRef> common{};  ///< found by a search, a block of ours
    Instant idle_until{};              ///< after a failure
    unsigned strikes = 0;              ///< failures since its last good block
    BlockNumber bodies_from = 0;       ///< has no bodies below
    bool off_line = false;             ///< its blocks do not continue the present line
    bool other_fork = false;           ///< its best chain does not contain our finalised block
    bool dropped = false;              ///< reported for disconnection; not asked any more
    std::size_t headers_verifying = 0;

    bool is_usable() const { return !dropped && !other_fork; }
    bool is_free(Instant now) const {
        return is_usable() && !request.has_value() && idle_until <= now;
    }
};

class PeerTable {
 public:
    /// False when it is there already, or the table is full.
    bool add(PeerKey key, const BlockRef& best);
    void remove(PeerKey key);
    Peer* find(PeerKey key);
    const Peer* find(PeerKey key) const;
    std::size_t size() const { return peers_.size(); }
    auto begin() { return peers_.begin(); }
    auto end() { return peers_.end(); }
    auto begin() const { return peers_.begin(); }
    auto end() const { return peers_.end(); }

    /// One of the peers that fit, each as likely.
    template <class Fits>
    std::optional<PeerKey> pick(Prng& prng, Fits fits) const {
        std::vector<PeerKey> candidates;
        for (const auto& [key, peer] : peers_) {
            if (fits(key, peer)) {
                candidates.push_back(key);
            }
        }
        if (candidates.empty()) {
            return std::nullopt;
        }
        return candidates[prng.below(candidates.size())];
    }

 private:
    std::map<PeerKey, Peer> peers_;
};

}  // namespace stipple::network::sync
