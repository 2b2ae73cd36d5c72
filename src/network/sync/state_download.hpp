// The state after one block, fetched in stretches of keys, each verified before the next is asked
// for.
//
// First the block itself comes (by hash, so it needs no proof), then the state: each request names
// the last key stored. Spec: sect-sync-warp, sect-msg-state-request. Bounds: one request and one
// job at a time; kStateRefusalsMax peers without an answer in a row end it (the state is pruned by
// now).
#pragma once

#include "network/sync/effects.hpp"

#include <set>

namespace stipple::network::sync {

inline constexpr unsigned kStateRefusalsMax = 8;

struct StateDownload {
    BlockRef target;
    bool is_warp = false;
    bool no_proof = false;
    std::optional<DownloadedBlock> block;  ///< the target, once it is here
    std::vector<Bytes> start;              ///< the last keys stored
    std::optional<RequestId> request;
    std::optional<JobId> job;
    PeerKey from;                    ///< of what the job verifies
    std::set<PeerKey> contributors;  ///< without proofs: who may have lied; connected peers only
    unsigned refusals = 0;
    std::size_t bytes = 0;
    bool is_complete = false;  ///< everything is stored; the block may have to come again

    bool is_idle() const { return !request && !job; }
    StateRequest next_request() const { return {target.hash, start, no_proof}; }
    std::uint32_t percent() const {
        if (is_complete) {
            return 100;
        }
        return start.empty() || start.front().empty() ? 0U : start.front().front() * 100U / 256U;
    }
};

}  // namespace stipple::network::sync
