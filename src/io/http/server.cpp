#include "io/http/server.hpp"

#include "base/log.hpp"
#include "io/http/loop.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stipple::io::http {
namespace {

constexpr int kBacklog = 512;

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    bool loopback = false;
};

std::optional<Address> parse_address(const std::string& text, std::uint16_t port) {
    Address address;
    in_addr v4{};
    in6_addr v6{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(port);
        in.sin_addr = v4;
        std::memcpy(&address.storage, &in, sizeof in);
        address.size = sizeof in;
        address.loopback = (ntohl(v4.s_addr) >> 24) == 127;
        return address;
    }
    if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port);
        in.sin6_addr = v6;
        std::memcpy(&address.storage, &in, sizeof in);
        address.size = sizeof in;
        address.loopback = IN6_IS_ADDR_LOOPBACK(&v6) != 0;
        return address;
    }
    return std::nullopt;
}

std::uint16_t bound_port(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        return 0;
    }
    in_port_t port = 0;
    if (storage.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &storage, sizeof in);
        port = in.sin_port;
    } else {
        sockaddr_in6 in{};
        std::memcpy(&in, &storage, sizeof in);
        port = in.sin6_port;
    }
    return ntohs(port);
}

Result<int> listen_on(const Endpoint& endpoint, std::uint16_t port) {
    const auto address = parse_address(endpoint.address, port);
    if (!address) {
        return fail("not an IP address: " + endpoint.address);
    }
    const int fd =
        ::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail(std::string("socket: ") + std::strerror(errno));
    }
    const int one = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (address->storage.ss_family == AF_INET6) {
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address->storage), address->size) != 0 ||
        ::listen(fd, kBacklog) != 0) {
        const int reason = errno;
        ::close(fd);
        return fail("listen on " + endpoint.address + ":" + std::to_string(port) + ": " +
                    std::strerror(reason));
    }
    return fd;
}

}  // namespace

struct HttpServer::Inner {
    struct Listener {
        int fd = -1;
        std::string address;
        std::uint16_t port = 0;
        bool loopback = false;
        std::unique_ptr<Origins> origins;
    };

    ServerConfig config;
    SessionConfig session_config;
    std::atomic<std::uint32_t> open_connections{0};
    std::vector<Listener> listeners;
    std::vector<std::unique_ptr<Loop>> loops;
    int stop_fd = -1;
    std::thread accept_thread;
    std::uint64_t next_id = 1;

    ~Inner() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(stop_fd, &one, sizeof one);
        if (accept_thread.joinable()) {
            accept_thread.join();
        }
        for (auto& loop : loops) {
            loop->stop();
        }
        for (const Listener& listener : listeners) {
            ::close(listener.fd);
        }
        ::close(stop_fd);
    }

    Result<> bind_all();
    void accept_loop();
    void accept_one(const Listener& listener);
};

Result<> HttpServer::Inner::bind_all() {
    for (const Endpoint& endpoint : config.endpoints) {
        auto fd = listen_on(endpoint, endpoint.port);
        if (!fd && endpoint.retry_random_port) {
            fd = listen_on(endpoint, 0);
        }
        if (!fd) {
            if (endpoint.optional) {
                log(LogLevel::debug, config.thread_name, "{}", fd.error().message());
                continue;
            }
            return std::unexpected(std::move(fd).error());
        }
        Listener listener;
        listener.fd = *fd;
        listener.address = endpoint.address;
        listener.port = bound_port(*fd);
        listener.loopback = parse_address(endpoint.address, 0)->loopback;
        listener.origins = std::make_unique<Origins>(config.cors, listener.port);
        listeners.push_back(std::move(listener));
    }
    if (listeners.empty()) {
        return fail("no listen address could be bound");
    }
    return {};
}

void HttpServer::Inner::accept_one(const Listener& listener) {
    const int fd = ::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (open_connections >= config.connections_max) {
        constexpr std::string_view kBusy =
            "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\ncontent-length: 46\r\n"
            "connection: close\r\n\r\nToo many connections. Please try again later.\n";
        [[maybe_unused]] const auto sent = ::send(fd, kBusy.data(), kBusy.size(), MSG_NOSIGNAL);
        ::close(fd);
        return;
    }
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    ++open_connections;
    const std::uint64_t id = next_id++;
    Loop& loop = *loops[id % loops.size()];
    const ConnectionInfo info{.id = ConnectionId{id},
                              .from_loopback_listener = listener.loopback,
                              .pushed_messages_max = config.pushed_messages_max,
                              .calls_per_minute = config.calls_per_minute};
    loop.adopt(
        {fd, std::make_shared<PeerConnection>(info, loop.mailbox()), listener.origins.get()});
}

void HttpServer::Inner::accept_loop() {
    ::pthread_setname_np(::pthread_self(), (config.thread_name + "-accept").substr(0, 15).c_str());
    std::vector<pollfd> polled;
    polled.push_back({stop_fd, POLLIN, 0});
    for (const Listener& listener : listeners) {
        polled.push_back({listener.fd, POLLIN, 0});
    }
    for (;;) {
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) {
            return;
        }
        if ((polled[0].revents & POLLIN) != 0) {
            return;
        }
        for (std::size_t i = 0; i < listeners.size(); ++i) {
            if ((polled[i + 1].revents & POLLIN) != 0) {
                accept_one(listeners[i]);
            }
        }
    }
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerConfig& config,
                                                      Handler& handler) {
    auto inner = std::make_unique<Inner>();
    inner->config = config;
    inner->session_config = {.request_bytes_max = config.request_bytes_max,
                             .calls_per_minute = config.calls_per_minute,
                             .websocket = config.websocket};
    inner->stop_fd = ::eventfd(0, EFD_CLOEXEC);
    if (inner->stop_fd < 0) {
        return fail(std::string("eventfd: ") + std::strerror(errno));
    }
    TRY(inner->bind_all());
    for (unsigned i = 0; i < std::max(config.threads, 1U); ++i) {
        TRY_ASSIGN(auto loop,
                   Loop::create(inner->session_config, handler, inner->open_connections));
        loop->start(config.thread_name + "-" + std::to_string(i));
        inner->loops.push_back(std::move(loop));
    }
    inner->accept_thread = std::thread([raw = inner.get()] { raw->accept_loop(); });
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(inner)));
}

HttpServer::HttpServer(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
HttpServer::~HttpServer() = default;

std::vector<std::string> HttpServer::local_addresses() const {
    std::vector<std::string> out;
    for (const auto& listener : inner_->listeners) {
        const bool v6 = listener.address.find(':') != std::string::npos;
        out.push_back((v6 ? "[" + listener.address + "]" : listener.address) + ":" +
                      std::to_string(listener.port));
    }
    return out;
}
std::uint16_t HttpServer::port() const {
    return inner_->listeners.front().port;
}
std::uint32_t HttpServer::connections() const {
    return inner_->open_connections;
}

Progress PageHandler::on_request(const std::shared_ptr<Connection>& /*connection*/,
                                 const Request& request, Reply& reply) {
    if (request.verb != Verb::get && request.verb != Verb::head) {
        reply = Reply{.status = 405, .type = ContentType::text, .body = "Method not allowed\n"};
        return Progress::done;
    }
    auto page = pages_(request.path);
    reply = page ? std::move(*page)
                 : Reply{.status = 404, .type = ContentType::text, .body = "Not found.\n"};
    return Progress::done;
}
Progress PageHandler::on_message(const std::shared_ptr<Connection>& /*connection*/,
                                 std::string_view /*message*/, std::string& /*answer*/) {
    return Progress::done;
}
void PageHandler::on_close(ConnectionId /*connection*/) {}

}  // namespace stipple::io::http
