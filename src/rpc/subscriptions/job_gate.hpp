// Lets an owner go away while jobs that refer to it still stand in a queue: jobs that have begun
// are waited for, the others do nothing any more.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

namespace stipple::rpc {

class JobGate {
 public:
    JobGate() : state_(std::make_shared<State>()) {}
    JobGate(const JobGate&) = delete;
    JobGate& operator=(const JobGate&) = delete;
    /// Waits for the jobs that run now.
    ~JobGate() {
        std::unique_lock lock(state_->mutex);
        state_->closed = true;
        state_->idle.wait(lock, [this] { return state_->running == 0; });
    }
    /// The job as it may be given away.
    std::function<void()> guarded(std::function<void()> job) const {
        return [state = state_, job = std::move(job)] {
            {
                const std::lock_guard lock(state->mutex);
                if (state->closed) {
                    return;
                }
                ++state->running;
            }
            job();
            const std::lock_guard lock(state->mutex);
            --state->running;
            state->idle.notify_all();
        };
    }

 private:
    struct State {
        std::mutex mutex;
        std::condition_variable idle;
        std::size_t running = 0;
        bool closed = false;
    };
    std::shared_ptr<State> state_;
};

}  // namespace stipple::rpc
