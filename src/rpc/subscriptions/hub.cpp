#include "rpc/subscriptions/hub.hpp"

#include "base/log.hpp"
#include "rpc/codec/json_text.hpp"
#include "rpc/codec/request.hpp"
#include "rpc/subscriptions/subscription.hpp"

namespace stipple::rpc {
namespace {

std::string header_json(const Header& header) {
    std::string out;
    append_header_json(out, header);
    return out;
}

std::string hex_json(ByteView bytes) {
    std::string out;
    append_json_hex(out, bytes);
    return out;
}

void append_change(std::string& out, ByteView key, const std::optional<Bytes>& value) {
    out.push_back('[');
    append_json_hex(out, key);
    out.push_back(',');
    if (value) {
        append_json_hex(out, *value);
    } else {
        out.append("null");
    }
    out.push_back(']');
}

/// {"block":…,"changes":[[key, value]…]}; empty when nothing of `keys` is among them.
template <class Keys>
std::string changes_json(const state::Reader& state, const BlockHash& block, const Keys& keys) {
    std::string out = R"({"block":)";
    append_json_hex(out, block);
    out.append(R"(,"changes":[)");
    bool any = false;
    for (const Bytes& key : keys) {
        if (any) {
            out.push_back(',');
        }
        any = true;
        append_change(out, key, state.get(key).value_or(std::nullopt));
    }
    out.append("]}");
    return any ? out : std::string();
}

}  // namespace

EventHub::EventHub(const RpcContext& context, Seed seed, RunSlow run_slow,
                   std::uint32_t per_connection_max)
    : context_(context),
      run_slow_(std::move(run_slow)),
      per_connection_max_(per_connection_max),
      prng_(seed),
      chain_head_(context, run_slow_,
                  [this](serving::ConnectionId connection, const std::string& id) {
                      forget(connection, id);
                  }),
      broadcasts_(context.pool, run_slow_),
      transaction_events_(context, run_slow_) {}

std::string EventHub::make_id() {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string id;
    while (id.size() < kSubscriptionIdLength) {
        id.push_back(kAlphabet[prng_.below(kAlphabet.size())]);
    }
    return id;
}

std::size_t EventHub::size() const {
    const std::lock_guard lock(mutex_);
    return subscriptions_.size();
}

bool EventHub::has_any(Topic topic) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_topic_.find(topic);
    return found != by_topic_.end() && !found->second.empty();
}

RpcResult<std::string> EventHub::accept(const ConnectionPointer& connection, const Method& method,
                                        std::string_view call_id) {
    // A peer that is gone has been or will be closed: nothing may be left behind for it.
    if (!connection->is_open()) {
        return std::unexpected(internal_error());
    }
    std::uint32_t& count = per_connection_[connection->id()];
    if (count >= per_connection_max_) {
        return std::unexpected(too_many_subscriptions(per_connection_max_));
    }
    ++count;
    std::string id = make_id();
    const Key key{connection->id(), id};
    subscriptions_[key] =
        std::make_shared<Subscription>(Subscription{connection, method.topic, method.notification});
    by_topic_[method.topic].insert(key);
    std::string answer;
    begin_result(answer, call_id);
    append_json_string(answer, id);
    finish_result(answer);
    connection->answer(std::move(answer));
    return id;
}

void EventHub::remove(const Key& key) {
    const auto found = subscriptions_.find(key);
    if (found == subscriptions_.end()) {
        return;
    }
    by_topic_[found->second->topic].erase(key);
    subscriptions_.erase(found);
    const auto count = per_connection_.find(key.first);
    if (count != per_connection_.end() && --count->second == 0) {
        per_connection_.erase(count);
    }
}

RpcResult<> EventHub::subscribe(const ConnectionPointer& connection, const Method& method,
                                std::string_view call_id, Params params, bool unsafe_allowed) {
    switch (method.topic) {
        case Topic::new_heads:
        case Topic::all_heads:
        case Topic::finalized_heads:
            return subscribe_heads(connection, method, call_id);
        case Topic::storage:
            return subscribe_storage(connection, method, call_id, params, unsafe_allowed);
        case Topic::runtime_version:
            return subscribe_version(connection, method, call_id);
        case Topic::transaction:
            return subscribe_transaction(connection, method, call_id, params);
        case Topic::justifications:
        case Topic::beefy_justifications: {
            const std::lock_guard lock(mutex_);
            TRY(accept(connection, method, call_id));
            return {};
        }
        case Topic::chain_head:
            return subscribe_chain_head(connection, method, call_id, params);
        case Topic::transaction_events:
            return subscribe_transaction_events(connection, method, call_id, params);
        case Topic::archive_storage:
        case Topic::archive_storage_diff:
            return subscribe_archive(connection, method, call_id, params);
    }
    return std::unexpected(internal_error());
}

RpcResult<> EventHub::subscribe_heads(const ConnectionPointer& connection, const Method& method,
                                      std::string_view call_id) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const std::string id, accept(connection, method, call_id));
    const chain::Heads heads = context_.chain.heads();
    const BlockHash first =
        method.topic == Topic::finalized_heads ? heads.finalized.hash : heads.best.hash;
    const auto header = context_.chain.header(first);
    if (header && *header) {
        connection->push(notification(method.notification, id, header_json(**header)));
    }
    return {};
}

RpcResult<> EventHub::subscribe_storage(const ConnectionPointer& connection, const Method& method,
                                        std::string_view call_id, Params& params,
                                        bool unsafe_allowed) {
    TRY_ASSIGN(const auto keys, params.optional_bytes_list("keys"));
    if (!keys && !unsafe_allowed) {
        return std::unexpected(unsafe_denied());
    }
    std::string first;
    if (keys) {
        const BlockHash best = context_.chain.heads().best.hash;
        TRY_ASSIGN(const auto state, state_at(context_, best));
        first = changes_json(*state, best, *keys);
    }
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const std::string id, accept(connection, method, call_id));
    if (keys) {
        subscriptions_[{connection->id(), id}]->keys.emplace(keys->begin(), keys->end());
    }
    if (!first.empty()) {
        connection->push(notification(method.notification, id, first));
    }
    return {};
}

RpcResult<> EventHub::subscribe_version(const ConnectionPointer& connection, const Method& method,
                                        std::string_view call_id) {
    const auto runtime = context_.chain.runtime(context_.chain.heads().best.hash);
    if (!runtime) {
        return std::unexpected(state_error(runtime.error().message));
    }
    std::string version;
    append_version_json(version, (*runtime)->version());
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(const std::string id, accept(connection, method, call_id));
    connection->push(notification(method.notification, id, version));
    last_version_ = std::move(version);
    return {};
}

void EventHub::send_to_all(Topic topic, std::string_view result) {
    const std::lock_guard lock(mutex_);
    for (const Key& key : by_topic_[topic]) {
        const Subscription& subscription = *subscriptions_.at(key);
        // A connection that does not take it is being closed, and on_close cleans up.
        subscription.connection->push(notification(subscription.notification, key.second, result));
    }
}

void EventHub::publish(const ChainEvent& event) {
    chain_head_.publish(event);
    if (const auto* imported = std::get_if<BlockImported>(&event)) {
        if (imported->is_new_best) {
            broadcasts_.on_best_block();
        }
        const bool all = has_any(Topic::all_heads);
        const bool best = imported->is_new_best && has_any(Topic::new_heads);
        if (all || best) {
            const std::string json = header_json(imported->header);
            if (best) {
                send_to_all(Topic::new_heads, json);
            }
            if (all) {
                send_to_all(Topic::all_heads, json);
            }
        }
        const BlockRef block = imported->block;
        if (has_any(Topic::storage) && !run_slow_([this, block] { publish_storage(block); })) {
            log(LogLevel::warn, "rpc", "no room to tell the storage changes of #{}", block.number);
        }
        if (imported->is_new_best && has_any(Topic::runtime_version) &&
            !run_slow_([this, block] { publish_version(block); })) {
            log(LogLevel::warn, "rpc", "no room to tell the runtime version of #{}", block.number);
        }
    } else if (const auto* finalized = std::get_if<BlockFinalized>(&event)) {
        if (has_any(Topic::finalized_heads)) {
            send_to_all(Topic::finalized_heads, header_json(finalized->header));
        }
    } else if (const auto* made = std::get_if<JustificationMade>(&event)) {
        if (has_any(Topic::justifications)) {
            send_to_all(Topic::justifications, hex_json(made->justification));
        }
    } else if (const auto* rewound = std::get_if<ChainRewound>(&event)) {
        broadcasts_.on_best_block();
        const std::string json = header_json(rewound->header);
        send_to_all(Topic::new_heads, json);
        send_to_all(Topic::all_heads, json);
    } else if (const auto* proven = std::get_if<BeefyProofMade>(&event)) {
        if (has_any(Topic::beefy_justifications)) {
            send_to_all(Topic::beefy_justifications, hex_json(proven->proof));
        }
    }
}

void EventHub::publish_storage(const BlockRef& block) {
    const auto changed = context_.chain.changed_keys(block.hash);
    const auto state = context_.chain.state(block.hash);
    if (!changed || !state) {
        return;
    }
    std::set<Bytes, ByteLess> main_keys;
    for (const auto& [trie, key] : *changed) {
        if (trie.is_main()) {
            main_keys.insert(key);
        }
    }
    std::vector<std::pair<Key, std::shared_ptr<Subscription>>> listeners;
    {
        const std::lock_guard lock(mutex_);
        for (const Key& key : by_topic_[Topic::storage]) {
            listeners.emplace_back(key, subscriptions_.at(key));
        }
    }
    for (const auto& [key, subscription] : listeners) {
        std::vector<Bytes> wanted;
        for (const Bytes& changed_key : main_keys) {
            if (!subscription->keys || subscription->keys->contains(changed_key)) {
                wanted.push_back(changed_key);
            }
        }
        const std::string changes = changes_json(**state, block.hash, wanted);
        const std::lock_guard lock(mutex_);
        if (!changes.empty() && subscriptions_.contains(key)) {
            subscription->connection->push(
                notification(subscription->notification, key.second, changes));
        }
    }
}

void EventHub::publish_version(const BlockRef& block) {
    const auto runtime = context_.chain.runtime(block.hash);
    if (!runtime) {
        return;
    }
    std::string version;
    append_version_json(version, (*runtime)->version());
    {
        const std::lock_guard lock(mutex_);
        if (version == last_version_) {
            return;
        }
        last_version_ = version;
    }
    send_to_all(Topic::runtime_version, version);
}

}  // namespace stipple::rpc
