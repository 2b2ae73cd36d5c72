// Operations on pinned blocks: each runs on a worker and ends with one last event, unless it is
// stopped before.
#include "rpc/subscriptions/chain_head.hpp"
#include "rpc/subscriptions/follow_events.hpp"

namespace stipple::rpc {

std::expected<ChainHead::OperationPointer, ChainHead::Refusal> ChainHead::start(
    const Key& key, const BlockHash& block, std::size_t places, bool needs_runtime) {
    const std::lock_guard lock(mutex_);
    const auto found = follows_.find(key);
    if (found == follows_.end()) {
        return std::unexpected(Refusal::limit_reached);
    }
    Follow& follow = found->second;
    if (!follow.pinned.contains(block)) {
        return std::unexpected(Refusal::not_pinned);
    }
    const std::size_t taken = std::min(places, kOperationsMax - follow.places_taken);
    if (taken == 0) {
        return std::unexpected(Refusal::limit_reached);
    }
    if (needs_runtime && !follow.with_runtime) {
        return std::unexpected(Refusal::without_runtime);
    }
    auto operation = std::make_shared<Operation>();
    operation->follow = key;
    operation->id = std::to_string(follow.next_operation++);
    operation->places = taken;
    operation->outbox = follow.outbox;
    operation->block = pins_.at(block).block;
    operation->body = operation->block->body;
    follow.places_taken += taken;
    follow.operations.emplace(operation->id, operation);
    return operation;
}

void ChainHead::send(const OperationPointer& operation, std::string_view event) {
    if (operation->stopped || operation->outbox->push(event)) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (!operation->stopped) {
            stop(operation->follow);
        }
    }
    tell_ended();
}

void ChainHead::finish(const OperationPointer& operation, std::string_view event) {
    {
        const std::lock_guard lock(mutex_);
        if (operation->stopped) {
            return;
        }
        Follow& follow = follows_.at(operation->follow);
        follow.places_taken -= operation->places;
        follow.operations.erase(operation->id);
    }
    send(operation, event);
}

void ChainHead::run_body(const OperationPointer& operation) {
    std::shared_ptr<const Body> body = operation->body;
    if (body == nullptr) {
        if (auto stored = context_.chain.body(operation->block->block.hash); stored && *stored) {
            body = std::make_shared<const Body>(**std::move(stored));
        }
    }
    finish(operation, body == nullptr ? operation_event("operationInaccessible", operation->id)
                                      : body_done_event(operation->id, *body));
}

void ChainHead::run_call(const OperationPointer& operation, const std::string& function,
                         const Bytes& arguments) {
    const PinnedBlock& block = *operation->block;
    const RuntimeResult runtime =
        block.runtime ? *block.runtime : context_.chain.runtime(block.block.hash);
    if (block.state == nullptr || (!runtime && !block.runtime)) {
        finish(operation, operation_event("operationInaccessible", operation->id));
        return;
    }
    if (!runtime) {
        finish(operation, operation_error_event(operation->id,
                                                "Runtime code error: " + runtime.error().message));
        return;
    }
    const auto output = call_runtime_on(context_, *block.state, **runtime, function, arguments);
    if (output) {
        finish(operation, call_done_event(operation->id, *output));
    } else if (output.error().is_passing) {
        finish(operation, operation_event("operationInaccessible", operation->id));
    } else {
        finish(operation, operation_error_event(operation->id, output.error().text));
    }
}

void ChainHead::run_storage_later(const OperationPointer& operation) {
    if (!run_slow_([this, operation] { run_storage(operation); })) {
        finish(operation, operation_event("operationInaccessible", operation->id));
    }
}

void ChainHead::run_storage(const OperationPointer& operation) {
    if (operation->storage == nullptr) {
        finish(operation, operation_event("operationInaccessible", operation->id));
        return;
    }
    for (std::size_t sent = 0; sent < kOperationBytes;) {
        if (operation->stopped) {
            return;
        }
        if (!operation->outbox->has_room()) {
            operation->outbox->when_room([this, operation] { run_storage_later(operation); });
            return;
        }
        StorageItems items;
        const auto more = operation->storage->next(items, kStorageItemsBytes);
        if (!more) {
            finish(operation, operation_error_event(operation->id, more.error().message()));
            return;
        }
        if (!items.members.empty()) {
            send(operation, storage_items_event(operation->id, items.members));
        }
        if (!*more) {
            finish(operation, operation_event("operationStorageDone", operation->id));
            return;
        }
        sent += items.bytes;
    }
    {
        const std::lock_guard lock(mutex_);
        operation->waits_for_continue = !operation->stopped;
    }
    send(operation, operation_event("operationWaitingForContinue", operation->id));
}

}  // namespace stipple::rpc
