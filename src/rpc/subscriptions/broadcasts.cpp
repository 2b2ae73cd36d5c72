#include "rpc/subscriptions/broadcasts.hpp"

#include "rpc/subscriptions/limits.hpp"

#include <algorithm>

namespace stipple::rpc {
namespace {

/// A ban that ends, a pool that is full, a node that is busy.
bool is_passing(const RpcError& error) {
    return error.code == 1012 || error.code == 1016 || error.code == kServerIsBusy;
}

bool is_passing(TransactionStatus::Kind kind) {
    using Kind = TransactionStatus::Kind;
    return kind == Kind::finality_timeout || kind == Kind::invalid || kind == Kind::dropped;
}

}  // namespace

std::size_t Broadcasts::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::optional<Broadcasts::Entry> Broadcasts::take(const Key& key) {
    const std::lock_guard lock(mutex_);
    auto node = entries_.extract(key);
    return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
}

RpcResult<> Broadcasts::broadcast(ConnectionId connection, std::string id, Params& params,
                                  std::string& out, After& after) {
    TRY_ASSIGN(const Bytes encoded, params.bytes("bytes"));
    auto extrinsic = decode_opaque_extrinsic(encoded);
    const Key key{connection, std::move(id)};
    {
        const std::lock_guard lock(mutex_);
        const auto own = std::ranges::count(entries_, connection,
                                            [](const auto& entry) { return entry.first.first; });
        if (std::cmp_greater_equal(own, kBroadcastsPerConnectionMax)) {
            out.append("null");
            return {};
        }
        if (extrinsic) {
            entries_.emplace(key, Entry{std::move(*extrinsic)});
        }
    }
    // Bytes that are no extrinsic get an id too: the client is not told.
    append_json_string(out, key.second);
    if (extrinsic) {
        after.emplace_back([this, key] { submit(key); });
    }
    return {};
}

void Broadcasts::submit(const Key& key) {
    Extrinsic extrinsic;
    bool closed = true;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(key);
        if (found == entries_.end() || found->second.state != State::waiting) {
            return;
        }
        extrinsic = found->second.extrinsic;
        if (found->second.is_closed) {
            entries_.erase(found);
        } else {
            found->second.state = State::submitting;
            found->second.is_fresh = false;
            closed = false;
        }
    }
    if (closed) {
        static_cast<void>(pool_->submit(std::move(extrinsic)));
        return;
    }
    const auto watch = pool_->submit_and_watch(
        std::move(extrinsic),
        [this, key](const TransactionStatus& status) { on_status(key, status); });
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(key);
        if (found != entries_.end()) {
            Entry& entry = found->second;
            if (!watch && !is_passing(watch.error())) {
                entries_.erase(found);
            } else if (!watch) {
                entry.state = State::waiting;
            } else if (entry.state == State::submitting) {
                entry.state = State::watched;
                entry.watch = *watch;
            }
            return;
        }
    }
    if (watch) {
        // Stopped while the pool looked at it, or done already.
        pool_->unwatch(*watch);
    }
}

void Broadcasts::on_status(const Key& key, const TransactionStatus& status) {
    if (!status.is_last()) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return;
    }
    if (is_passing(status.kind)) {
        found->second.state = State::waiting;
        found->second.watch.reset();
    } else {
        entries_.erase(found);
    }
}

RpcResult<> Broadcasts::stop(ConnectionId connection, Params& params, std::string& out) {
    TRY_ASSIGN(std::string id, params.text("operation_id"));
    const auto entry = take({connection, std::move(id)});
    if (!entry) {
        return std::unexpected(RpcError{kInvalidParams, "Invalid operation id"});
    }
    if (entry->watch) {
        pool_->unwatch(*entry->watch);
    }
    const ExtrinsicHash hash = entry->extrinsic.hash();
    pool_->remove(std::span(&hash, 1));
    out.append("null");
    return {};
}

void Broadcasts::on_best_block() {
    std::vector<Key> waiting;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [key, entry] : entries_) {
            if (entry.state == State::waiting) {
                waiting.push_back(key);
            }
        }
    }
    for (const Key& key : waiting) {
        if (!run_slow_([this, key] { submit(key); })) {
            return;  // with the next block
        }
    }
}

void Broadcasts::on_close(ConnectionId connection) {
    std::vector<std::uint64_t> watches;
    {
        const std::lock_guard lock(mutex_);
        auto next = entries_.lower_bound(Key{connection, {}});
        while (next != entries_.end() && next->first.first == connection) {
            if (next->second.is_fresh) {
                // It was promised; a job will give it to the pool once.
                next->second.is_closed = true;
                ++next;
                continue;
            }
            if (next->second.watch) {
                watches.push_back(*next->second.watch);
            }
            next = entries_.erase(next);
        }
    }
    for (const std::uint64_t watch : watches) {
        pool_->unwatch(watch);
    }
}

}  // namespace stipple::rpc
