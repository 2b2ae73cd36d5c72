#include "network/sync/import_queue.hpp"

#include "base/check.hpp"

namespace stipple::network::sync {

void ImportQueue::push(std::vector<DownloadedBlock> blocks) {
    std::erase_if(blocks, [&](const auto& block) { return !hashes_.insert(block.hash).second; });
    if (blocks.empty()) {
        return;
    }
    for (const auto& block : blocks) {
        ++blocks_;
        bytes_ += block.bytes;
    }
    waiting_.push_back(std::move(blocks));
}

std::vector<DownloadedBlock> ImportQueue::start(JobId id) {
    CHECK(can_start());
    std::vector<DownloadedBlock> blocks = std::move(waiting_.front());
    waiting_.pop_front();
    Job job;
    for (const auto& block : blocks) {
        --blocks_;
        bytes_ -= block.bytes;
        job.blocks.push_back({block.ref(), block.header.parent_hash, block.from});
    }
    jobs_.emplace(id, std::move(job));
    return blocks;
}

std::optional<ImportQueue::Job> ImportQueue::finish(JobId id) {
    auto found = jobs_.extract(id);
    if (found.empty()) {
        return std::nullopt;
    }
    for (const auto& queued : found.mapped().blocks) {
        hashes_.erase(queued.block.hash);
    }
    return std::move(found.mapped());
}

void ImportQueue::flush() {
    waiting_.clear();
    blocks_ = 0;
    bytes_ = 0;
    hashes_.clear();
    for (auto& [id, job] : jobs_) {
        job.is_stale = true;
        for (const auto& queued : job.blocks) {
            hashes_.insert(queued.block.hash);
        }
    }
}

bool ImportQueue::contains(const BlockHash& hash) const {
    return hashes_.contains(hash);
}

}  // namespace stipple::network::sync
