// The whole service over real sockets: calls, subscriptions, health, and who may do what.
#include "rpc/subscriptions/service.hpp"

#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "io/http/server.hpp"
#include "io/http/websocket.hpp"
#include "io/http/workers.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace stipple::rpc {
namespace {

/// A pool that takes everything and tells three statuses, the first before it returns.
class TellingPool final : public PoolPort {
 public:
    RpcResult<ExtrinsicHash> submit(Extrinsic extrinsic) override { return extrinsic.hash(); }
    RpcResult<std::uint64_t> submit_and_watch(Extrinsic /*extrinsic*/, Watcher watcher) override {
        watcher({.kind = TransactionStatus::Kind::ready});
        watcher_ = std::move(watcher);
        return 7;
    }
    void unwatch(std::uint64_t watch) override { unwatched = watch; }
    std::vector<Extrinsic> ready() const override { return {}; }
    bool provides(ByteView /*tag*/) const override { return false; }
    std::vector<ExtrinsicHash> remove(std::span<const ExtrinsicHash> /*hashes*/) override {
        return {};
    }
    void tell(const TransactionStatus& status) { watcher_(status); }
    std::atomic<std::uint64_t> unwatched{0};

 private:
    Watcher watcher_;
};

class WebSocketClient {
 public:
    explicit WebSocketClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval limit{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    WebSocketClient(const WebSocketClient&) = delete;
    WebSocketClient& operator=(const WebSocketClient&) = delete;
    ~WebSocketClient() { ::close(fd_); }

    void upgrade() {
        send(
            "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        read_until("\r\n\r\n");
    }
    void send(std::string_view text) { ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
    void call(std::string_view method, std::string_view params) {
        std::string body = R"({"jsonrpc":"2.0","id":1,"method":")";
        body.append(method).append(R"(","params":)").append(params).append("}");
        std::string frame = "\x81";
        frame.push_back(static_cast<char>(0xfe));
        frame.push_back(static_cast<char>(body.size() >> 8));
        frame.push_back(static_cast<char>(body.size() & 0xff));
        send(frame.append(4, '\0') + body);
    }
    /// Everything up to and with the marker; what follows is kept for the next read.
    std::string read_until(std::string_view marker) {
        std::array<char, 65536> chunk{};
        for (;;) {
            const std::size_t found = kept_.find(marker);
            if (found != std::string::npos) {
                const std::string got = kept_.substr(0, found + marker.size());
                kept_.erase(0, got.size());
                return got;
            }
            const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
            if (count <= 0) {
                return std::exchange(kept_, {});
            }
            kept_.append(chunk.data(), static_cast<std::size_t>(count));
        }
    }

 private:
    int fd_;
    std::string kept_;
};

constexpr const char* kSpecFile = "rococo-dev-1.14.json";

struct Served {
    chain::ChainSpec spec = chain::testing::spec_at(kSpecFile);
    MemoryStore database;
    std::unique_ptr<chain::Chain> chain;
    TellingPool pool;
    std::unique_ptr<RpcContext> context;
    std::unique_ptr<io::http::Workers> workers;
    std::unique_ptr<RpcService> service;
    std::unique_ptr<io::http::HttpServer> server;

    explicit Served(ServiceConfig config = {}) {
        auto opened = chain::Chain::open(database, spec, chain::testing::shared_executor(), {});
        CHECK(opened.has_value());
        chain = *std::move(opened);
        context = std::make_unique<RpcContext>(
            RpcContext{.chain = *chain, .node = {.name = "Stipple", .version = "1"}});
        context->pool = &pool;
        context->ports.health = [] { return Health{.peers = 0, .should_have_peers = false}; };
        workers = std::make_unique<io::http::Workers>(1, "calls");
        service = std::make_unique<RpcService>(
            config, *context, Seed{5},
            [this](io::http::ConnectionId owner, std::function<void()> job) {
                return workers->submit(static_cast<std::uint64_t>(owner), std::move(job));
            });
        io::http::ServerConfig listen;
        listen.endpoints = {io::http::Endpoint{}};
        auto started = io::http::HttpServer::start(listen, *service);
        CHECK(started.has_value());
        server = *std::move(started);
    }
    ~Served() {
        server.reset();
        workers.reset();
    }
    BlockImported imported() const {
        Header header;
        header.number = 1;
        header.parent_hash = chain->heads().genesis;
        return {.block = header.ref(), .header = header, .is_new_best = true};
    }
};

TEST(RpcService, answers_http_calls_and_health) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    const Served served;
    WebSocketClient client(served.server->port());
    const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"system_name"})";
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_NE(client.read_until("}").find(R"("result":"Stipple")"), std::string::npos);
    client.send("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(
        client.read_until("}").find(R"({"peers":0,"isSyncing":false,"shouldHavePeers":false})"),
        std::string::npos);
    client.send("GET /health/readiness HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(client.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
}

TEST(RpcService, answers_a_subscription_before_its_first_notification_and_then_tells_heads) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    const Served served;
    WebSocketClient client(served.server->port());
    client.upgrade();
    client.call("chain_subscribeNewHeads", "[]");
    const std::string answer = client.read_until("\"}");
    EXPECT_NE(answer.find(R"({"jsonrpc":"2.0","id":1,"result":")"), std::string::npos);
    const std::string id =
        answer.substr(answer.size() - 2 - kSubscriptionIdLength, kSubscriptionIdLength);
    EXPECT_NE(client.read_until(R"("number":"0x0")").find(R"("subscription":")" + id),
              std::string::npos);
    served.service->hub().publish(served.imported());
    EXPECT_NE(client.read_until(R"("number":"0x1")").find("chain_newHead"), std::string::npos);
    client.call("chain_unsubscribeNewHeads", "[\"" + id + "\"]");
    EXPECT_NE(client.read_until("true}").find("\"result\":true}"), std::string::npos);
    client.call("chain_unsubscribeNewHeads", "[\"" + id + "\"]");
    EXPECT_NE(client.read_until("false}").find("\"result\":false}"), std::string::npos);
    EXPECT_EQ(served.service->hub().size(), 0U);
}

TEST(RpcService, tells_a_watched_transaction_in_order_up_to_its_last_status) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    Served served;
    WebSocketClient client(served.server->port());
    client.upgrade();
    client.call("author_submitAndWatchExtrinsic", "[\"0x0c010203\"]");
    EXPECT_NE(client.read_until("\"ready\"").find("\"id\":1"), std::string::npos);
    served.pool.tell({.kind = TransactionStatus::Kind::in_block});
    client.read_until("inBlock");
    served.pool.tell({.kind = TransactionStatus::Kind::finalized});
    EXPECT_NE(client.read_until("finalized").find("author_extrinsicUpdate"), std::string::npos);
    EXPECT_EQ(served.service->hub().size(), 0U);
}

TEST(RpcService, bounds_subscriptions_and_forgets_those_of_a_closed_connection) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    Served served({.subscriptions_per_connection_max = 2});
    {
        WebSocketClient client(served.server->port());
        client.upgrade();
        client.call("author_submitAndWatchExtrinsic", "[\"0x0c010203\"]");
        client.read_until("\"ready\"");
        client.call("chain_subscribeFinalizedHeads", "[]");
        client.read_until("\"number\"");
        client.call("chain_subscribeAllHeads", "[]");
        EXPECT_NE(client.read_until("-32006").find("-32006"), std::string::npos);
    }
    for (int i = 0; i < 100 && served.service->hub().size() != 0; ++i) {
        ::usleep(50'000);
    }
    EXPECT_EQ(served.service->hub().size(), 0U);
    EXPECT_EQ(served.pool.unwatched, 7U);
}

TEST(RpcService, hides_unsafe_methods_when_told_so) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    const Served served({.policy = MethodPolicy::safe});
    WebSocketClient client(served.server->port());
    client.upgrade();
    client.call("state_getPairs", "[\"0x\"]");
    EXPECT_NE(client.read_until("}}").find("unsafe to be called externally"), std::string::npos);
    client.call("state_subscribeStorage", "[]");
    EXPECT_NE(client.read_until("}}").find("unsafe to be called externally"), std::string::npos);
}

}  // namespace
}  // namespace stipple::rpc
