// The whole service over real sockets: calls, subscriptions, health, and who may do what.
#include "rpc/subscriptions/served.hpp"

namespace stipple::rpc {
namespace {

using testing::kSpecFile;
using testing::Served;
using testing::WebSocketClient;

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
