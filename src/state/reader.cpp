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
