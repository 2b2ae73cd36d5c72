#include "state/cleared.hpp"

namespace stipple::state {
namespace {

NibblePath path_of(ByteView prefix) {
    NibblePath path;
    path.reserve(2 * prefix.size());
    for (const std::uint8_t byte : prefix) {
        path.push_back(static_cast<std::uint8_t>(byte >> 4));
        path.push_back(static_cast<std::uint8_t>(byte & 15));
    }
    return path;
}

/// The entries whose key begins with `prefix`.
auto entries_below(auto& map, ByteView prefix) {
    const auto first = map.lower_bound(prefix);
    auto last = first;
    bool removed = true;
    for (; last != map.end() && starts_with(last->first, prefix); ++last) {
        removed = removed && !last->second;
    }
    return std::tuple(first, last, removed);
}

}  // namespace

Result<bool> fold_cleared(const Reader& before, const TrieId& trie, ByteView prefix,
                          TrieDifference& changes, std::uint64_t keys_min) {
    for (const auto& range : changes.cleared) {
        if (starts_with(range.prefix, prefix) || starts_with(prefix, range.prefix)) {
            return false;
        }
    }
    const auto [first, last, removed] = entries_below(changes.values, prefix);
    const NibblePath path = path_of(prefix);
    const auto [first_node, last_node, nodes_removed] = entries_below(changes.nodes, path);
    if (!removed || !nodes_removed) {
        return false;
    }
    std::uint64_t keys = 0;
    const auto cursor = before.keys(trie, prefix);
    auto at = first;
    for (; cursor->valid() && starts_with(cursor->key(), prefix); cursor->next()) {
        while (at != last && compare(at->first, cursor->key()) < 0) {
            ++at;  // was not there
        }
        if (at == last || !equal(at->first, cursor->key())) {
            return false;  // stays
        }
        ++keys;
    }
    TRY(cursor->status());
    if (keys <= keys_min) {
        return false;
    }
    changes.values.erase(first, last);
    changes.nodes.erase(first_node, last_node);
    changes.cleared.push_back({to_bytes(prefix), keys});
    return true;
}

}  // namespace stipple::state
