#include "io/http/request_head.hpp"
#include "io/http/server.hpp"
#include "io/http/websocket.hpp"
#include "io/http/workers.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace stipple::io::http {
namespace {

/// Pushes the messages one by one, each when there is room.
void pour(const std::shared_ptr<Connection>& connection, int left) {
    while (left > 0 && connection->has_room()) {
        connection->push(std::string(50'000, 'p'));
        --left;
    }
    if (left > 0) {
        connection->when_room([connection, left] { pour(connection, left); });
    } else {
        connection->push("poured");
    }
}

/// Echoes; "later:x" comes from another thread, "push:n" pushes n messages first, "pour:n" does
/// when there is room.
class EchoHandler final : public Handler {
 public:
    Progress on_request(const std::shared_ptr<Connection>& connection, const Request& request,
                        Reply& reply) override {
        if (request.body.starts_with("later:")) {
            std::thread([connection, body = std::string(request.body)] {
                connection->reply(Reply{.body = body});
            }).detach();
            return Progress::later;
        }
        reply.body = std::string(request.path) + "|" + std::string(request.body);
        return Progress::done;
    }
    Progress on_message(const std::shared_ptr<Connection>& connection, std::string_view message,
                        std::string& answer) override {
        if (message.starts_with("push:")) {
            const int count = std::stoi(std::string(message.substr(5)));
            for (int i = 0; i < count; ++i) {
                connection->push(std::string(200'000, 'p'));
            }
        }
        if (message.starts_with("pour:")) {
            pour(connection, std::stoi(std::string(message.substr(5))));
        }
        answer = message;
        return Progress::done;
    }
    void on_close(ConnectionId /*connection*/) override { ++closed; }
    std::atomic<int> closed{0};
};

class Client {
 public:
    explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client() { ::close(fd_); }

    void send(std::string_view text) {
        while (!text.empty()) {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// Reads until `marker` was seen or the peer closed.
    std::string read_until(std::string_view marker) {
        std::string got;
        std::array<char, 65536> chunk{};
        while (marker.empty() || got.find(marker) == std::string::npos) {
            const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
            if (count <= 0) {
                break;
            }
            got.append(chunk.data(), static_cast<std::size_t>(count));
        }
        return got;
    }
    std::string read_all() { return read_until({}); }

 private:
    int fd_;
};

std::string post(std::string_view body, std::string_view extra = "") {
    return "POST /x HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" +
           std::string(extra) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

std::string masked_frame(std::string_view text, std::uint8_t first = 0x81) {
    std::string out{static_cast<char>(first), static_cast<char>(0x80 | text.size())};
    const std::string mask = "\x01\x02\x03\x04";
    out += mask;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out.push_back(static_cast<char>(text[i] ^ mask[i % 4]));
    }
    return out;
}

constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct Served {
    EchoHandler handler;
    std::unique_ptr<HttpServer> server;
    explicit Served(ServerConfig config = {}) {
        config.endpoints = {Endpoint{}};
        auto started = HttpServer::start(config, handler);
        EXPECT_TRUE(started.has_value()) << started.error().message();
        server = *std::move(started);
    }
    std::uint16_t port() const { return server->port(); }
};

TEST(HttpServer, answers_pipelined_requests_in_order) {
    const Served served;
    Client client(served.port());
    client.send(post("a") + post("later:b") + post("c"));
    const std::string got = client.read_until("/x|c");
    EXPECT_LT(got.find("/x|a"), got.find("later:b"));
    EXPECT_LT(got.find("later:b"), got.find("/x|c"));
}

TEST(HttpServer, reads_bodies_in_chunks_and_in_pieces) {
    const Served served;
    Client client(served.port());
    client.send("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chu");
    client.send("nked\r\n\r\n3\r\nabc\r\n");
    client.send("2;x=y\r\nde\r\n0\r\n\r\n");
    EXPECT_NE(client.read_until("/x|").find("/x|abcde"), std::string::npos);
}

TEST(HttpServer, refuses_what_is_too_large_before_reading_it) {
    ServerConfig config;
    config.request_bytes_max = 10;
    const Served served(config);
    Client client(served.port());
    client.send(post("12345678901"));
    EXPECT_NE(client.read_all().find("HTTP/1.1 413"), std::string::npos);
}

TEST(HttpServer, refuses_requests_that_two_parsers_could_read_differently) {
    const Served served;
    for (const std::string& bad :
         {post("a", "Content-Length: 5\r\n"), post("a", "Transfer-Encoding: chunked\r\n"),
          post("a", "Host: other\r\n"), post("a", " folded: x\r\n"), std::string("GET\r\n\r\n")}) {
        Client client(served.port());
        client.send(bad);
        EXPECT_NE(client.read_all().find("HTTP/1.1 400"), std::string::npos) << bad;
    }
}

TEST(HttpServer, tells_browsers_only_of_listed_origins_and_hosts) {
    ServerConfig config;
    config.cors = std::vector<std::string>{"http://localhost:*"};
    const Served served(config);
    const std::string host = "Host: localhost:" + std::to_string(served.port()) + "\r\n";
    const auto ask = [&](const std::string& headers) {
        Client client(served.port());
        client.send("POST / HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
        return client.read_all();
    };
    EXPECT_NE(ask(host + "Origin: http://localhost:3000\r\n")
                  .find("access-control-allow-origin: http://localhost:3000"),
              std::string::npos);
    EXPECT_EQ(ask(host + "Origin: http://evil.example\r\n").find("access-control-allow-origin"),
              std::string::npos);
    EXPECT_NE(ask("Host: evil.example\r\n").find("403 Forbidden"), std::string::npos);
}

TEST(HttpServer, tells_more_connections_than_allowed_to_come_later) {
    ServerConfig config;
    config.connections_max = 1;
    const Served served(config);
    Client first(served.port());
    first.send(post("a"));
    first.read_until("/x|a");
    Client second(served.port());
    EXPECT_NE(second.read_all().find("429"), std::string::npos);
}

TEST(HttpServer, upgrades_and_talks_frames) {
    const Served served;
    Client client(served.port());
    client.send(kUpgrade);
    EXPECT_NE(client.read_until("\r\n\r\n").find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
              std::string::npos);
    client.send(masked_frame("he", 0x01) + masked_frame("ping!", 0x89) + masked_frame("llo", 0x80));
    const std::string got = client.read_until("hello");
    EXPECT_NE(got.find("\x8a\x05ping!"), std::string::npos);
    EXPECT_NE(got.find("\x81\x05hello"), std::string::npos);
    client.send(masked_frame("", 0x88));
    client.read_all();
    for (int i = 0; i < 100 && served.handler.closed == 0; ++i) {
        ::usleep(100'000);
    }
    EXPECT_EQ(served.handler.closed, 1);
}

TEST(HttpServer, drops_a_consumer_that_does_not_read_and_says_why) {
    ServerConfig config;
    config.pushed_messages_max = 32;
    const Served served(config);
    Client client(served.port());
    client.send(kUpgrade);
    client.read_until("\r\n\r\n");
    client.send(masked_frame("push:200"));
    EXPECT_NE(client.read_all().find("slow consumer"), std::string::npos);
}

TEST(HttpServer, tells_who_waits_when_there_is_room_for_pushes) {
    ServerConfig config;
    config.pushed_messages_max = 8;
    const Served served(config);
    Client client(served.port());
    client.send(kUpgrade);
    client.read_until("\r\n\r\n");
    client.send(masked_frame("pour:300"));
    const std::string got = client.read_until("poured");
    EXPECT_EQ(got.find("slow consumer"), std::string::npos);
    EXPECT_GE(std::ranges::count(got, 'p'), 300 * 50'000);
}

TEST(HttpServer, refuses_unmasked_frames) {
    const Served served;
    Client client(served.port());
    client.send(kUpgrade);
    client.read_until("\r\n\r\n");
    client.send(std::string("\x81\x01x"));
    EXPECT_NE(client.read_all().find("\x03\xea"), std::string::npos);
}

TEST(Workers, take_owners_in_turn_and_refuse_what_does_not_fit) {
    Workers workers(1, "test");
    std::promise<void> go;
    std::vector<std::uint64_t> order;
    ASSERT_TRUE(workers.submit(1, [future = go.get_future().share()] { future.wait(); }));
    ::usleep(50'000);
    std::promise<void> done;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(workers.submit(1, [&] { order.push_back(1); }));
    }
    ASSERT_TRUE(workers.submit(2, [&] { order.push_back(2); }));
    ASSERT_TRUE(workers.submit(1, [&] { done.set_value(); }));
    bool refused = false;
    for (std::size_t i = 0; i < 200 && !refused; ++i) {
        refused = !workers.submit(3, [] {});
    }
    EXPECT_TRUE(refused);
    go.set_value();
    done.get_future().wait();
    EXPECT_EQ(order.front(), 2U);
}

}  // namespace
}  // namespace stipple::io::http
