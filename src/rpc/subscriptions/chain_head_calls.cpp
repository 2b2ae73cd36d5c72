// The calls about a follow subscription.
//
// Spec: json-rpc-interface-spec, chainHead_v1_{header,body,storage,call,unpin,continue,
// stopOperation}
#include "rpc/subscriptions/chain_head.hpp"

namespace stipple::rpc {
namespace {

constexpr std::string_view kLimitReached = R"({"result":"limitReached"})";

RpcError invalid_block() {
    return {-32801, "Invalid block hash"};
}

RpcError bad_parameter(std::string_view what) {
    return {kInvalidParams, "Invalid parameter: " + std::string(what)};
}

void append_started(std::string& out, std::string_view operation, bool with_discarded) {
    out.append(R"({"result":"started","operationId":)");
    append_json_string(out, operation);
    out.append(with_discarded ? R"(,"discardedItems":0})" : "}");
}

}  // namespace

RpcResult<> ChainHead::call(ConnectedCall call, ConnectionId connection, Params& params,
                            std::string& out, After& after) {
    TRY_ASSIGN(std::string id, params.text("follow_subscription"));
    const Key key{connection, std::move(id)};
    switch (call) {
        case ConnectedCall::chain_head_header:
            return header(key, params, out);
        case ConnectedCall::chain_head_body:
            return body(key, params, out, after);
        case ConnectedCall::chain_head_storage:
            return storage(key, params, out, after);
        case ConnectedCall::chain_head_call:
            return runtime_call(key, params, out, after);
        case ConnectedCall::chain_head_unpin:
            return unpin_blocks(key, params, out);
        case ConnectedCall::chain_head_continue:
            return continue_operation(key, params, out, after);
        case ConnectedCall::chain_head_stop_operation:
            return stop_operation(key, params, out);
        case ConnectedCall::transaction_broadcast:
        case ConnectedCall::transaction_stop:
            break;
    }
    return std::unexpected(internal_error());
}

RpcResult<> ChainHead::header(const Key& key, Params& params, std::string& out) {
    TRY_ASSIGN(const BlockHash hash, params.hash("hash"));
    const std::lock_guard lock(mutex_);
    const auto follow = follows_.find(key);
    if (follow == follows_.end()) {
        out.append("null");
        return {};
    }
    if (!follow->second.pinned.contains(hash)) {
        return std::unexpected(invalid_block());
    }
    append_json_hex(out, pins_.at(hash).block->header);
    return {};
}

RpcResult<> ChainHead::body(const Key& key, Params& params, std::string& out, After& after) {
    TRY_ASSIGN(const BlockHash hash, params.hash("hash"));
    const auto operation = start(key, hash, 1, false);
    if (!operation) {
        if (operation.error() == Refusal::not_pinned) {
            return std::unexpected(invalid_block());
        }
        out.append(kLimitReached);
        return {};
    }
    append_started(out, (*operation)->id, false);
    after.emplace_back([this, operation = *operation] { run_body(operation); });
    return {};
}

RpcResult<> ChainHead::storage(const Key& key, Params& params, std::string& out, After& after) {
    TRY_ASSIGN(const BlockHash hash, params.hash("hash"));
    TRY_ASSIGN(const auto raw, storage_queries(params, "items"));
    TRY_ASSIGN(const auto child_trie, params.optional_text("child_trie"));
    {
        const std::lock_guard lock(mutex_);
        if (!follows_.contains(key)) {
            out.append(kLimitReached);
            return {};
        }
    }
    auto queries = parse_queries(raw, false);
    if (!queries) {
        return std::unexpected(bad_parameter(queries.error()));
    }
    std::optional<Bytes> child_key;
    if (child_trie) {
        auto bytes = parse_hex_parameter(*child_trie);
        if (!bytes) {
            return std::unexpected(bad_parameter(bytes.error()));
        }
        child_key = std::move(*bytes);
    }
    const auto operation = start(key, hash, queries->size(), false);
    if (!operation) {
        if (operation.error() == Refusal::not_pinned) {
            return std::unexpected(invalid_block());
        }
        out.append(kLimitReached);
        return {};
    }
    // Items beyond the free places are not discarded: an operation goes through them one by one.
    append_started(out, (*operation)->id, true);
    if ((*operation)->block->state != nullptr) {
        (*operation)->storage = std::make_unique<StorageRun>(
            (*operation)->block->state, std::move(child_key), std::move(*queries));
    }
    after.emplace_back([this, operation = *operation] { run_storage(operation); });
    return {};
}

RpcResult<> ChainHead::runtime_call(const Key& key, Params& params, std::string& out,
                                    After& after) {
    TRY_ASSIGN(const BlockHash hash, params.hash("hash"));
    TRY_ASSIGN(const std::string function, params.text("function"));
    TRY_ASSIGN(const std::string hex, params.text("call_parameters"));
    const auto arguments = parse_hex_parameter(hex);
    if (!arguments) {
        return std::unexpected(bad_parameter(arguments.error()));
    }
    const auto operation = start(key, hash, 1, true);
    if (!operation) {
        switch (operation.error()) {
            case Refusal::not_pinned:
                return std::unexpected(invalid_block());
            case Refusal::without_runtime:
                return std::unexpected(RpcError{-32802,
                                                "The `chainHead_follow` subscription was started "
                                                "with `withRuntime` set to `false`"});
            case Refusal::limit_reached:
                out.append(kLimitReached);
                return {};
        }
    }
    append_started(out, (*operation)->id, false);
    after.emplace_back([this, operation = *operation, function, arguments = *arguments] {
        run_call(operation, function, arguments);
    });
    return {};
}

RpcResult<> ChainHead::unpin_blocks(const Key& key, Params& params, std::string& out) {
    TRY_ASSIGN(const auto hashes, params.hash_or_hashes("hash_or_hashes"));
    const std::lock_guard lock(mutex_);
    const auto follow = follows_.find(key);
    out.append("null");
    if (follow == follows_.end()) {
        return {};
    }
    if (std::set<BlockHash>(hashes.begin(), hashes.end()).size() != hashes.size()) {
        return std::unexpected(
            RpcError{-32804, "Received duplicate hashes for the `chainHead_unpin` method"});
    }
    for (const BlockHash& hash : hashes) {
        if (!follow->second.pinned.contains(hash)) {
            return std::unexpected(invalid_block());
        }
    }
    for (const BlockHash& hash : hashes) {
        unpin(follow->second, hash);
    }
    return {};
}

RpcResult<> ChainHead::continue_operation(const Key& key, Params& params, std::string& out,
                                          After& after) {
    TRY_ASSIGN(const std::string id, params.text("operation_id"));
    const std::lock_guard lock(mutex_);
    out.append("null");
    const auto follow = follows_.find(key);
    if (follow == follows_.end() || !follow->second.operations.contains(id)) {
        return {};
    }
    const OperationPointer operation = follow->second.operations.at(id);
    if (!operation->waits_for_continue) {
        return std::unexpected(
            RpcError{-32803, "Wait for continue event was not generated for the subscription"});
    }
    operation->waits_for_continue = false;
    after.emplace_back([this, operation] { run_storage(operation); });
    return {};
}

RpcResult<> ChainHead::stop_operation(const Key& key, Params& params, std::string& out) {
    TRY_ASSIGN(const std::string id, params.text("operation_id"));
    const std::lock_guard lock(mutex_);
    out.append("null");
    const auto follow = follows_.find(key);
    if (follow == follows_.end()) {
        return {};
    }
    const auto operation = follow->second.operations.find(id);
    if (operation != follow->second.operations.end()) {
        operation->second->stopped = true;
        follow->second.places_taken -= operation->second->places;
        follow->second.operations.erase(operation);
    }
    return {};
}

}  // namespace stipple::rpc
