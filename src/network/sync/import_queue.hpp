// Blocks on their way to import: in order, each after its parent.
//
// Batches wait here and go out as jobs, kImportsInFlightMax at a time; of a job given out only the
// names are kept. Spec: chap-sync. Bounds: kQueueBlocksMax, kQueueBytesMax (has_room before push).
#pragma once

#include "network/sync/effects.hpp"
#include "network/sync/limits.hpp"

#include <deque>
#include <map>
#include <set>

namespace stipple::network::sync {

/// What is remembered of a block while a job imports it.
struct QueuedBlock {
    BlockRef block;
    BlockHash parent;
    std::optional<PeerKey> from;
};

class ImportQueue {
 public:
    struct Job {
        std::vector<QueuedBlock> blocks;
        bool is_stale = false;  ///< given out before the last flush: failures in it blame nobody
    };

    bool has_room() const { return blocks_ < kQueueBlocksMax && bytes_ < kQueueBytesMax; }
    bool contains(const BlockHash& hash) const;
    /// Blocks already here are passed over.
    void push(std::vector<DownloadedBlock> blocks);
    bool can_start() const { return !waiting_.empty() && jobs_.size() < kImportsInFlightMax; }
    /// REQUIRES can_start().
    std::vector<DownloadedBlock> start(JobId job);
    std::optional<Job> finish(JobId job);
    /// Drops what waits; what is out comes back stale.
    void flush();

    bool empty() const { return waiting_.empty() && jobs_.empty(); }
    std::size_t size() const { return hashes_.size(); }

 private:
    std::deque<std::vector<DownloadedBlock>> waiting_;
    std::map<JobId, Job> jobs_;
    std::set<BlockHash> hashes_;  ///< waiting and out
    std::size_t blocks_ = 0;      ///< waiting
    std::size_t bytes_ = 0;       ///< waiting
};

}  // namespace stipple::network::sync
