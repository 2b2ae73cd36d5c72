// Subscriptions: who wants to hear what, and telling them.
//
// The node calls `publish` for each thing that happened; the text of a notification is made once
// and sent to every subscriber through its connection, which drops those that do not read
// (io/http). Nothing is kept here but who subscribed: at most kSubscriptionsPerConnectionMax per
// connection. Thread-safe. Work that reads states (storage changes) runs where `run_slow` puts it.
//
// A subscription is answered before its first notification: both go through the same connection in
// order, under the hub's lock.
#pragma once

#include "base/prng.hpp"
#include "base/serving.hpp"
#include "rpc/methods/registry.hpp"
#include "rpc/subscriptions/broadcasts.hpp"
#include "rpc/subscriptions/chain_events.hpp"
#include "rpc/subscriptions/chain_head.hpp"
#include "rpc/subscriptions/limits.hpp"
#include "rpc/subscriptions/transaction_events.hpp"

#include <map>
#include <mutex>
#include <set>
#include <span>

namespace stipple::rpc {

class EventHub {
 public:
    using ConnectionPointer = std::shared_ptr<serving::Connection>;
    using After = std::vector<std::function<void()>>;

    /// `context` outlives the hub. The seed makes ids differ between runs.
    EventHub(const RpcContext& context, Seed seed, RunSlow run_slow,
             std::uint32_t per_connection_max = kSubscriptionsPerConnectionMax);

    void publish(const ChainEvent& event);

    /// Makes a subscription and answers the call on its connection, then sends the first state of
    /// things where the topic has one. Errors are for the caller to answer.
    RpcResult<> subscribe(const ConnectionPointer& connection, const Method& method,
                          std::string_view call_id, Params params, bool unsafe_allowed);
    /// False when the connection has no such subscription.
    bool unsubscribe(serving::ConnectionId connection, Topic topic, std::string_view id);
    /// A call about what the connection has begun. `after` is for when the answer has been sent.
    RpcResult<> connected_call(ConnectedCall call, serving::ConnectionId connection, Params params,
                               std::string& out, After& after);
    void on_close(serving::ConnectionId connection);
    std::size_t size() const;
    const ChainHead& chain_head() const { return chain_head_; }
    const Broadcasts& broadcasts() const { return broadcasts_; }

 private:
    struct Subscription;
    struct TransactionWatch;
    using Key = std::pair<serving::ConnectionId, std::string>;

    std::string make_id();
    /// Room for one more on the connection, an id, and the answer; REQUIRES the lock.
    RpcResult<std::string> accept(const ConnectionPointer& connection, const Method& method,
                                  std::string_view call_id);
    RpcResult<> subscribe_heads(const ConnectionPointer& connection, const Method& method,
                                std::string_view call_id);
    RpcResult<> subscribe_storage(const ConnectionPointer& connection, const Method& method,
                                  std::string_view call_id, Params& params, bool unsafe_allowed);
    RpcResult<> subscribe_version(const ConnectionPointer& connection, const Method& method,
                                  std::string_view call_id);
    RpcResult<> subscribe_transaction(const ConnectionPointer& connection, const Method& method,
                                      std::string_view call_id, Params& params);
    RpcResult<> subscribe_chain_head(const ConnectionPointer& connection, const Method& method,
                                     std::string_view call_id, Params& params);
    RpcResult<> subscribe_transaction_events(const ConnectionPointer& connection,
                                             const Method& method, std::string_view call_id,
                                             Params& params);
    RpcResult<> subscribe_archive(const ConnectionPointer& connection, const Method& method,
                                  std::string_view call_id, Params& params);
    /// As accept, with a box for what it has to tell.
    RpcResult<std::shared_ptr<Outbox>> accept_outbox(const ConnectionPointer& connection,
                                                     const Method& method,
                                                     std::string_view call_id);
    /// A subscription is over from this side.
    void forget(serving::ConnectionId connection, const std::string& id);
    void send_to_all(Topic topic, std::string_view result);
    void publish_storage(const BlockRef& block);
    void publish_version(const BlockRef& block);
    bool has_any(Topic topic) const;
    void remove(const Key& key);

    const RpcContext& context_;
    const RunSlow run_slow_;
    const std::uint32_t per_connection_max_;
    mutable std::mutex mutex_;
    Prng prng_;
    std::map<Key, std::shared_ptr<Subscription>> subscriptions_;
    std::map<serving::ConnectionId, std::uint32_t> per_connection_;
    std::map<Topic, std::set<Key>> by_topic_;
    std::string last_version_;  ///< what runtime version subscribers were told last
    ChainHead chain_head_;
    Broadcasts broadcasts_;
    TransactionEvents transaction_events_;
};

}  // namespace stipple::rpc
