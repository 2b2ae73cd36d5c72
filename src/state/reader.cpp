#include "state/reader.hpp"

#include "crypto/hash.hpp"

namespace stipple::state {

Result<std::optional<Bytes>> Reader::get(const TrieId& trie, ByteView key) const {
    TRY_ASSIGN(auto found, value(trie, key));
    if (!found) {
        return std::nullopt;
    }
    return std::move(found->bytes);
}

Result<bool> Reader::surely_has(const TrieId&, ByteView) const {
    return false;
}

Result<> Reader::lend_branches(const TrieId& trie, std::span<const ByteView> paths,
                               std::span<std::optional<LentBytes>> out) const {
    for (std::size_t i = 0; i < paths.size(); ++i) {
        TRY_ASSIGN(out[i], lend_branch(trie, paths[i]));
    }
    return {};
}

Result<std::optional<Bytes>> Reader::branch(const TrieId& trie, ByteView path) const {
    TRY_ASSIGN(const auto lent, lend_branch(trie, path));
    return lent ? std::optional(to_bytes(lent->view())) : std::nullopt;
}

Result<std::optional<Bytes>> Reader::next_key(const TrieId& trie, ByteView key) const {
    Bytes after = to_bytes(key);
    after.push_back(0);  // the smallest string above `key`
    const auto cursor = keys(trie, after);
    if (cursor->valid()) {
        return to_bytes(cursor->key());
    }
    TRY(cursor->status());
    return std::nullopt;
}

StateRoot empty_trie_root() {
    static const StateRoot root = [] {
        const std::uint8_t zero = 0;
        return StateRoot(crypto::blake2b_256({&zero, 1}).bytes);
    }();
    return root;
}

Bytes child_root_key(const TrieId& trie) {
    Bytes key = to_bytes(kDefaultChildStoragePrefix);
    append(key, trie.child_key);
    return key;
}

}  // namespace stipple::state
