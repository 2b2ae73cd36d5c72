#include "io/ticker.hpp"

#include "io/workers.hpp"

namespace stipple::io {

Ticker::Ticker(std::string thread_name, std::chrono::milliseconds interval,
               std::function<void()> tick)
    : thread_([this, thread_name = std::move(thread_name), interval, tick = std::move(tick)] {
          name_this_thread(thread_name);
          std::unique_lock lock(mutex_);
          while (!stop_.wait_for(lock, interval, [this] { return stopping_; })) {
              tick();
          }
      }) {}

Ticker::~Ticker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

}  // namespace stipple::io
