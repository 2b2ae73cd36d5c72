// The port between a server of HTTP and WebSocket connections and what is served over them.
//
// `io::http::HttpServer` calls a `Handler`; JSON-RPC and the metrics page implement one. A handler
// is called on the server's threads, for different connections at once, and must not block: long
// work goes to workers, answers `Progress::later`, and comes back through the Connection, which is
// safe to use from any thread and after the peer is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stipple::serving {

enum class Verb : std::uint8_t { get, head, post, options, other };
enum class ContentType : std::uint8_t { json, text, html, javascript, css, svg, prometheus };
enum class ConnectionId : std::uint64_t {};

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

/// One peer. All methods are thread-safe.
class Connection {
 public:
    virtual ~Connection() = default;
    virtual ConnectionId id() const = 0;
    /// The listener it came through is bound to a loopback address.
    virtual bool from_loopback_listener() const = 0;
    virtual bool is_websocket() const = 0;
    virtual bool is_open() const = 0;
    /// The reply to an HTTP request whose handling answered `later`.
    virtual void reply(Reply reply) = 0;
    /// The answer to a WebSocket message whose handling answered `later`; empty: none is due.
    virtual void answer(std::string message) = 0;
    /// A message of our own accord (WebSocket only). False: the peer is gone, or does not read fast
    /// enough and is dropped now.
    virtual bool push(std::string message) = 0;
    /// Whether a push may follow now without the peer counting as one that does not read. What can
    /// wait (long answers in parts) asks first.
    virtual bool has_room() const { return true; }
    /// Calls `go` once when there is room: at once, or later on one of the server's threads, where
    /// it must not block. Dropped when the peer goes away.
    virtual void when_room(std::function<void()> go) { go(); }
    /// Counts one call against the rate limit; false when it is used up for now.
    virtual bool take_call() = 0;
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

}  // namespace stipple::serving
