// A peer of the server as a handler holds it (port: base/serving.hpp), and the inbox of the thread
// that owns its socket.
#pragma once

#include "base/bytes.hpp"
#include "base/serving.hpp"

#include <atomic>
#include <mutex>
#include <vector>

namespace stipple::io::http {

using serving::Connection;
using serving::ConnectionId;
using serving::ContentType;
using serving::Handler;
using serving::Progress;
using serving::Reply;
using serving::Request;
using serving::Verb;

class PeerConnection;

/// What is handed to the thread that owns a connection.
struct Post {
    enum class Kind : std::uint8_t { reply, answer, push, drop };
    std::shared_ptr<PeerConnection> connection;
    Kind kind = Kind::push;
    Reply reply;
};

/// The inbox of one server thread.
class Mailbox {
 public:
    explicit Mailbox(int wake_fd) : wake_fd_(wake_fd) {}
    void put(Post post);
    std::vector<Post> take();

 private:
    int wake_fd_;  ///< eventfd; outlives every connection's use through the shared ownership
    std::mutex mutex_;
    std::vector<Post> posts_;
};

struct ConnectionInfo {
    ConnectionId id{};
    bool from_loopback_listener = false;
    std::uint32_t pushed_messages_max = 0;
    std::uint32_t calls_per_minute = 0;  ///< 0: no limit
};

class PeerConnection final : public Connection,
                             public std::enable_shared_from_this<PeerConnection> {
 public:
    PeerConnection(ConnectionInfo info, std::shared_ptr<Mailbox> mailbox)
        : info_(info), mailbox_(std::move(mailbox)), call_tokens_(info.calls_per_minute) {}

    ConnectionId id() const override { return info_.id; }
    bool from_loopback_listener() const override { return info_.from_loopback_listener; }
    bool is_websocket() const override { return is_websocket_; }
    bool is_open() const override { return is_open_; }
    void reply(Reply reply) override;
    void answer(std::string message) override;
    bool push(std::string message) override;
    bool has_room() const override;
    void when_room(std::function<void()> go) override;
    bool take_call() override;

 private:
    friend class Session;
    friend class Loop;
    void refill_calls(std::uint32_t calls);
    /// After sending, and after closing: calls, or drops, those who wait for room.
    void wake_waiting();

    const ConnectionInfo info_;
    const std::shared_ptr<Mailbox> mailbox_;
    std::atomic<bool> is_open_{true};
    std::atomic<bool> is_websocket_{false};
    std::atomic<bool> dropped_{false};
    std::atomic<std::uint32_t> pushed_messages_{0};  ///< not yet in the socket
    std::atomic<std::size_t> pushed_bytes_{0};
    std::atomic<std::uint32_t> call_tokens_;
    std::mutex waiting_mutex_;
    std::vector<std::function<void()>> waiting_;  ///< for room; guarded by waiting_mutex_
    std::atomic<bool> has_waiting_{false};
};

}  // namespace stipple::io::http
