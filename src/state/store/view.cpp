#include "state/store/view.hpp"

#include "state/store/cursor.hpp"

#include <fmt/format.h>

namespace stipple::state::store {

Result<> View::still_there() const {
    if (pin_->revoked()) {
        return fail(fmt::format("state above block #{} was reverted", pin_->number()));
    }
    return {};
}

const RowRange* View::cleared(RowKind kind, ByteView row, BlockNumber number) const {
    return !chain_ || shared_->indexes->clearing.load() == 0 ? nullptr
                                                             : chain_->cleared(kind, row, number);
}

Result<bool> View::look_up(const TrieId& trie, ByteView key, const auto& use) const {
    const Bytes row = value_row(trie, key);
    if (chain_) {
        BlockNumber number = 0;
        const void* change = shared_->indexes->values.find(row, *chain_, &number);
        if (cleared(RowKind::value, row, number) != nullptr) {
            return false;
        }
        if (change != nullptr) {
            const auto& now = *static_cast<const ValueChange*>(change);
            if (now) {
                use(*now);
            }
            return now.has_value();
        }
    }
    TRY_ASSIGN(const auto found, shared_->read(RowKind::value, row, pin_->number()));
    TRY(still_there());
    TRY_ASSIGN(const auto held, decode_value(*found));
    if (held) {
        use(*held);
    }
    return held.has_value();
}

Result<std::optional<StoredValue>> View::value(const TrieId& trie, ByteView key) const {
    std::optional<StoredValue> value;
    TRY(look_up(trie, key, [&](const ValueView& found) { value = found.stored(); }));
    return value;
}

Result<bool> View::surely_has(const TrieId& trie, ByteView key) const {
    return look_up(trie, key, [](const ValueView&) {});
}

Result<std::optional<LentBytes>> View::lend_branch(const TrieId& trie, ByteView path) const {
    const Bytes row = node_row(trie, path);
    if (chain_) {
        BlockNumber number = 0;
        const void* change = shared_->indexes->nodes.find(row, *chain_, &number);
        if (cleared(RowKind::node, row, number) != nullptr) {
            return std::nullopt;
        }
        if (change != nullptr) {
            // The chain keeps the layer, and so its difference.
            const auto& now = *static_cast<const NodeChange*>(change);
            return now ? std::optional(LentBytes(*now)) : std::nullopt;
        }
    }
    TRY_ASSIGN(const auto found, shared_->read(RowKind::node, row, pin_->number()));
    TRY(still_there());
    TRY_ASSIGN(const auto encoded, decode_node(*found));
    return encoded ? std::optional(LentBytes(*encoded, found)) : std::nullopt;
}

std::unique_ptr<KeyCursor> View::keys(const TrieId& trie, ByteView from) const {
    return std::make_unique<ViewCursor>(*this, trie, from);
}

Result<StateRoot> View::root(const TrieId& trie) const {
    if (trie.is_main()) {
        return root_;
    }
    TRY_ASSIGN(const auto held, value(TrieId::main(), child_root_key(trie)));
    if (!held) {
        return empty_trie_root();
    }
    const auto root = StateRoot::from(held->bytes);
    if (!root) {
        return fail("the root of a child trie is not 32 bytes long");
    }
    return *root;
}

}  // namespace stipple::state::store
