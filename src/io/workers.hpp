// Threads that run jobs: a pool, and a single thread whose jobs keep their order.
//
// A job is a function without result; what it computes goes where the job was told to put it (the
// core's inbox). Queues are bounded: `try_post` refuses when full, and the caller decides what that
// means.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stipple::io {

class WorkerPool {
 public:
    using Job = std::move_only_function<void()>;
    /// `threads` = 1 gives a serial executor: jobs run one after the other in the order posted.
    WorkerPool(std::string name, unsigned threads, std::size_t queue_max);
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    /// Finishes the jobs already taken, drops the rest, joins.
    ~WorkerPool();
    /// False when the queue is full or the pool is stopping.
    [[nodiscard]] bool try_post(Job job);
    /// Waits for room; false only when stopping. Not to be called from this pool's own threads.
    bool post(Job job);
    /// Runs what is queued to its end, then stops; later posts are refused.
    void drain_and_stop();
    std::size_t queued() const;

 private:
    void work();
    const std::string name_;
    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable has_work_;
    std::condition_variable has_room_;
    std::deque<Job> queue_;  // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    std::vector<std::thread> threads_;
};

/// Names the calling thread (15 characters are kept) for debuggers and `top -H`.
void name_this_thread(const std::string& name);

}  // namespace stipple::io
