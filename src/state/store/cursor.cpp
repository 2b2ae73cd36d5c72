#include "state/store/cursor.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

constexpr std::size_t kNumberBytes = 8;

Bytes end_of_trie(const TrieId& trie) {
    // Absent only for a prefix of ff bytes, and a trie's prefix starts with a length whose bytes
    // are never all ff.
    return end_of_prefix(trie_prefix(trie)).value_or(Bytes{});
}

}  // namespace

BaseCursor::BaseCursor(const BaseState& base, BlockNumber number, ByteView from, ByteView end)
    : number_(number),
      rows_(base.rows->iterate(state_column(base.side, RowKind::value), from, end)) {
    rows_->seek(from);
    if (number < base.state.block.number) {
        history_ = base.rows->iterate(Column::value_history, from, end);
        history_->seek(from);
        settle_history();
    }
    settle();
}

/// From wherever history_ is, to the first row above `number_` of some key.
void BaseCursor::settle_history() {
    while (history_->valid()) {
        const ByteView at = history_->key();
        if (at.size() < kNumberBytes) {
            history_->next();
            continue;
        }
        const ByteView state_row = at.first(at.size() - kNumberBytes);
        if (load_be<std::uint64_t>(at.last(kNumberBytes)) > number_) {
            history_state_row_ = to_bytes(state_row);
            return;
        }
        // An older replacement: this key's first row above the number, or the next key.
        history_->seek(history_row(state_row, std::uint64_t{number_} + 1));
    }
}

/// Finds the next row with something there, from where the two iterators stand.
void BaseCursor::settle() {
    while (true) {
        const bool has_history = history_ && history_->valid();
        valid_ = rows_->valid() || has_history;
        if (!valid_) {
            return;
        }
        const int order = !has_history      ? -1
                          : !rows_->valid() ? 1
                                            : compare(rows_->key(), history_state_row_);
        at_rows_ = order <= 0;
        at_history_ = order >= 0;
        if (!is_absent(encoded())) {
            return;
        }
        step();
    }
}

/// Off the present row.
void BaseCursor::step() {
    if (at_rows_) {
        rows_->next();
    }
    if (at_history_) {
        history_->seek(history_end(history_state_row_));
        settle_history();
    }
}

void BaseCursor::next() {
    CHECK(valid_);
    step();
    settle();
}

void BaseCursor::seek(ByteView row) {
    rows_->seek(row);
    if (history_) {
        history_->seek(row);
        settle_history();
    }
    settle();
}

Result<> BaseCursor::status() const {
    TRY(rows_->status());
    return history_ ? history_->status() : Result<>();
}

ViewCursor::ViewCursor(const View& view, const TrieId& trie, ByteView from)
    : view_(view),
      prefix_bytes_(trie_prefix(trie).size()),
      end_(end_of_trie(trie)),
      base_(view.shared().base()),
      below_(*base_, view.fork_number(), value_row(trie, from), end_) {
    if (view.fork_number() > base_->state.block.number) {
        error_ = Error("the state was reverted");
        return;
    }
    if (view_.chain() != nullptr) {
        seek_layers(value_row(trie, from), false);
    }
    settle();
}

void ViewCursor::seek_layers(ByteView from, bool after) {
    const auto& index = view_.shared().indexes->values;
    layer_row_ = to_bytes(from);
    while (true) {
        layer_row_ = index.next_row(*layer_row_, after);
        if (!layer_row_ || compare(*layer_row_, end_) >= 0) {
            layer_row_.reset();
            return;
        }
        BlockNumber number = 0;
        const void* change = index.find(*layer_row_, *view_.chain(), &number);
        if (change != nullptr && view_.cleared(RowKind::value, *layer_row_, number) == nullptr) {
            layer_change_ = static_cast<const ValueChange*>(change);
            return;
        }
        after = true;  // only layers of other forks touched it, or a later one took all there
    }
}

void ViewCursor::settle() {
    valid_ = false;
    while (layer_row_ || below_.valid()) {
        if (const auto* range =
                below_.valid() ? view_.cleared(RowKind::value, below_.row(), 0) : nullptr) {
            below_.seek(range->last);
            continue;
        }
        const int order = !layer_row_       ? 1
                          : !below_.valid() ? -1
                                            : compare(*layer_row_, below_.row());
        at_layer_ = order <= 0;
        if (order == 0) {
            below_.next();  // shadowed
        }
        if (at_layer_ && !*layer_change_) {
            seek_layers(Bytes(*layer_row_), true);  // removed by a layer
            continue;
        }
        if (!parse_key(at_layer_ ? ByteView(*layer_row_) : below_.row(), prefix_bytes_, key_)) {
            error_ = Error("column values: a row's key is malformed");
            return;
        }
        if (auto counts = still_readable(); !counts) {
            error_ = counts.error();
            return;
        }
        valid_ = true;
        return;
    }
}

void ViewCursor::next() {
    CHECK(valid_);
    if (at_layer_) {
        seek_layers(Bytes(*layer_row_), true);
    } else {
        below_.next();
    }
    settle();
}

Result<StoredValue> ViewCursor::value() const {
    CHECK(valid_);
    if (at_layer_) {
        return (*layer_change_)->stored();
    }
    TRY_ASSIGN(const auto value, decode_value(below_.encoded()));
    TRY(status());
    CHECK(value.has_value());
    return value->stored();
}

Result<> ViewCursor::status() const {
    if (error_) {
        return std::unexpected(*error_);
    }
    TRY(below_.status());
    return still_readable();
}

Result<> ViewCursor::still_readable() const {
    const auto floor = view_.shared().pins->floor();
    if (view_.fork_number() < floor) {
        return fail(fmt::format("state pruned: the floor is #{}", floor));
    }
    return view_.still_there();
}

}  // namespace stipple::state::store
