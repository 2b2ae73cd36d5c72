// The sockets of one network thread: TCP listeners and connections, datagrams, timers, and work
// posted by other threads, over one epoll set.
//
// Level-triggered: a readable socket is read once per turn (up to 256 KiB), handed to the handler
// and written once, so a busy peer cannot starve the others. Everything but `post`, `mailbox` and
// `stop` belongs to the loop's thread: to the handler's calls, to posted work and to timers, or to
// whoever has not yet started it. A loop may also be turned by hand, as tests do.
//
//     struct Node : net::Handler { ... };                      // see handler.hpp
//     Node node;
//     TRY_ASSIGN(auto loop, net::Loop::create(node));
//     TRY_ASSIGN(const auto listener, loop->listen(*net::SocketAddress::parse("0.0.0.0", 30333)));
//     loop->start("network");
//     loop->post([&] { loop->dial("example.org", 30333, net::NameFamily::any, 10s); });
//
// A machine with the shape of a byte stream runs in on_exchange as it is:
//
//     void on_exchange(SocketId id, Exchange& io) override {
//         auto& connection = connections.at(id);
//         ... connection takes from io.unread, appends to io.output within io.allowance ...
//     }
//     // after changing a connection from elsewhere: loop.touch(id)
//
// Bounds: limits.hpp and LoopConfig. A socket that is not read by its handler or not drained by its
// peer stops at its buffers, which is how back-pressure travels.
#pragma once

#include "base/result.hpp"
#include "io/net/handler.hpp"
#include "io/net/limits.hpp"
#include "io/net/mailbox.hpp"
#include "io/net/resolver.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <thread>

namespace stipple::io::net {

struct LoopConfig {
    /// Streams of this loop, dials included.
    std::size_t sockets_max = kSocketsMax;
};

struct DatagramConfig {
    /// Where to receive: any address of the family with the group's port, for multicast.
    SocketAddress bind;
    /// A multicast group to join; its packets come back to senders on this machine as well.
    std::optional<SocketAddress> group;
    /// On which interface, by its address (ip4) or scope (ip6); the system's choice when absent.
    std::optional<SocketAddress> interface;
};

struct TimerIdTag;
using TimerId = StrongNumber<std::uint64_t, TimerIdTag>;

class Loop {
 public:
    /// `handler` outlives the loop.
    static Result<std::unique_ptr<Loop>> create(Handler& handler, const LoopConfig& config = {});
    /// Stops the thread and closes all sockets, without on_closed.
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // From any thread.

    /// Runs `work` on the loop's thread; dropped when the loop is gone.
    void post(std::move_only_function<void()> work) { mailbox_->post(std::move(work)); }
    /// For those who may outlive the loop and still post.
    const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
    void start(std::string thread_name);
    /// Ends the thread after its turn. Not from the loop's own thread.
    void stop();

    // On the loop's thread, or before start().

    Result<SocketId> listen(const SocketAddress& address);
    Result<SocketId> open_datagrams(const DatagramConfig& config);
    /// Best effort, as datagrams are: false when it could not be sent at once.
    bool send_datagram(SocketId socket, const SocketAddress& to, ByteView packet);
    /// Always answered later by on_connected or on_closed.
    SocketId dial(const SocketAddress& to, Duration timeout);
    /// Resolves first, then tries the name's addresses in turn; `timeout` is for all of it.
    SocketId dial(std::string host, std::uint16_t port, NameFamily family, Duration timeout);
    /// Calls on_exchange soon; nothing for a socket that is not open.
    void touch(SocketId socket);
    /// Ends a stream (on_closed follows, unsent bytes are lost), a listener or a datagram socket.
    void close(SocketId socket);
    /// With the port that was chosen; absent for unknown sockets.
    std::optional<SocketAddress> local_address(SocketId socket) const;
    std::optional<SocketAddress> remote_address(SocketId socket) const;
    std::size_t stream_count() const { return streams_; }

    TimerId at(Instant when, std::move_only_function<void(Instant)> work);
    void cancel(TimerId timer);

    /// Time as of the beginning of this turn.
    Instant now() const { return now_; }
    /// One turn by hand: waits at most `wait_max` for something to happen and handles it.
    void turn(Duration wait_max);

 private:
    enum class Kind : std::uint8_t { listener, stream, datagrams };
    enum class State : std::uint8_t { resolving, connecting, open, lingering };
    struct Socket;
    struct Verdict {
        SocketId id;
        CloseReason reason{};
        std::string detail;
    };

    Loop(Handler& handler, const LoopConfig& config, int epoll_fd);
    void on_mail();
    void run_timers();
    void run_deadlines();
    void run_touched();
    void report_closed();
    int wait_ms(Duration wait_max) const;

    Socket& add(Kind kind, int fd);
    Socket* find(SocketId id) const;
    void arm(Socket& socket, std::uint32_t events);
    void set_deadline(Socket& socket, std::optional<Instant> when);
    void drop_fd(Socket& socket);
    void end(Socket& socket, CloseReason reason, std::string detail);

    void on_acceptable(Socket& listener);
    void accept_one(Socket& listener, int fd, const SocketAddress& peer);
    Socket& add_dial(Duration timeout);
    void connect_next(Socket& socket);
    void on_connect_event(Socket& socket);
    void on_resolved(SocketId id, Resolved resolved);

    void on_stream_event(Socket& socket, std::uint32_t events);
    void read_over(Socket& socket);
    void exchange(Socket& socket, bool reads);
    std::size_t receive(Socket& socket);
    void flush(Socket& socket);
    void settle(Socket& socket);
    void on_datagrams(Socket& socket);

    Handler& handler_;
    LoopConfig config_;
    int epoll_fd_;
    std::shared_ptr<Mailbox> mailbox_;
    Resolver resolver_;
    std::map<SocketId, std::unique_ptr<Socket>> sockets_;
    std::vector<std::unique_ptr<Socket>> removed_;  ///< freed at the end of a turn
    std::size_t streams_ = 0;
    std::uint64_t next_id_ = 1;
    std::set<std::pair<Instant, SocketId>> deadlines_;
    std::map<std::pair<Instant, TimerId>, std::move_only_function<void(Instant)>> timers_;
    std::map<TimerId, Instant> timer_times_;
    std::vector<SocketId> touched_;
    std::deque<Verdict> closed_;
    Bytes read_buffer_;
    Instant now_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace stipple::io::net
