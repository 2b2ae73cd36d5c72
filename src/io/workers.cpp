#include "io/workers.hpp"

#include <pthread.h>

namespace stipple::io {

void name_this_thread(const std::string& name) {
    ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

WorkerPool::WorkerPool(std::string name, unsigned threads, std::size_t queue_max)
    : name_(std::move(name)), queue_max_(queue_max) {
    for (unsigned i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        queue_.clear();
    }
    has_work_.notify_all();
    has_room_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

void WorkerPool::drain_and_stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    has_work_.notify_all();
    has_room_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

bool WorkerPool::try_post(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= queue_max_) {
            return false;
        }
        queue_.push_back(std::move(job));
    }
    has_work_.notify_one();
    return true;
}

bool WorkerPool::post(Job job) {
    {
        std::unique_lock lock(mutex_);
        has_room_.wait(lock, [&] { return stopping_ || queue_.size() < queue_max_; });
        if (stopping_) {
            return false;
        }
        queue_.push_back(std::move(job));
    }
    has_work_.notify_one();
    return true;
}

std::size_t WorkerPool::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void WorkerPool::work() {
    name_this_thread(name_);
    for (;;) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            has_work_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) {
                return;
            }
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        has_room_.notify_one();
        job();
    }
}

}  // namespace stipple::io
