// The HTTP and WebSocket server: JSON-RPC on one port, Prometheus metrics on another.
//
//     endpoint ─ accept thread ─┬▶ loop thread 1: sessions ─▶ Handler ─▶ (Workers) ─▶ Connection
//                               └▶ loop thread n
//
// RFC 9112, RFC 6455. Sockets and epoll directly: the request path is two system calls, which no
// general event library keeps to. Bounds are in limits.hpp; a connection over the maximum is told
// 429 and closed.
#pragma once

#include "base/result.hpp"
#include "io/http/handler.hpp"
#include "io/http/limits.hpp"

#include <functional>
#include <optional>

namespace stipple::io::http {

struct Endpoint {
    std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal
    std::uint16_t port = 0;             ///< 0: any free one
    bool optional = false;              ///< no error when it cannot be bound (IPv6 absent)
    bool retry_random_port = false;     ///< take a free port when this one is in use
};

struct ServerConfig {
    std::vector<Endpoint> endpoints;
    std::string thread_name = "rpc";
    unsigned threads = 1;
    std::uint32_t connections_max = kConnectionsMaxDefault;
    std::size_t request_bytes_max = kRequestBytesMaxDefault;
    std::uint32_t pushed_messages_max = kPushedMessagesMaxDefault;
    /// Origins browsers may ask from; absent: all, and no Host filter.
    std::optional<std::vector<std::string>> cors;
    std::uint32_t calls_per_minute = 0;  ///< per connection; 0: no limit
    bool websocket = true;
};

class HttpServer {
 public:
    /// Binds and starts. `handler` outlives the server.
    static Result<std::unique_ptr<HttpServer>> start(const ServerConfig& config, Handler& handler);
    /// Closes every connection and joins the threads; no handler call comes after that.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Bound addresses in the order of the endpoints, as "127.0.0.1:9944".
    std::vector<std::string> local_addresses() const;
    /// Port of the first bound endpoint.
    std::uint16_t port() const;
    std::uint32_t connections() const;

 private:
    struct Inner;
    explicit HttpServer(std::unique_ptr<Inner> inner);
    std::unique_ptr<Inner> inner_;
};

/// Answers GET requests from one function: the metrics listener.
class PageHandler final : public Handler {
 public:
    /// Path in, reply out; absent is 404. Called on server threads.
    using Pages = std::function<std::optional<Reply>(std::string_view path)>;
    explicit PageHandler(Pages pages) : pages_(std::move(pages)) {}
    Progress on_request(const std::shared_ptr<Connection>& connection, const Request& request,
                        Reply& reply) override;
    Progress on_message(const std::shared_ptr<Connection>& connection, std::string_view message,
                        std::string& answer) override;
    void on_close(ConnectionId connection) override;

 private:
    Pages pages_;
};

}  // namespace stipple::io::http
