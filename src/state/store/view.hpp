// The state of one block: its layers down to the base, then the base as of where they fork off.
#pragma once

#include "state/store/base.hpp"

#include <memory>

namespace stipple::state::store {

class View final : public Reader {
 public:
    /// Over layers: `pin` holds the parent of the first. Without layers (`chain` null): `pin` holds
    /// the block itself.
    View(std::shared_ptr<const Shared> shared, std::shared_ptr<const Chain> chain,
         std::unique_ptr<Pin> pin, StateRoot root)
        : shared_(std::move(shared)), chain_(std::move(chain)), pin_(std::move(pin)), root_(root) {}

    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override;
    Result<bool> surely_has(const TrieId& trie, ByteView key) const override;
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override;
    Result<std::optional<LentBytes>> lend_branch(const TrieId& trie, ByteView path) const override;
    Result<StateRoot> root(const TrieId& trie) const override;

    const Shared& shared() const { return *shared_; }
    const Chain* chain() const { return chain_.get(); }
    /// The mass deletion by a layer above `number` that took `row`; null when there is none.
    const RowRange* cleared(RowKind kind, ByteView row, BlockNumber number) const;
    BlockNumber fork_number() const { return pin_->number(); }
    /// Whether what was just read counts: fails after a revert took the block away.
    Result<> still_there() const;

 private:
    /// Calls `use(ValueView)` when there is a value, and says so.
    Result<bool> look_up(const TrieId& trie, ByteView key, const auto& use) const;

    std::shared_ptr<const Shared> shared_;
    std::shared_ptr<const Chain> chain_;
    std::unique_ptr<Pin> pin_;
    StateRoot root_;
};

}  // namespace stipple::state::store
