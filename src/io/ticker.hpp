// Calls a function at a steady pace from a thread of its own: the executor's ticks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace stipple::io {

class Ticker {
 public:
    /// `tick` must be quick and safe to call from another thread.
    Ticker(std::string thread_name, std::chrono::milliseconds interval, std::function<void()> tick);
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;
    /// No call comes after that.
    ~Ticker();

 private:
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace stipple::io
