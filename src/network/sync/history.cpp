#include "network/sync/history.hpp"

#include "base/check.hpp"

namespace stipple::network::sync {
namespace {

BlockRef below(const DownloadedBlock& block) {
    return {block.header.parent_hash, block.header.number - 1};
}

}  // namespace

std::optional<BlockRequest> HistoryDownload::wanted() const {
    if (request_ || ready_.size() >= kHistoryAnswersMax || next_.number < gap_.lowest) {
        return std::nullopt;
    }
    BlockRequest request;
    request.parts = block_part::kHeader | block_part::kJustification;
    if (gap_.with_bodies) {
        request.parts |= block_part::kBody;
    }
    request.from = next_.hash;
    request.direction = Direction::descending;
    request.max_blocks = std::min(kHistoryBlocksPerRequest, next_.number - gap_.lowest + 1);
    return request;
}

void HistoryDownload::on_blocks(std::vector<DownloadedBlock> blocks) {
    request_.reset();
    std::erase_if(blocks, [&](const auto& block) { return block.header.number < gap_.lowest; });
    if (blocks.empty()) {
        return;
    }
    CHECK(blocks.front().hash == next_.hash);
    // The lowest wanted block is above genesis, so its parent has a number.
    next_ = below(blocks.back());
    ready_.push_back(std::move(blocks));
}

std::optional<std::vector<DownloadedBlock>> HistoryDownload::start_job(JobId job) {
    if (job_ || ready_.empty()) {
        return std::nullopt;
    }
    std::vector<DownloadedBlock> blocks = std::move(ready_.front());
    ready_.pop_front();
    job_ = Job{job, below(blocks.back()), blocks.front().from};
    return blocks;
}

std::optional<PeerKey> HistoryDownload::finish_job(bool is_stored) {
    CHECK(job_.has_value());
    const Job job = *job_;
    job_.reset();
    if (is_stored) {
        gap_.highest = job.after;
        return std::nullopt;
    }
    ready_.clear();
    request_.reset();
    next_ = gap_.highest;
    return job.from;
}

}  // namespace stipple::network::sync
