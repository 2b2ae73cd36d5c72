// Subscriptions that are more than a list of listeners: watched transactions, followers of the
// chain's head, answers in parts; and how any subscription ends.
#include "rpc/subscriptions/archive_queries.hpp"
#include "rpc/subscriptions/subscription.hpp"
#include "rpc/subscriptions/transaction_watch.hpp"

namespace stipple::rpc {

RpcResult<> EventHub::subscribe_transaction(const ConnectionPointer& connection,
                                            const Method& method, std::string_view call_id,
                                            Params& params) {
    TRY_ASSIGN(const Bytes encoded, params.bytes("bytes"));
    auto extrinsic = decode_opaque_extrinsic(encoded);
    if (!extrinsic) {
        return std::unexpected(RpcError{
            1001, "Extrinsic has invalid format: Could not decode `OpaqueExtrinsic.0`:\n\t" +
                      extrinsic.error() + "\n"});
    }
    auto watch = std::make_shared<TransactionWatch>();
    TRY_ASSIGN(const std::uint64_t pool_watch,
               context_.pool->submit_and_watch(
                   std::move(*extrinsic), [this, watch](const TransactionStatus& status) {
                       if (watch->on_status(status) && status.is_last()) {
                           const std::lock_guard lock(mutex_);
                           remove(watch->key());
                       }
                   }));
    RpcResult<std::string> id;
    {
        const std::lock_guard lock(mutex_);
        id = accept(connection, method, call_id);
        if (id) {
            subscriptions_[{connection->id(), *id}]->pool_watch = pool_watch;
        }
    }
    if (!id) {
        // Not under the lock: the pool may be calling us while it holds its own.
        context_.pool->unwatch(pool_watch);
        return std::unexpected(std::move(id).error());
    }
    if (watch->begin(connection, method.notification, *id)) {
        const std::lock_guard lock(mutex_);
        remove({connection->id(), *id});
    }
    return {};
}

RpcResult<std::shared_ptr<Outbox>> EventHub::accept_outbox(const ConnectionPointer& connection,
                                                           const Method& method,
                                                           std::string_view call_id) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const std::string id, accept(connection, method, call_id));
    auto outbox = std::make_shared<Outbox>(connection, method.notification, id);
    subscriptions_.at({connection->id(), id})->outbox = outbox;
    return outbox;
}

RpcResult<> EventHub::subscribe_chain_head(const ConnectionPointer& connection,
                                           const Method& method, std::string_view call_id,
                                           Params& params) {
    TRY_ASSIGN(const bool with_runtime, params.boolean("with_runtime"));
    if (!chain_head_.reserve(connection->id())) {
        return std::unexpected(
            RpcError{-32800, "Maximum number of chainHead_follow has been reached"});
    }
    auto outbox = accept_outbox(connection, method, call_id);
    if (!outbox) {
        chain_head_.give_back(connection->id());
        return std::unexpected(std::move(outbox).error());
    }
    chain_head_.begin(std::move(*outbox), with_runtime);
    return {};
}

RpcResult<> EventHub::subscribe_transaction_events(const ConnectionPointer& connection,
                                                   const Method& method, std::string_view call_id,
                                                   Params& params) {
    TRY_ASSIGN(const Bytes encoded, params.bytes("bytes"));
    auto extrinsic = decode_opaque_extrinsic(encoded);
    // Answered at once: what is wrong with a transaction is told as an event.
    TRY_ASSIGN(const auto outbox, accept_outbox(connection, method, call_id));
    const auto ended = [this, connection = connection->id(), id = outbox->id()] {
        forget(connection, id);
    };
    if (!extrinsic) {
        outbox->finish(undecodable_event().text, false);
        ended();
        return {};
    }
    const auto pool_watch = context_.pool->submit_and_watch(
        *extrinsic,
        [this, outbox, hash = extrinsic->hash(), ended](const TransactionStatus& status) {
            transaction_events_.tell(outbox, hash, status, ended);
        });
    if (!pool_watch) {
        outbox->finish(refused_event(pool_watch.error()).text, false);
        ended();
        return {};
    }
    {
        const std::lock_guard lock(mutex_);
        const auto found = subscriptions_.find({connection->id(), outbox->id()});
        if (found != subscriptions_.end()) {
            found->second->pool_watch = *pool_watch;
            return {};
        }
    }
    // Over already; not under the lock, as the pool may be calling us while it holds its own.
    context_.pool->unwatch(*pool_watch);
    return {};
}

RpcResult<> EventHub::subscribe_archive(const ConnectionPointer& connection, const Method& method,
                                        std::string_view call_id, Params& params) {
    TRY_ASSIGN(const ArchiveQuery query,
               read_archive_query(params, method.topic == Topic::archive_storage_diff));
    TRY_ASSIGN(const auto outbox, accept_outbox(connection, method, call_id));
    answer_archive_query(
        context_, query, outbox, run_slow_,
        [this, connection = connection->id(), id = outbox->id()] { forget(connection, id); });
    return {};
}

RpcResult<> EventHub::connected_call(ConnectedCall call, serving::ConnectionId connection,
                                     Params params, std::string& out, After& after) {
    if (call == ConnectedCall::transaction_broadcast) {
        std::string id;
        {
            const std::lock_guard lock(mutex_);
            id = make_id();
        }
        return broadcasts_.broadcast(connection, std::move(id), params, out, after);
    }
    if (call == ConnectedCall::transaction_stop) {
        return broadcasts_.stop(connection, params, out);
    }
    return chain_head_.call(call, connection, params, out, after);
}

void EventHub::forget(serving::ConnectionId connection, const std::string& id) {
    const std::lock_guard lock(mutex_);
    remove({connection, id});
}

bool EventHub::unsubscribe(serving::ConnectionId connection, Topic topic, std::string_view id) {
    std::optional<std::uint64_t> pool_watch;
    {
        const std::lock_guard lock(mutex_);
        const Key key{connection, std::string(id)};
        const auto found = subscriptions_.find(key);
        if (found == subscriptions_.end() || found->second->topic != topic) {
            return false;
        }
        pool_watch = found->second->pool_watch;
        if (found->second->outbox != nullptr) {
            found->second->outbox->close();
        }
        remove(key);
    }
    if (topic == Topic::chain_head) {
        chain_head_.end(connection, std::string(id));
    }
    if (pool_watch) {
        context_.pool->unwatch(*pool_watch);
    }
    return true;
}

void EventHub::on_close(serving::ConnectionId connection) {
    std::vector<std::uint64_t> watches;
    {
        const std::lock_guard lock(mutex_);
        auto next = subscriptions_.lower_bound(Key{connection, {}});
        while (next != subscriptions_.end() && next->first.first == connection) {
            if (next->second->pool_watch) {
                watches.push_back(*next->second->pool_watch);
            }
            if (next->second->outbox != nullptr) {
                next->second->outbox->close();
            }
            by_topic_[next->second->topic].erase(next->first);
            next = subscriptions_.erase(next);
        }
        per_connection_.erase(connection);
    }
    chain_head_.on_close(connection);
    broadcasts_.on_close(connection);
    for (const std::uint64_t watch : watches) {
        context_.pool->unwatch(watch);
    }
}

}  // namespace stipple::rpc
