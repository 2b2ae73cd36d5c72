#include "state/trie/memory_state.hpp"

#include "state/trie/node.hpp"
#include "state/trie/trie.hpp"

namespace stipple::state {

class MemoryState::Cursor final : public KeyCursor {
 public:
    Cursor() = default;
    Cursor(const SortedValues& values, ByteView from)
        : values_(&values), at_(values.lower_bound(from)) {}

    bool valid() const override { return values_ != nullptr && !values_->at_end(at_); }
    ByteView key() const override { return (*values_)[at_].key; }
    Result<StoredValue> value() const override { return (*values_)[at_].value; }
    void next() override { at_ = values_->next(at_); }
    Result<> status() const override { return {}; }

 private:
    const SortedValues* values_ = nullptr;
    SortedValues::Position at_;
};

namespace {

TrieDifference build(const MemoryState::Pairs& pairs, StateVersion version) {
    std::vector<trie::KeyValue> views;
    views.reserve(pairs.size());
    for (const auto& [key, value] : pairs) {
        views.push_back({key, value});
    }
    return trie::build(views, version);
}

}  // namespace

MemoryState::MemoryState(Pairs top, std::map<TrieId, Pairs> children, StateVersion version) {
    Difference difference;
    for (const auto& [id, pairs] : children) {
        CHECK(!id.is_main());
        TrieDifference child = build(pairs, version);
        if (pairs.empty()) {
            top.erase(child_root_key(id));
            continue;
        }
        top.insert_or_assign(child_root_key(id), to_bytes(child.root));
        difference.tries.emplace(id, std::move(child));
    }
    TrieDifference main = build(top, version);
    difference.root = main.root;
    difference.tries.emplace(TrieId::main(), std::move(main));
    apply(difference);
}

const MemoryState::Trie* MemoryState::find(const TrieId& trie) const {
    const auto found = tries_.find(trie);
    return found == tries_.end() ? nullptr : &found->second;
}

Result<std::optional<StoredValue>> MemoryState::value(const TrieId& trie, ByteView key) const {
    if (const Trie* found = find(trie)) {
        if (const auto* entry = found->values.find(key)) {
            return entry->value;
        }
    }
    return std::nullopt;
}

std::unique_ptr<KeyCursor> MemoryState::keys(const TrieId& trie, ByteView from) const {
    const Trie* found = find(trie);
    return found == nullptr ? std::make_unique<Cursor>()
                            : std::make_unique<Cursor>(found->values, from);
}

Result<std::optional<LentBytes>> MemoryState::lend_branch(const TrieId& trie, ByteView path) const {
    const Trie* found = find(trie);
    const auto branch = found == nullptr ? std::nullopt : found->branches.find(path);
    return branch ? std::optional(LentBytes(*branch)) : std::nullopt;
}

Result<> MemoryState::lend_branches(const TrieId& trie, std::span<const ByteView> paths,
                                    std::span<std::optional<LentBytes>> out) const {
    if (const Trie* found = find(trie)) {
        found->branches.find_many(paths,
                                  [&](std::size_t i, ByteView branch) { out[i].emplace(branch); });
    }
    return {};
}

Result<StateRoot> MemoryState::root(const TrieId& trie) const {
    const Trie* found = find(trie);
    return found == nullptr ? empty_trie_root() : found->root;
}

void MemoryState::clear(Trie& trie, ByteView prefix) {
    Bytes path;
    trie::append_nibbles(path, prefix);
    trie.branches.erase_below(path);
    for (auto at = trie.values.lower_bound(prefix);
         !trie.values.at_end(at) && starts_with(trie.values[at].key, prefix);
         at = trie.values.lower_bound(prefix)) {
        trie.values.erase(Bytes(trie.values[at].key));
    }
}

void MemoryState::apply(const Difference& difference) {
    for (const auto& [id, changes] : difference.tries) {
        Trie& trie = tries_[id];
        for (const auto& range : changes.cleared) {
            clear(trie, range.prefix);
        }
        for (const auto& [key, value] : changes.values) {
            if (value) {
                trie.values.insert_or_assign(key, value->stored());
            } else {
                trie.values.erase(key);
            }
        }
        for (const auto& [path, encoded] : changes.nodes) {
            if (encoded) {
                trie.branches.insert_or_assign(path, *encoded);
            } else {
                trie.branches.erase(path);
            }
        }
        trie.root = changes.root;
        if (trie.values.empty() && !id.is_main()) {
            tries_.erase(id);
        }
    }
}

Difference MemoryState::as_difference() const {
    Difference difference;
    for (const auto& [id, trie] : tries_) {
        TrieDifference& out = difference.tries[id];
        for (auto at = trie.values.lower_bound({}); !trie.values.at_end(at);
             at = trie.values.next(at)) {
            const auto& entry = trie.values[at];
            out.values.set(entry.key, entry.value);
        }
        for (const auto& [path, encoded] : trie.branches.sorted()) {
            out.nodes.set(path, encoded);
        }
        out.root = trie.root;
    }
    difference.root =
        find(TrieId::main()) != nullptr ? find(TrieId::main())->root : empty_trie_root();
    return difference;
}

}  // namespace stipple::state
