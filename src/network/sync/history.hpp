// The blocks below the one a warp sync began at: fetched downwards while nothing else is to do.
//
//     stored ◀─ highest missing … next ◀─ asked for … lowest
//
// Hashes link downwards from a block that is proved final, so headers need no further proof; bodies
// are checked by the node before they are stored. Spec: sect-sync-warp. Bounds: one request and one
// job at a time, kHistoryAnswersMax answers waiting.
#pragma once

#include "network/sync/effects.hpp"
#include "network/sync/limits.hpp"

#include <deque>

namespace stipple::network::sync {

class HistoryDownload {
 public:
    explicit HistoryDownload(const HistoryGap& gap) : gap_(gap), next_(gap.highest) {}

    bool is_done() const { return gap_.highest.number < gap_.lowest; }
    /// The next request; absent while one is out, enough waits, or all is here.
    std::optional<BlockRequest> wanted() const;
    void on_sent(RequestId request) { request_ = request; }
    bool is_request(RequestId request) const { return request_ == request; }
    void release(RequestId request) {
        if (request_ == request) {
            request_.reset();
        }
    }
    /// Linked blocks from the one asked for on, downwards. Those below `lowest` are cut off.
    void on_blocks(std::vector<DownloadedBlock> blocks);

    /// The next blocks to store; absent while a job is out or nothing waits.
    std::optional<std::vector<DownloadedBlock>> start_job(JobId job);
    bool is_job(JobId job) const { return job_ && job_->id == job; }
    /// REQUIRES is_job of the job in question. Not stored: everything from it on is asked anew, and
    /// the peer it came from is returned.
    std::optional<PeerKey> finish_job(bool is_stored);

    BlockNumber remaining() const { return is_done() ? 0 : gap_.highest.number - gap_.lowest + 1; }
    const HistoryGap& gap() const { return gap_; }

 private:
    struct Job {
        JobId id;
        BlockRef after;  ///< the highest missing block once it is stored
        std::optional<PeerKey> from;
    };
    HistoryGap gap_;  ///< `highest`: the highest block not stored
    BlockRef next_;   ///< the highest block not downloaded
    std::optional<RequestId> request_;
    std::deque<std::vector<DownloadedBlock>> ready_;
    std::optional<Job> job_;
};

}  // namespace stipple::network::sync
