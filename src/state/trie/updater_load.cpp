// Step one of an update, its reading half: stored branches ahead of the merge, and single nodes
// when the merge comes upon them.
#include "state/trie/updater.hpp"

#include <fmt/format.h>

namespace stipple::state::trie {

namespace {

/// One hex digit a nibble, for messages.
std::string path_text(ByteView path) {
    std::string text = "path /";
    for (const std::uint8_t nibble : path) {
        text += "0123456789abcdef"[nibble & 15];
    }
    return text;
}

std::unexpected<Error> contradiction(ByteView path, std::string_view what) {
    return fail(fmt::format("trie: {}: {}", path_text(path), what));
}

}  // namespace

/// The root branch with all others on the ways of the writes below it; null when there is none.
Result<Updater::Node*> Updater::preload(std::span<const Write> writes) {
    Slot root;
    std::vector<Wanted> wanted{{{}, writes, &root}};
    std::vector<Wanted> next;
    std::vector<ByteView> paths;
    std::vector<std::optional<LentBytes>> lent;
    while (!wanted.empty()) {
        paths.clear();
        for (const Wanted& want : wanted) {
            paths.push_back(want.path);
        }
        lent.assign(paths.size(), std::nullopt);
        TRY(before_.lend_branches(trie_, paths, lent));
        next.clear();
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (lent[i]) {  // otherwise a leaf stands there
                TRY_ASSIGN(Node * node, add_loaded(paths[i], *std::move(lent[i])));
                wanted[i].slot->node = node;
                want_below(*node, paths[i].size(), wanted[i].writes, next);
            }
        }
        wanted.swap(next);
    }
    return root.node;
}

/// The children that are stored branches or leaves, and have writes below them.
void Updater::want_below(Node& node, std::size_t depth, std::span<const Write> writes,
                         std::vector<Wanted>& out) {
    writes = below(writes, depth, node.partial);
    const std::size_t end = depth + node.partial.size();
    std::size_t from = !writes.empty() && writes[0].nibbles.size() == end ? 1 : 0;
    while (from < writes.size()) {
        const std::uint8_t nibble = writes[from].nibbles[end];
        std::size_t to = from + 1;
        while (to < writes.size() && writes[to].nibbles[end] == nibble) {
            ++to;
        }
        Slot& slot = (*node.children)[nibble];
        if (slot.ref.size() == kHashBytes) {
            out.push_back(
                {writes[from].nibbles.first(end + 1), writes.subspan(from, to - from), &slot});
        }
        from = to;
    }
}

Result<Updater::Node*> Updater::add_loaded(ByteView path, LentBytes encoded) {
    loaded_.push_back({path, std::move(encoded)});
    const auto view = decode_node(loaded_.back().encoded.view());
    if (!view || !view->is_branch()) {
        return contradiction(path, view ? "not a branch" : describe(view.error()));
    }
    TRY_ASSIGN(Node * node, node_of(*view));
    node->loaded = loaded_.size() - 1;
    return node;
}

Result<Updater::Node*> Updater::load(ByteView ref, ByteView path, std::span<const Write> writes,
                                     bool moves) {
    if (!ref.empty() && ref.size() < kHashBytes) {
        const auto view = decode_node(ref);
        if (!view) {
            return contradiction(path, describe(view.error()));
        }
        return node_of(*view);
    }
    TRY_ASSIGN(auto lent, before_.lend_branch(trie_, path));
    if (!lent) {
        return load_leaf(path, writes, moves);
    }
    return add_loaded(path, *std::move(lent));
}

/// A hash without a stored branch stands for a leaf: the only key below the path.
Result<Updater::Node*> Updater::load_leaf(ByteView path, std::span<const Write> writes,
                                          bool moves) {
    // Most often it is the one that is written, which is quicker to find than by walking.
    if (writes.size() == 1 && !moves) {
        TRY_ASSIGN(const bool there, before_.surely_has(trie_, writes[0].key));
        if (there) {
            return unread_leaf(path, writes[0].nibbles);
        }
    }
    const auto cursor = before_.keys(trie_, pack_nibbles(path));
    if (!cursor->valid()) {
        TRY(cursor->status());
        if (path.empty()) {
            return nullptr;
        }
        return contradiction(path, "no key below it");
    }
    const ByteView nibbles = nibbles_of(cursor->key());
    if (!starts_with(nibbles, path)) {
        return contradiction(path, "no key below it");
    }
    Node* leaf = unread_leaf(path, nibbles);
    // Another key that is set in this slot makes the leaf a child of a branch, or its value.
    const bool replaced = std::binary_search(
        writes.begin(), writes.end(), Write{nibbles, {}, nullptr},
        [](const Write& a, const Write& b) { return compare(a.nibbles, b.nibbles) < 0; });
    if (moves || (any_set(writes) && !replaced)) {
        TRY(read_value(*leaf, *cursor));
    }
    return leaf;
}

Updater::Node* Updater::unread_leaf(ByteView path, ByteView nibbles) {
    Node* leaf = &nodes_.add();
    leaf->partial = nibbles.subspan(path.size());
    leaf->value_state = ValueState::unread;
    return leaf;
}

Result<> Updater::read_value(Node& leaf, const KeyCursor& cursor) {
    if (known_ != nullptr) {
        const auto known = known_->by_key.find(cursor.key());
        if (known != known_->by_key.end()) {
            leaf.value = known->second.view();
            leaf.value_state = ValueState::hash;
            return {};
        }
    }
    TRY_ASSIGN(StoredValue value, cursor.value());
    const bool hashed = value.form == ValueForm::hashed;
    if (hashed && known_ != nullptr && value.bytes.size() >= ValueHashes::kValueBytesMin) {
        const auto [at, added] =
            known_->by_key.emplace(to_bytes(cursor.key()), crypto::blake2b_256(value.bytes));
        leaf.value = at->second.view();
        leaf.value_state = ValueState::hash;
        return {};
    }
    StoredValue& kept = values_.add();
    kept = std::move(value);
    leaf.value = kept.bytes;
    leaf.value_state = hashed ? ValueState::to_hash : ValueState::inline_bytes;
    return {};
}

Result<Updater::Node*> Updater::node_of(const NodeView& view) {
    Node* node = &nodes_.add();
    std::uint8_t* partial = bytes_.take(view.partial.count);
    for (std::size_t i = 0; i < view.partial.count; ++i) {
        partial[i] = view.partial[i];
    }
    node->partial = {partial, view.partial.count};
    if (view.has_value()) {
        node->value = view.value;
        node->value_state = view.is_hashed() ? ValueState::hash : ValueState::inline_bytes;
    }
    if (view.is_branch()) {
        node->children = &slots_.add();
        for (std::size_t i = 0; i < 16; ++i) {
            (*node->children)[i].ref = view.children[i];
        }
    }
    return node;
}

}  // namespace stipple::state::trie
