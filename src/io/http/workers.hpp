// A few threads for calls that would hold up a server thread: runtime calls, proofs, key scans.
//
// The queue is fair over owners (connections): jobs are taken from owners in turn, so one client's
// thousand calls delay another client's call by one job, not by a thousand. Bounded by
// kQueuedJobsMax and kQueuedJobsPerConnectionMax; what does not fit is refused at once.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stipple::io::http {

class Workers {
 public:
    using Job = std::function<void()>;
    Workers(unsigned threads, std::string thread_name);
    /// Jobs that have not begun are dropped; waits for the running ones.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// False when the queue is full.
    [[nodiscard]] bool submit(std::uint64_t owner, Job job);

 private:
    void run();

    std::mutex mutex_;
    std::condition_variable ready_;
    std::map<std::uint64_t, std::deque<Job>> queues_;  ///< no empty ones
    std::uint64_t last_owner_ = 0;
    std::size_t queued_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace stipple::io::http
