// Walks the keys of a view in order, merging three sorted sources lazily:
//   layers   rows any layer touched, resolved against the view's chain; they shadow the rest
//   history  the first row above n of each key: what stood there at n, shadowing the base
//   base     the present rows
// A cursor keeps one snapshot for its life; make it short.
#pragma once

#include "state/store/view.hpp"

namespace stipple::state::store {

/// Rows of the base as of a block, those with something there.
class BaseCursor {
 public:
    BaseCursor(const BaseState& base, BlockNumber number, ByteView from, ByteView end);
    bool valid() const { return valid_; }
    /// Both are valid until the next move.
    ByteView row() const { return at_history_ ? ByteView(history_state_row_) : rows_->key(); }
    ByteView encoded() const { return at_history_ ? history_->value() : rows_->value(); }
    void next();
    /// To the first row >= `row`, which lies ahead.
    void seek(ByteView row);
    Result<> status() const;

 private:
    void settle();
    void settle_history();
    void step();

    BlockNumber number_;
    std::unique_ptr<StoreIterator> rows_;
    std::unique_ptr<StoreIterator> history_;  // null when the base stands at `number_`
    Bytes history_state_row_;                 // of the row history_ is at
    bool valid_ = false;
    bool at_rows_ = false;     // rows_ stands at the present row
    bool at_history_ = false;  // history_ does, and shadows it
};

class ViewCursor final : public KeyCursor {
 public:
    ViewCursor(const View& view, const TrieId& trie, ByteView from);
    bool valid() const override { return valid_; }
    ByteView key() const override { return key_; }
    Result<StoredValue> value() const override;
    void next() override;
    Result<> status() const override;

 private:
    void settle();
    /// Whether what was just read counts: nothing was pruned or reverted meanwhile.
    Result<> still_readable() const;
    /// Moves to the next row at or after (or just after) `from` that a layer of this view touched.
    void seek_layers(ByteView from, bool after);

    const View& view_;
    std::size_t prefix_bytes_;
    Bytes end_;
    std::shared_ptr<const BaseState> base_;
    BaseCursor below_;
    std::optional<Bytes> layer_row_;
    const ValueChange* layer_change_ = nullptr;
    bool valid_ = false;
    bool at_layer_ = false;  // the present key comes from the layers
    Bytes key_;
    std::optional<Error> error_;
};

}  // namespace stipple::state::store
