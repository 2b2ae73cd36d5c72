// JSON-RPC served: the handler that stands between the HTTP server and the methods.
//
//     body ─ parse_message ─▶ quick calls: here and now
//                          ├▶ slow calls, batches with one: a worker
//                          └▶ subscriptions (WebSocket): EventHub
//
// Over HTTP, /health and /health/readiness answer GET as load balancers expect, other GET paths are
// asked of `pages` (the dashboard). Reads never touch the core thread: methods answer from what is
// committed. Bounds: the body (io/http), batch calls, the answer (15 MiB), the workers' queues.
#pragma once

#include "base/serving.hpp"
#include "rpc/codec/request.hpp"
#include "rpc/subscriptions/hub.hpp"
#include "rpc/subscriptions/job_gate.hpp"

namespace stipple::rpc {

/// Which methods outsiders may call (`--rpc-methods`).
enum class MethodPolicy : std::uint8_t {
    automatic,  ///< unsafe ones only through listeners on a loopback address
    safe,
    unsafe,
};

struct ServiceConfig {
    MethodPolicy policy = MethodPolicy::automatic;
    /// Calls of one batch; 0: batches are refused, absent: any number.
    std::optional<std::uint32_t> batch_calls_max{};
    std::uint32_t subscriptions_per_connection_max = kSubscriptionsPerConnectionMax;
};

/// Told of each call, for metrics: method name, transport, success. Any thread.
using CallObserver = std::function<void(std::string_view method, bool websocket, bool success)>;

class RpcService final : public serving::Handler {
 public:
    using ConnectionPointer = std::shared_ptr<serving::Connection>;
    /// Gives a job of a connection to workers; false when there is no room.
    using Submit = std::function<bool(serving::ConnectionId, std::function<void()>)>;
    using Pages = std::function<std::optional<serving::Reply>(std::string_view path)>;

    /// `context` outlives the service. Without `submit` slow calls run where they are read (tests).
    RpcService(const ServiceConfig& config, const RpcContext& context, Seed seed, Submit submit);

    EventHub& hub() { return hub_; }
    const Registry& registry() const { return registry_; }
    void set_pages(Pages pages) { pages_ = std::move(pages); }
    void set_observer(CallObserver observer) { observer_ = std::move(observer); }

    /// The answer to one message as over HTTP: empty for notifications. `malformed` says that not
    /// even the beginning of a request was there.
    std::string answer(std::string_view body, bool unsafe_allowed, bool& malformed) const;

    serving::Progress on_request(const ConnectionPointer& connection,
                                 const serving::Request& request, serving::Reply& reply) override;
    serving::Progress on_message(const ConnectionPointer& connection, std::string_view message,
                                 std::string& answer) override;
    void on_close(serving::ConnectionId connection) override;

 private:
    /// Who is answered, and what is to follow the answer.
    struct Answering {
        const ConnectionPointer& connection;  ///< null: nobody who stays
        bool unsafe_allowed = false;
        EventHub::After after{};
    };
    bool unsafe_allowed(const serving::Connection& connection) const;
    bool is_slow(const Message& message) const;
    void answer_message(const Message& message, Answering& who, std::string& out) const;
    /// Appends the answer of one call.
    void answer_call(const Call& call, Answering& who, std::string& out) const;
    RpcResult<> run(const Call& call, const Method& method, Answering& who, std::string& out) const;
    /// On a worker: parses again, answers through `send`, then does what follows.
    bool answer_later(const ConnectionPointer& connection, std::string_view text,
                      std::function<void(std::string)> send);
    bool submit(serving::ConnectionId owner, std::function<void()> job) const;
    serving::Reply health_reply(bool readiness) const;
    void page_reply(const serving::Request& request, serving::Reply& reply) const;
    bool subscribe_later(const ConnectionPointer& connection, const Message& message,
                         std::string_view text);

    const ServiceConfig config_;
    const RpcContext& context_;
    const Registry registry_;
    const Submit submit_;
    mutable EventHub hub_;
    Pages pages_;
    CallObserver observer_;
    JobGate gate_;  ///< last: jobs end before what they use goes away
};

}  // namespace stipple::rpc
