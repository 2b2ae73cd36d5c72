// Jobs that run on workers, one after the other and in the order they were given.
//
// What the node publishes must reach subscribers in order, although states are read to tell it.
// Bounded by `jobs_max`. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace stipple::rpc {

/// Runs a job soon on another thread; false: no room.
using RunSlow = std::function<bool(std::function<void()>)>;

class Strand {
 public:
    /// `run_slow` must not run what it took after this has gone.
    Strand(RunSlow run_slow, std::size_t jobs_max)
        : run_slow_(std::move(run_slow)), jobs_max_(jobs_max) {}

    /// False when it is full. REQUIRES that no lock is held which the job takes: without workers
    /// it runs here.
    [[nodiscard]] bool post(std::function<void()> job);

 private:
    void drain();

    const RunSlow run_slow_;
    const std::size_t jobs_max_;
    std::mutex mutex_;
    std::deque<std::function<void()>> jobs_;
    bool running_ = false;
};

}  // namespace stipple::rpc
