#include "state/trie/builder.hpp"

#include <bit>

namespace stipple::state::trie {

namespace {

/// Nibbles that two keys share, given that they share the first `known`.
std::size_t common_nibbles(ByteView a, ByteView b, std::size_t known) {
    const std::size_t limit = std::min(a.size(), b.size());
    std::size_t i = known / 2;
    while (i < limit && a[i] == b[i]) {
        ++i;
    }
    if (i == limit) {
        return 2 * i;
    }
    return 2 * i + ((a[i] >> 4) == (b[i] >> 4) ? 1 : 0);
}

}  // namespace

template <class Hasher>
NodeRef Builder<Hasher>::large(std::size_t from, std::size_t to, std::size_t depth) {
    Node node;
    node.key = from;
    node.depth = depth;
    node.end = common_nibbles(pairs_[from].key, pairs_[to - 1].key, depth);
    node.has_value = pairs_[from].key.size() * 2 == node.end;
    node.first_child = 0;  // a branch: children are given below
    std::array<NodeRef, 16> children;
    std::uint16_t bitmap = 0;
    std::size_t i = from + (node.has_value ? 1 : 0);
    while (i < to) {
        const std::uint8_t nibble = nibble_of(pairs_[i].key, node.end);
        // The slot's range ends where the nibble changes.
        const auto slot_end = std::partition_point(
            pairs_.begin() + static_cast<std::ptrdiff_t>(i),
            pairs_.begin() + static_cast<std::ptrdiff_t>(to),
            [&](const KeyValue& pair) { return nibble_of(pair.key, node.end) == nibble; });
        const auto end = static_cast<std::size_t>(slot_end - pairs_.begin());
        children[static_cast<std::size_t>(std::popcount(bitmap))] = subtree(i, end, node.end + 1);
        bitmap = static_cast<std::uint16_t>(bitmap | 1U << nibble);
        i = end;
    }
    const bool hashed = node.has_value && form(from) == ValueForm::hashed;
    if (hashed) {
        hash_values(from, from + 1);
    }
    arena_.clear();
    encode(node, children.data(), bitmap, hashed ? &value_hashes_[0] : nullptr);
    hashes_.clear();
    hashes_.add(arena_[0]);
    hashes_.template run<Hasher>();
    return settle(0, 0, node);
}

template <class Hasher>
NodeRef Builder<Hasher>::batch(std::size_t from, std::size_t to, std::size_t depth) {
    nodes_.clear();
    for (auto& level : levels_) {
        level.clear();
    }
    // Pairs that were sorted lie anywhere in memory: all of a part are fetched at once.
    for (std::size_t i = from; i < to; ++i) {
        __builtin_prefetch(pairs_[i].key.data());
        __builtin_prefetch(pairs_[i].value.data());
    }
    hash_values(from, to);
    std::size_t height = 0;
    shape(from, to, depth, height);
    for (std::size_t i = 0; i <= height; ++i) {
        finish_level(levels_[i]);
    }
    return nodes_[0].ref;
}

template <class Hasher>
std::uint32_t Builder<Hasher>::shape(std::size_t from, std::size_t to, std::size_t depth,
                                     std::size_t& height) {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    const ByteView key = pairs_[from].key;
    Node& node = nodes_.emplace_back();
    node.key = from;
    node.depth = depth;
    height = 0;
    if (to - from == 1) {
        node.end = 2 * key.size();
        node.has_value = true;
    } else {
        const std::size_t end = common_nibbles(key, pairs_[to - 1].key, depth);
        const bool has_value = 2 * key.size() == end;
        node.end = end;
        node.has_value = has_value;
        std::uint32_t last = kNone;
        for (std::size_t i = from + (has_value ? 1 : 0); i < to;) {
            const std::uint8_t nibble = nibble_of(pairs_[i].key, end);
            std::size_t next = i + 1;
            while (next < to && nibble_of(pairs_[next].key, end) == nibble) {
                ++next;
            }
            std::size_t below = 0;
            const std::uint32_t child = shape(i, next, end + 1, below);
            height = std::max(height, below + 1);
            nodes_[child].nibble = nibble;
            (last == kNone ? nodes_[index].first_child : nodes_[last].next_sibling) = child;
            last = child;
            i = next;
        }
    }
    if (levels_.size() <= height) {
        levels_.resize(height + 1);
    }
    levels_[height].push_back(index);
    return index;
}

template <class Hasher>
void Builder<Hasher>::hash_values(std::size_t from, std::size_t to) {
    value_base_ = from;
    value_slot_.resize(to - from);
    value_hashes_.clear();
    for (std::size_t i = from; i < to; ++i) {
        value_slot_[i - from] = form(i) == ValueForm::hashed
                                    ? static_cast<std::uint32_t>(value_hashes_.add(pairs_[i].value))
                                    : kNone;
    }
    value_hashes_.template run<Hasher>();
}

template <class Hasher>
void Builder<Hasher>::encode(const Node& node, const NodeRef* children, std::uint16_t bitmap,
                             const crypto::Hash256* value_hash) {
    const bool branch = bitmap != 0;
    const bool hashed = node.has_value && form(node.key) == ValueForm::hashed;
    NodeKind kind = hashed ? NodeKind::leaf_hashed : NodeKind::leaf;
    if (branch) {
        kind = !node.has_value ? NodeKind::branch
                               : (hashed ? NodeKind::branch_hashed : NodeKind::branch_value);
    }
    const KeyValue& pair = pairs_[node.key];
    const std::size_t nibbles = node.end - node.depth;
    std::uint8_t* out = arena_.begin(node_overhead_max(nibbles, branch) +
                                     (node.has_value && !hashed ? pair.value.size() : 0));
    out = put_header(out, kind, nibbles);
    out = put_partial_of_key(out, pair.key, node.depth, node.end);
    if (branch) {
        *out++ = static_cast<std::uint8_t>(bitmap);
        *out++ = static_cast<std::uint8_t>(bitmap >> 8);
    }
    if (hashed) {
        out = put_bytes(out, *value_hash);
    } else if (node.has_value) {
        out = put_byte_string(out, pair.value);
    }
    for (int i = 0; i < std::popcount(bitmap); ++i) {
        out = put_child(out, children[i].view());
    }
    arena_.end(out);
}

template <class Hasher>
void Builder<Hasher>::finish_level(std::span<const std::uint32_t> level) {
    arena_.clear();
    hashes_.clear();
    for (const std::uint32_t index : level) {
        const Node& node = nodes_[index];
        std::array<NodeRef, 16> children;
        std::uint16_t bitmap = 0;
        std::size_t count = 0;
        for (std::uint32_t c = node.first_child; c != kNone; c = nodes_[c].next_sibling) {
            children[count++] = nodes_[c].ref;
            bitmap = static_cast<std::uint16_t>(bitmap | 1U << nodes_[c].nibble);
        }
        const std::uint32_t slot = node.has_value ? value_slot_[node.key - value_base_] : kNone;
        encode(node, children.data(), bitmap, slot == kNone ? nullptr : &value_hashes_[slot]);
    }
    for (std::size_t i = 0; i < level.size(); ++i) {
        if (arena_[i].size() >= kHashedNodeBytesMin || nodes_[level[i]].depth == 0) {
            hashes_.add(arena_[i]);
        }
    }
    hashes_.template run<Hasher>();
    std::size_t hash = 0;
    for (std::size_t i = 0; i < level.size(); ++i) {
        Node& node = nodes_[level[i]];
        node.ref = settle(i, hash, node);
        if (arena_[i].size() >= kHashedNodeBytesMin || node.depth == 0) {
            ++hash;
        }
    }
}

/// The reference to encoding `i` of the arena, whose hash is number `hash` if it has one.
template <class Hasher>
NodeRef Builder<Hasher>::settle(std::size_t i, std::size_t hash, const Node& node) {
    const ByteView encoded = arena_[i];
    if (encoded.size() < kHashedNodeBytesMin && node.depth != 0) {
        return make_ref(encoded);
    }
    if (branches_ != nullptr && node.first_child != kNone) {
        StoredBranch& branch = branches_->emplace_back();
        for (std::size_t n = 0; n < node.depth; ++n) {
            branch.path.push_back(nibble_of(pairs_[node.key].key, n));
        }
        branch.encoded = to_bytes(encoded);
    }
    return make_ref(hashes_[hash]);
}

template class Builder<Blake2Hasher>;
template class Builder<KeccakHasher>;

}  // namespace stipple::state::trie
