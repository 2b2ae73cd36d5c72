// Work for a loop from other threads, and the descriptor that wakes it.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace stipple::io::net {

/// Shared by everyone who may post, so that a post after the loop's end is harmless: it is dropped.
class Mailbox {
 public:
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// From any thread.
    void post(std::move_only_function<void()> work);
    /// Only wakes the loop.
    void wake();

    // The loop's side.
    int fd() const { return fd_; }
    std::vector<std::move_only_function<void()>> take();
    /// Drops what is waiting and what will come.
    void close();

 private:
    int fd_;
    std::mutex mutex_;
    std::vector<std::move_only_function<void()>> waiting_;
    bool closed_ = false;
};

}  // namespace stipple::io::net
