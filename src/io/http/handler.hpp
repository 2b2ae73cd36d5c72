// What a server of this module asks of its owner, and what it offers in return: the port between
// HTTP and whatever is served over it (JSON-RPC, metrics).
//
// A handler is called on the server's threads, for different connections at once, and must not
// block: long work goes to Workers, answers `Progress::later`, and comes back through the
// Connection, which is safe to use from any thread and after the peer is gone.
#pragma once

#include "base/bytes.hpp"
#include "io/http/request_head.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace stipple::io::http {

enum class ConnectionId : std::uint64_t {};

enum class ContentType : std::uint8_t { json, text, html, javascript, css, svg, prometheus };

struct Reply {
    unsigned status = 200;
    ContentType type = ContentType::json;
    std::string body;
};

/// A whole HTTP request; views are valid during the call.
struct Request {
    Verb verb = Verb::other;
    std::string_view path;
    bool is_json = false;  ///< the content type is one of JSON-RPC's
    std::string_view body;
};

class Connection;

/// What is handed to the thread that owns a connection.
struct Post {
    enum class Kind : std::uint8_t { reply, answer, push, drop };
    std::shared_ptr<Connection> connection;
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
    bool from_loopback_listener = false;  ///< the listener is bound to a loopback address
    std::uint32_t pushed_messages_max = 0;
    std::uint32_t calls_per_minute = 0;  ///< 0: no limit
};

/// One peer. All methods are thread-safe.
class Connection {
 public:
    Connection(ConnectionInfo info, std::shared_ptr<Mailbox> mailbox)
        : info_(info), mailbox_(std::move(mailbox)), call_tokens_(info.calls_per_minute) {}

    ConnectionId id() const { return info_.id; }
    bool from_loopback_listener() const { return info_.from_loopback_listener; }
    bool is_websocket() const { return is_websocket_; }
    bool is_open() const { return is_open_; }

    /// The reply to an HTTP request whose handling answered `later`.
    static void reply(const std::shared_ptr<Connection>& self, Reply reply);
    /// The answer to a WebSocket message whose handling answered `later`; empty: none is due.
    static void answer(const std::shared_ptr<Connection>& self, std::string message);
    /// A message of our own accord (WebSocket only). False: the peer is gone, or does not read fast
    /// enough and is dropped now.
    static bool push(const std::shared_ptr<Connection>& self, std::string message);

    /// Counts one call against the rate limit; false when it is used up for now.
    bool take_call();

 private:
    friend class Session;
    friend class Loop;
    void refill_calls(std::uint32_t calls);

    const ConnectionInfo info_;
    const std::shared_ptr<Mailbox> mailbox_;
    std::atomic<bool> is_open_{true};
    std::atomic<bool> is_websocket_{false};
    std::atomic<bool> dropped_{false};
    std::atomic<std::uint32_t> pushed_messages_{0};  ///< not yet in the socket
    std::atomic<std::size_t> pushed_bytes_{0};
    std::atomic<std::uint32_t> call_tokens_;
};

enum class Progress : std::uint8_t {
    done,   ///< the reply is filled in (WebSocket: empty means no answer is due)
    later,  ///< Connection::reply or Connection::answer follows, exactly once
};

class Handler {
 public:
    virtual ~Handler() = default;
    virtual Progress on_request(const std::shared_ptr<Connection>& connection,
                                const Request& request, Reply& reply) = 0;
    virtual Progress on_message(const std::shared_ptr<Connection>& connection,
                                std::string_view message, std::string& answer) = 0;
    virtual void on_close(ConnectionId connection) = 0;
};

}  // namespace stipple::io::http
