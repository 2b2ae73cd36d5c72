// For tests: the whole service over real sockets, and a client that reads what comes.
#pragma once

#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "io/http/server.hpp"
#include "io/http/websocket.hpp"
#include "io/http/workers.hpp"
#include "rpc/subscriptions/service.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace stipple::rpc::testing {

/// A pool that takes everything and tells three statuses, the first before it returns.
class TellingPool final : public PoolPort {
 public:
    RpcResult<ExtrinsicHash> submit(Extrinsic extrinsic) override { return extrinsic.hash(); }
    RpcResult<std::uint64_t> submit_and_watch(Extrinsic /*extrinsic*/, Watcher watcher) override {
        watcher({.kind = TransactionStatus::Kind::ready});
        {
            const std::lock_guard lock(mutex_);
            watcher_ = std::move(watcher);
        }
        ++submitted;
        return 7;
    }
    void unwatch(std::uint64_t watch) override { unwatched = watch; }
    std::vector<Extrinsic> ready() const override { return {}; }
    bool provides(ByteView /*tag*/) const override { return false; }
    std::vector<ExtrinsicHash> remove(std::span<const ExtrinsicHash> /*hashes*/) override {
        return {};
    }
    void tell(const TransactionStatus& status) {
        std::unique_lock lock(mutex_);
        const Watcher watcher = watcher_;
        lock.unlock();
        watcher(status);
    }
    std::atomic<std::uint64_t> unwatched{0};
    std::atomic<int> submitted{0};

 private:
    std::mutex mutex_;
    Watcher watcher_;  ///< of the newest submission, which a worker brings
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
    /// Calls and gives the text of the answer; notifications before it are lost.
    std::string ask(std::string_view method, std::string_view params) {
        call(method, params);
        read_until(R"("id":1,)");
        const std::string answer = read_until("}");
        return answer.substr(0, answer.size() - 1);
    }
    /// Subscribes and gives the id.
    std::string subscribe(std::string_view method, std::string_view params) {
        const std::string answer = ask(method, params);
        EXPECT_EQ(answer.find(R"("result":")"), 0U) << answer;
        return answer.size() < 11 ? "" : answer.substr(10, answer.size() - 11);
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

inline constexpr const char* kSpecFile = "rococo-dev-1.14.json";

struct Served {
    chain::ChainSpec spec = chain::testing::spec_at(kSpecFile);
    MemoryStore database;
    std::unique_ptr<chain::Chain> chain;
    TellingPool pool;
    std::unique_ptr<RpcContext> context;
    std::unique_ptr<io::http::Workers> workers;
    std::unique_ptr<RpcService> service;
    std::unique_ptr<io::http::HttpServer> server;

    explicit Served(ServiceConfig config = {}, bool is_archive = false) {
        auto opened = chain::Chain::open(database, spec, chain::testing::shared_executor(), {});
        CHECK(opened.has_value());
        chain = *std::move(opened);
        context = std::make_unique<RpcContext>(
            RpcContext{.chain = *chain, .node = {.name = "Stipple", .version = "1"}});
        context->pool = &pool;
        context->is_archive = is_archive;
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
    /// Imports the next of these real blocks and tells it.
    BlockRef import_real(const chain::testing::RealBlock& block) {
        const auto outcome = chain->import_block(chain::testing::to_import(block, *chain));
        CHECK(outcome.has_value());
        service->hub().publish(BlockImported{.block = outcome->block,
                                             .header = block.signed_block.block.header,
                                             .is_new_best = outcome->is_new_best});
        return outcome->block;
    }
    /// A block that exists in this event only.
    BlockImported made_up(BlockNumber number, const BlockHash& parent) const {
        Header header;
        header.number = number;
        header.parent_hash = parent;
        return {.block = header.ref(), .header = header, .is_new_best = true};
    }
    BlockImported imported() const {
        Header header;
        header.number = 1;
        header.parent_hash = chain->heads().genesis;
        return {.block = header.ref(), .header = header, .is_new_best = true};
    }
};

}  // namespace stipple::rpc::testing
