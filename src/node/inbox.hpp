// The one door into the core thread: bounded lanes, taken in the order of their rank.
//
// Any thread pushes; the core thread alone pops. Lanes of a lower number go first; within a lane
// first in, first out. A full lane refuses, and the caller acts as node/queues.hpp says.
#pragma once

#include "node/queues.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace stipple::node {

template <class Event>
class Inbox {
 public:
    /// False when the lane is full or the inbox is closed; the event is then dropped.
    [[nodiscard]] bool push(Lane lane, Event event) {
        {
            const std::lock_guard lock(mutex_);
            auto& queue = lanes_[static_cast<std::size_t>(lane)];
            if (closed_ || queue.size() >= kLaneLimits[static_cast<std::size_t>(lane)].length_max) {
                return false;
            }
            queue.push_back(std::move(event));
        }
        arrived_.notify_one();
        return true;
    }

    /// Waits for the next event until `deadline`; absent when that passes first, or when closed and
    /// empty.
    std::optional<Event> pop(std::optional<std::chrono::steady_clock::time_point> deadline) {
        std::unique_lock lock(mutex_);
        const auto ready = [&] { return closed_ || !empty(); };
        if (deadline) {
            arrived_.wait_until(lock, *deadline, ready);
        } else {
            arrived_.wait(lock, ready);
        }
        for (auto& queue : lanes_) {
            if (!queue.empty()) {
                Event event = std::move(queue.front());
                queue.pop_front();
                return event;
            }
        }
        return std::nullopt;
    }

    /// Refuses what comes later; what is inside can still be taken.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        arrived_.notify_all();
    }
    bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }

 private:
    bool empty() const {
        for (const auto& queue : lanes_) {
            if (!queue.empty()) {
                return false;
            }
        }
        return true;
    }
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::array<std::deque<Event>, kLaneCount> lanes_;  // guarded by mutex_
    bool closed_ = false;                              // guarded by mutex_
};

}  // namespace stipple::node
