#include "rpc/subscriptions/strand.hpp"

namespace stipple::rpc {

bool Strand::post(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= jobs_max_) {
            return false;
        }
        jobs_.push_back(std::move(job));
        if (running_) {
            return true;
        }
        running_ = true;
    }
    if (!run_slow_([this] { drain(); })) {
        // The workers are full; the next job that is posted takes this one along.
        const std::lock_guard lock(mutex_);
        running_ = false;
    }
    return true;
}

void Strand::drain() {
    std::unique_lock lock(mutex_);
    while (!jobs_.empty()) {
        const std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
    running_ = false;
}

}  // namespace stipple::rpc
