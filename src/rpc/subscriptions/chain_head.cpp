#include "rpc/subscriptions/chain_head.hpp"

#include "base/check.hpp"
#include "rpc/subscriptions/follow_events.hpp"

#include <algorithm>

namespace stipple::rpc {

ChainHead::ChainHead(const RpcContext& context, RunSlow run_slow, Ended ended)
    : context_(context),
      run_slow_(std::move(run_slow)),
      ended_(std::move(ended)),
      strand_(run_slow_, kFollowEventsMax) {}

Instant ChainHead::now() const {
    return context_.clock ? context_.clock() : Instant{};
}

ChainHead::Counts ChainHead::counts() const {
    const std::lock_guard lock(mutex_);
    return {follows_.size(), pins_.size()};
}

bool ChainHead::reserve(ConnectionId connection) {
    const std::lock_guard lock(mutex_);
    std::uint32_t& taken = per_connection_[connection];
    if (taken >= kFollowsPerConnectionMax) {
        return false;
    }
    ++taken;
    return true;
}

void ChainHead::give_back(ConnectionId connection) {
    const std::lock_guard lock(mutex_);
    const auto taken = per_connection_.find(connection);
    if (taken != per_connection_.end() && --taken->second == 0) {
        per_connection_.erase(taken);
    }
}

void ChainHead::begin(std::shared_ptr<Outbox> outbox, bool with_runtime) {
    const Key key{outbox->connection()->id(), outbox->id()};
    {
        const std::lock_guard lock(mutex_);
        Follow& follow = follows_[key];
        follow.outbox = std::move(outbox);
        follow.with_runtime = with_runtime;
    }
    if (!strand_.post([this, key] { tell_start(key); })) {
        {
            const std::lock_guard lock(mutex_);
            stop(key);
        }
        tell_ended();
    }
}

void ChainHead::end(ConnectionId connection, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = follows_.find(Key{connection, id});
    if (found != follows_.end()) {
        found->second.outbox->close();
        erase(found->first);
    }
}

void ChainHead::on_close(ConnectionId connection) {
    const std::lock_guard lock(mutex_);
    for (;;) {
        const auto next = follows_.lower_bound(Key{connection, {}});
        if (next == follows_.end() || next->first.first != connection) {
            break;
        }
        next->second.outbox->close();
        erase(next->first);
    }
    per_connection_.erase(connection);
}

void ChainHead::publish(const ChainEvent& event) {
    if (std::holds_alternative<JustificationMade>(event) ||
        std::holds_alternative<BeefyProofMade>(event)) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (follows_.empty()) {
            return;
        }
    }
    const bool taken = strand_.post([this, event] {
        if (const auto* imported = std::get_if<BlockImported>(&event)) {
            tell_imported(*imported);
        } else if (const auto* finalized = std::get_if<BlockFinalized>(&event)) {
            tell_finalized(*finalized);
        } else {
            stop_all();  // what they were told as final is not
        }
        tell_ended();
    });
    if (!taken) {
        // A gap can not be told otherwise.
        stop_all();
        tell_ended();
    }
}

void ChainHead::stop_all() {
    const std::lock_guard lock(mutex_);
    while (!follows_.empty()) {
        stop(follows_.begin()->first);
    }
}

std::vector<ChainHead::Key> ChainHead::begun() const {
    std::vector<Key> keys;
    for (const auto& [key, follow] : follows_) {
        if (follow.begun) {
            keys.push_back(key);
        }
    }
    return keys;
}

bool ChainHead::pin(const Key& key, const PinPointer& block) {
    if (!pins_.contains(block->block.hash) && pins_.size() >= kPinnedBlocksMax) {
        make_room();
    }
    const auto follow = follows_.find(key);
    if (follow == follows_.end()) {
        return false;
    }
    if (follow->second.pinned.emplace(block->block.hash, now()).second) {
        Pin& shared = pins_[block->block.hash];
        if (shared.block == nullptr) {
            shared.block = block;
        }
        ++shared.followers;
    }
    return true;
}

/// Who holds blocks for long goes first; when nobody does, everybody.
void ChainHead::make_room() {
    const Instant at = now();
    for (int round = 0; round < 2 && pins_.size() >= kPinnedBlocksMax; ++round) {
        for (const Key& key : begun()) {
            const Follow& follow = follows_.at(key);
            const bool old = std::ranges::any_of(
                follow.pinned, [&](const auto& pin) { return at - pin.second > kPinnedTimeMax; });
            if (old || round == 1) {
                stop(key);
            }
        }
    }
}

void ChainHead::unpin(Follow& follow, const BlockHash& block) {
    if (follow.pinned.erase(block) == 0) {
        return;
    }
    const auto shared = pins_.find(block);
    CHECK(shared != pins_.end());
    if (--shared->second.followers == 0) {
        pins_.erase(shared);
    }
}

void ChainHead::erase(const Key& key) {
    const auto found = follows_.find(key);
    if (found == follows_.end()) {
        return;
    }
    Follow& follow = found->second;
    for (const auto& [id, operation] : follow.operations) {
        operation->stopped = true;
    }
    while (!follow.pinned.empty()) {
        unpin(follow, BlockHash(follow.pinned.begin()->first));
    }
    const auto taken = per_connection_.find(key.first);
    if (taken != per_connection_.end() && --taken->second == 0) {
        per_connection_.erase(taken);
    }
    follows_.erase(found);
}

void ChainHead::stop(const Key& key) {
    const auto found = follows_.find(key);
    if (found == follows_.end()) {
        return;
    }
    found->second.outbox->finish(stop_event(), true);
    stopped_.push_back(key);
    erase(stopped_.back());
}

void ChainHead::tell_ended() {
    std::vector<Key> stopped;
    {
        const std::lock_guard lock(mutex_);
        stopped.swap(stopped_);
    }
    for (const Key& key : stopped) {
        ended_(key.first, key.second);
    }
}

}  // namespace stipple::rpc
