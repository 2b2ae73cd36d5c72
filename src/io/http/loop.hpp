// One thread of the server: an epoll set with its sessions.
//
// Level-triggered. A readable socket is read once per turn and its requests are answered with one
// write, so a request costs two system calls and a busy connection cannot starve the others.
#pragma once

#include "base/result.hpp"
#include "io/http/session.hpp"

#include <map>
#include <optional>
#include <thread>

namespace stipple::io::http {

/// A socket just accepted, on its way to the loop that will own it.
struct Accepted {
    int fd = -1;
    std::shared_ptr<PeerConnection> connection;
    const Origins* origins = nullptr;  ///< of its listener
};

class Loop {
 public:
    /// References outlive the loop. `open_connections` is counted down when a session ends.
    static Result<std::unique_ptr<Loop>> create(const SessionConfig& config, Handler& handler,
                                                std::atomic<std::uint32_t>& open_connections);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
    void adopt(Accepted accepted);
    void start(std::string thread_name);
    /// Ends the thread; sessions are closed.
    void stop();

 private:
    struct Owned;
    struct WakeFd;
    Loop(const SessionConfig& config, Handler& handler, std::atomic<std::uint32_t>& open,
         int epoll_fd, std::shared_ptr<WakeFd> wake);
    void run();
    void on_wake();
    void on_event(Owned& owned, std::uint32_t events);
    void flush(Owned& owned);
    void settle(Owned& owned);
    void remove(Owned& owned);
    void tick_all();

    const SessionConfig& config_;
    Handler& handler_;
    std::atomic<std::uint32_t>& open_connections_;
    int epoll_fd_;
    std::shared_ptr<WakeFd> wake_;
    std::shared_ptr<Mailbox> mailbox_;
    std::mutex adopt_mutex_;
    std::vector<Accepted> adopted_;
    std::map<ConnectionId, std::unique_ptr<Owned>> sessions_;
    std::vector<std::unique_ptr<Owned>> removed_;  ///< freed at the end of a turn
    std::string read_buffer_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
    Instant now_;
};

}  // namespace stipple::io::http
