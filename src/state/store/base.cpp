#include "state/store/base.hpp"

#include "state/store/node_delta.hpp"

#include <fmt/format.h>

namespace stipple::state::store {

namespace {

/// What the differences, newest last, make of the version that replaced them.
Result<Bytes> over(Bytes row, const std::vector<Bytes>& deltas) {
    for (auto delta = deltas.rbegin(); delta != deltas.rend(); ++delta) {
        TRY_ASSIGN(row, apply_delta(row, *delta));
    }
    return row;
}

}  // namespace

Pin::~Pin() {
    const std::lock_guard lock(pins_->mutex_);
    pins_->pins_.erase({number_, this});
}

std::unique_ptr<Pin> Pins::pin(BlockNumber number) {
    const std::lock_guard lock(mutex_);
    if (number < floor_.load()) {
        return nullptr;
    }
    std::unique_ptr<Pin> made(new Pin(shared_from_this(), number));
    pins_.emplace(number, made.get());
    return made;
}

BlockNumber Pins::raise(BlockNumber wanted) {
    const std::lock_guard lock(mutex_);
    if (!pins_.empty()) {
        wanted = std::min(wanted, pins_.begin()->first);
    }
    if (wanted > floor_.load()) {
        floor_.store(wanted);
    }
    return floor_.load();
}

void Pins::revoke_above(BlockNumber number) {
    const std::lock_guard lock(mutex_);
    for (const auto& [pinned, pin] : pins_) {
        if (pinned > number) {
            pin->revoked_.store(true);
        }
    }
}

void Pins::start_over(BlockNumber floor) {
    const std::lock_guard lock(mutex_);
    for (const auto& [pinned, pin] : pins_) {
        pin->revoked_.store(true);
    }
    floor_.store(floor);
}

Result<Bytes> read_as_of(const BaseState& base, RowKind kind, ByteView row, BlockNumber number) {
    std::vector<Bytes> deltas;  // newest last
    if (number < base.state.block.number) {
        const Bytes from = history_row(row, std::uint64_t{number} + 1);
        const auto walk = base.rows->iterate(history_column(kind), from, history_end(row));
        for (walk->seek(from); walk->valid(); walk->next()) {
            if (kind == RowKind::value || !is_delta(walk->value())) {
                return over(to_bytes(walk->value()), deltas);
            }
            deltas.push_back(to_bytes(walk->value()));
        }
        TRY(walk->status());
    }
    TRY_ASSIGN(auto found, base.rows->get(state_column(base.side, kind), row));
    return over(found ? std::move(*found) : encode_node(std::nullopt), deltas);
}

Result<CachedRow> Shared::read(RowKind kind, ByteView row, BlockNumber number) const {
    if (auto cached = cache.find(kind, row, number)) {
        return cached;
    }
    const auto base = base_.load();
    if (number > base->state.block.number) {
        return fail(fmt::format("state of block #{} was reverted", number));
    }
    TRY_ASSIGN(auto bytes, read_as_of(*base, kind, row, number));
    if (number < pins->floor()) {
        return fail(fmt::format("state pruned: block #{} is below the floor", number));
    }
    auto value = std::make_shared<const Bytes>(std::move(bytes));
    if (number == base->state.block.number) {
        cache.insert(kind, row, value, number, base->generation);
    }
    return value;
}

}  // namespace stipple::state::store
