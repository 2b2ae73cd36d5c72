#include "state/trie/updater.hpp"

namespace stipple::state::trie {

namespace {

std::size_t common_prefix(ByteView a, ByteView b) {
    const std::size_t limit = std::min(a.size(), b.size());
    return static_cast<std::size_t>(
        std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(limit), b.begin()).first -
        a.begin());
}

}  // namespace

bool Updater::any_set(std::span<const Write> writes) {
    return std::any_of(writes.begin(), writes.end(),
                       [](const Write& write) { return write.value->has_value(); });
}

/// The writes whose keys go on with `partial` from `depth` on, where all are alike up to there.
std::span<const Updater::Write> Updater::below(std::span<const Write> writes, std::size_t depth,
                                               ByteView partial) {
    const auto first = std::find_if(writes.begin(), writes.end(), [&](const Write& write) {
        return starts_with(write.nibbles.subspan(depth), partial);
    });
    const auto last = std::find_if_not(first, writes.end(), [&](const Write& write) {
        return starts_with(write.nibbles.subspan(depth), partial);
    });
    return {first, last};
}

Result<TrieDifference> Updater::run(std::span<const WriteView> writes) {
    TrieDifference difference;
    std::vector<Write> list;
    list.reserve(writes.size());
    difference.values.reserve(writes.size());
    for (const WriteView& write : writes) {
        CHECK(list.empty() || compare(list.back().key, write.key) < 0);
        list.push_back({nibbles_of(write.key), write.key, write.value});
        ValueChange stored;
        if (*write.value) {
            stored = ValueView(**write.value, form_of_new(**write.value, version_));
        }
        difference.values.set(write.key, stored);
    }
    if (list.empty()) {
        TRY_ASSIGN(difference.root, before_.root(trie_));
        return difference;
    }

    // 1. Merge.
    TRY_ASSIGN(Node * old, preload(list));
    if (old == nullptr) {
        TRY_ASSIGN(old, load_leaf({}, list, false));
    }
    TRY_ASSIGN(const Slot root, apply({.ref = {}, .node = old}, 0, list));
    if (root.node != nullptr && !root.node->changed) {
        TRY_ASSIGN(difference.root, before_.root(trie_));
        return difference;
    }

    // 2. Encode and hash, lowest first.
    if (root.node != nullptr) {
        measure(root.node, 0);
        value_hashes_.run<Blake2Hasher>();
        for (const auto& level : levels_) {
            finish_level(level);
        }
        difference.root = StateRoot(root.node->ref.bytes);
    } else {
        difference.root = empty_trie_root();
    }

    // 3. List the branches that are new, other, or gone.
    list_changes(root.node);
    difference.nodes = std::move(changes_);
    return difference;
}

Result<Updater::Slot> Updater::apply(Slot old, std::size_t depth, std::span<const Write> writes) {
    Node* node = old.node;
    if (node == nullptr && !old.ref.empty()) {
        TRY_ASSIGN(node, load(old.ref, writes[0].nibbles.first(depth), writes, false));
    }
    if (node == nullptr) {
        return fresh(depth, writes);
    }
    const Node* const loaded = node;
    if (node->loaded != kNone) {
        loaded_[node->loaded].settled = false;
    }
    if (!any_set(writes)) {
        // Nothing is removed where nothing stands.
        writes = below(writes, depth, node->partial);
    }
    if (!writes.empty()) {
        TRY_ASSIGN(const Slot slot, apply_to(node, depth, writes));
        if (slot.node != loaded || slot.node->changed || old.ref.empty()) {
            return slot;
        }
    }
    if (node->loaded != kNone && !node->changed) {
        loaded_[node->loaded].settled = true;
    }
    return old.ref.empty() ? old : Slot{.ref = old.ref};
}

/// Takes the writes into a node whose slot is at `depth`.
Result<Updater::Slot> Updater::apply_to(Node* node, std::size_t depth,
                                        std::span<const Write> writes) {
    // What the writes share with a sorted neighbour is least at the ends of the range.
    const std::size_t shared =
        std::min(common_prefix(node->partial, writes.front().nibbles.subspan(depth)),
                 common_prefix(node->partial, writes.back().nibbles.subspan(depth)));
    if (shared < node->partial.size()) {
        Node* upper = &nodes_.add();
        upper->partial = node->partial.first(shared);
        upper->changed = true;
        upper->children = &slots_.add();
        (*upper->children)[node->partial[shared]].node = node;
        node->partial = node->partial.subspan(shared + 1);
        node->changed = true;
        node = upper;
    }
    return apply_below(node, depth + shared, writes);
}

/// All writes start with the path of `node`, which has `end` nibbles.
Result<Updater::Slot> Updater::apply_below(Node* node, std::size_t end,
                                           std::span<const Write> writes) {
    const ByteView path = writes[0].nibbles.first(end);
    std::size_t from = 0;
    if (writes[0].nibbles.size() == end) {
        set_value(*node, writes[0]);
        from = 1;
    }
    if (from < writes.size() && node->children == nullptr) {
        node->children = &slots_.add();
    }
    while (from < writes.size()) {
        const std::uint8_t nibble = writes[from].nibbles[end];
        std::size_t to = from + 1;
        while (to < writes.size() && writes[to].nibbles[end] == nibble) {
            ++to;
        }
        Slot& slot = (*node->children)[nibble];
        TRY_ASSIGN(const Slot now, apply(slot, end + 1, writes.subspan(from, to - from)));
        node->changed = node->changed || now.node != nullptr || now.empty() != slot.empty();
        slot = now;
        from = to;
    }
    return node->changed ? normalise(node, path) : Slot{.ref = {}, .node = node};
}

/// The slot was empty: the first key that is set becomes a leaf, the others join it.
Result<Updater::Slot> Updater::fresh(std::size_t depth, std::span<const Write> writes) {
    const auto first = std::find_if(writes.begin(), writes.end(),
                                    [](const Write& write) { return write.value->has_value(); });
    if (first == writes.end()) {
        return Slot{};
    }
    Node* leaf = &nodes_.add();
    leaf->partial = first->nibbles.subspan(depth);
    leaf->changed = true;
    set_value(*leaf, *first);
    const auto rest = writes.subspan(static_cast<std::size_t>(first - writes.begin()) + 1);
    if (rest.empty()) {
        return Slot{.ref = {}, .node = leaf};
    }
    return apply({.ref = {}, .node = leaf}, depth, rest);
}

/// Gives a changed node the one shape its content has: absent, a leaf, or a branch that is needed.
Result<Updater::Slot> Updater::normalise(Node* node, ByteView path) {
    std::size_t count = 0;
    std::size_t last = 0;
    if (node->children != nullptr) {
        for (std::size_t i = 0; i < 16; ++i) {
            if (!(*node->children)[i].empty()) {
                ++count;
                last = i;
            }
        }
    }
    if (count == 0) {
        node->children = nullptr;
        return node->value_state == ValueState::none ? Slot{} : Slot{.ref = {}, .node = node};
    }
    if (count > 1 || node->value_state != ValueState::none) {
        return Slot{.ref = {}, .node = node};
    }
    // One child and no value: the child takes the place of both.
    const auto nibble = static_cast<std::uint8_t>(last);
    const Slot child = (*node->children)[last];
    Node* merged = child.node;
    if (merged == nullptr) {
        TRY_ASSIGN(merged, load(child.ref, join(path, nibble, {}), {}, true));
        CHECK(merged != nullptr);
        if (merged->loaded != kNone) {
            loaded_[merged->loaded].settled = false;
        }
    }
    merged->partial = join(node->partial, nibble, merged->partial);
    merged->changed = true;
    return Slot{.ref = {}, .node = merged};
}

void Updater::set_value(Node& node, const Write& write) {
    if (!write.value->has_value()) {
        node.changed = node.changed || node.value_state != ValueState::none;
        node.value_state = ValueState::none;
        node.value = {};
        return;
    }
    const ByteView value = **write.value;
    const ValueState state = form_of_new(value, version_) == ValueForm::hashed
                                 ? ValueState::to_hash
                                 : ValueState::inline_bytes;
    node.changed = node.changed || state == ValueState::to_hash || node.value_state != state ||
                   !equal(node.value, value);
    node.value = value;
    node.value_state = state;
}

ByteView Updater::nibbles_of(ByteView key) {
    std::uint8_t* out = bytes_.take(2 * key.size());
    for (std::size_t i = 0; i < key.size(); ++i) {
        out[2 * i] = key[i] >> 4;
        out[2 * i + 1] = key[i] & 15;
    }
    return {out, 2 * key.size()};
}

ByteView Updater::join(ByteView a, std::uint8_t nibble, ByteView b) {
    std::uint8_t* const out = bytes_.take(a.size() + 1 + b.size());
    std::uint8_t* at = put_bytes(out, a);
    *at++ = nibble;
    at = put_bytes(at, b);
    return {out, static_cast<std::size_t>(at - out)};
}

/// Returns the height of the node above its lowest work node, and files it under that.
std::size_t Updater::measure(Node* node, std::size_t depth) {
    node->depth = depth;
    if (node->value_state == ValueState::to_hash) {
        node->value_hash = value_hashes_.add(node->value);
    }
    std::size_t height = 0;
    if (node->children != nullptr) {
        for (const Slot& slot : *node->children) {
            if (slot.node != nullptr) {
                const std::size_t below = measure(slot.node, depth + node->partial.size() + 1);
                height = std::max(height, below + 1);
            }
        }
    }
    if (levels_.size() <= height) {
        levels_.resize(height + 1);
    }
    levels_[height].push_back(node);
    return height;
}

void Updater::encode(const Node& node) {
    CHECK(node.value_state != ValueState::unread);
    const bool has_value = node.value_state != ValueState::none;
    const bool inline_value = node.value_state == ValueState::inline_bytes;
    const bool branch = node.children != nullptr;
    NodeKind kind = inline_value ? NodeKind::leaf : NodeKind::leaf_hashed;
    if (branch) {
        kind = !has_value ? NodeKind::branch
                          : (inline_value ? NodeKind::branch_value : NodeKind::branch_hashed);
    }
    std::uint8_t* out = arena_.begin(node_overhead_max(node.partial.size(), branch) +
                                     (inline_value ? node.value.size() : 0));
    out = put_header(out, kind, node.partial.size());
    out = put_partial(out, node.partial);
    if (branch) {
        unsigned bitmap = 0;
        for (std::size_t i = 0; i < 16; ++i) {
            bitmap |= (*node.children)[i].empty() ? 0U : 1U << i;
        }
        *out++ = static_cast<std::uint8_t>(bitmap);
        *out++ = static_cast<std::uint8_t>(bitmap >> 8);
    }
    if (inline_value) {
        out = put_byte_string(out, node.value);
    } else if (has_value) {
        out = put_bytes(out, node.value_state == ValueState::hash
                                 ? node.value
                                 : value_hashes_[node.value_hash].view());
    }
    if (branch) {
        for (const Slot& slot : *node.children) {
            if (!slot.empty()) {
                out = put_child(out, slot.node != nullptr ? slot.node->ref.view() : slot.ref);
            }
        }
    }
    arena_.end(out);
}

void Updater::finish_level(std::span<Node* const> level) {
    arena_.clear();
    hashes_.clear();
    for (const Node* node : level) {
        encode(*node);
    }
    const auto is_hashed = [&](std::size_t i) {
        return arena_[i].size() >= kHashedNodeBytesMin || level[i]->depth == 0;
    };
    for (std::size_t i = 0; i < level.size(); ++i) {
        if (is_hashed(i)) {
            hashes_.add(arena_[i]);
        }
    }
    hashes_.run<Blake2Hasher>();
    std::size_t next = 0;
    for (std::size_t i = 0; i < level.size(); ++i) {
        if (!is_hashed(i)) {
            level[i]->ref = make_ref(arena_[i]);
            continue;
        }
        level[i]->ref = make_ref(hashes_[next++]);
        if (level[i]->children != nullptr) {
            level[i]->encoded = changes_.hold(arena_[i]);
        }
    }
}

void Updater::list_changes(Node* root) {
    if (root != nullptr) {
        NibblePath path;
        emit(root, path);
    }
    const auto by_path = [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; };
    const auto written = static_cast<std::ptrdiff_t>(listed_.size());
    for (const Loaded& loaded : loaded_) {
        if (!loaded.settled) {
            listed_.emplace_back(loaded.path, std::nullopt);
        }
    }
    const auto gone = listed_.begin() + written;
    std::sort(gone, listed_.end(), by_path);
    std::inplace_merge(listed_.begin(), gone, listed_.end(), by_path);
    changes_.reserve(listed_.size());
    for (std::size_t i = 0; i < listed_.size(); ++i) {
        const auto& [path, encoded] = listed_[i];
        // Of a path that is both gone and written again, what is written comes first and counts.
        if (i == 0 || !equal(path, listed_[i - 1].first)) {
            changes_.add_held(changes_.hold(path), encoded);
        }
    }
}

/// Goes through the work nodes in the order of their paths.
void Updater::emit(Node* node, NibblePath& path) {
    if (node->children == nullptr) {
        return;
    }
    if (!node->encoded.empty()) {
        Loaded* loaded = node->loaded == kNone ? nullptr : &loaded_[node->loaded];
        const bool in_place = loaded != nullptr && loaded->path.size() == path.size();
        if (in_place) {
            loaded->settled = true;
        }
        if (!in_place || !equal(loaded->encoded.view(), node->encoded)) {
            listed_.emplace_back(bytes_.keep(path), node->encoded);
        }
    }
    const std::size_t before = path.size();
    append(path, node->partial);
    path.push_back(0);
    for (std::size_t i = 0; i < 16; ++i) {
        if (Node* child = (*node->children)[i].node) {
            path.back() = static_cast<std::uint8_t>(i);
            emit(child, path);
        }
    }
    path.resize(before);
}

Result<TrieDifference> update(const Reader& before, const TrieId& trie, const ValueWrites& writes,
                              StateVersion version) {
    std::vector<WriteView> views;
    views.reserve(writes.size());
    for (const auto& [key, write] : writes) {
        views.push_back({key, &write.value});
    }
    return Updater(before, trie, version).run(views);
}

Result<TrieDifference> update_sorted(const Reader& before, const TrieId& trie,
                                     std::span<const WriteView> writes, StateVersion version) {
    return Updater(before, trie, version).run(writes);
}

Result<TrieDifference> update_sorted(const Reader& before, const TrieId& trie,
                                     std::span<const WriteView> writes, StateVersion version,
                                     ValueHashes& known) {
    return Updater(before, trie, version, &known).run(writes);
}

}  // namespace stipple::state::trie
