#include "io/http/workers.hpp"

#include "io/http/limits.hpp"

#include <algorithm>
#include <pthread.h>

namespace stipple::io::http {

Workers::Workers(unsigned threads, std::string thread_name) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
        threads_.emplace_back([this, name = thread_name + "-" + std::to_string(i)] {
            ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
            run();
        });
    }
}

Workers::~Workers() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        queues_.clear();
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool Workers::submit(std::uint64_t owner, Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queued_ >= kQueuedJobsMax) {
            return false;
        }
        std::deque<Job>& queue = queues_[owner];
        if (queue.size() >= kQueuedJobsPerConnectionMax) {
            return false;
        }
        queue.push_back(std::move(job));
        ++queued_;
    }
    ready_.notify_one();
    return true;
}

void Workers::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ready_.wait(lock, [this] { return stopping_ || !queues_.empty(); });
        if (stopping_) {
            return;
        }
        auto next = queues_.upper_bound(last_owner_);
        if (next == queues_.end()) {
            next = queues_.begin();
        }
        last_owner_ = next->first;
        Job job = std::move(next->second.front());
        next->second.pop_front();
        if (next->second.empty()) {
            queues_.erase(next);
        }
        --queued_;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
    }
}

}  // namespace stipple::io::http
