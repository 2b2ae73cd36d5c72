#include "state/overlay/overlay.hpp"

#include "base/check.hpp"
#include "scale/codec.hpp"
#include "state/cleared.hpp"
#include "state/overlay/journal.hpp"
#include "state/overlay/observer.hpp"
#include "state/trie/trie.hpp"

#include <limits>
#include <utility>

namespace stipple::state {

namespace {

bool is_child_storage_key(const TrieId& trie, ByteView key) {
    return trie.is_main() && starts_with(key, as_bytes(kChildStoragePrefix));
}

}  // namespace

struct Overlay::State {
    explicit State(const Reader& reader) : below(&reader), main(TrieId::main()) {
        if (const auto* observed = dynamic_cast<const ObservedReader*>(below)) {
            observer = &observed->observer();
        }
    }

    OverlayTrie& trie(const TrieId& id) {
        return id.is_main() ? main : children.try_emplace(id, id).first->second;
    }
    /// The entry of a key with its value, read from below at the first time.
    Result<OverlayEntry*> load(OverlayTrie& trie, ByteView key);
    /// Writes without looking at the key.
    void write(OverlayTrie& trie, ByteView key, std::optional<Bytes> value);
    Result<> append(OverlayTrie& trie, ByteView key, ByteView item);
    void forget_reads(OverlayTrie& trie);

    /// Moves the cached walk to the first key of the state below that is above `key` and has no
    /// write over it.
    Result<> seek_below(OverlayTrie& trie, ByteView key);
    std::uint32_t remove_written(OverlayTrie& trie, ByteView prefix);
    Result<> remove_below(OverlayTrie& trie, ByteView prefix, ByteView from,
                          std::optional<std::uint32_t> limit, RemovalCount& count);

    /// Takes the computed changes out, mass deletions as ranges where that still says the same.
    Result<TrieDifference> take_changes(OverlayTrie& trie);

    Result<> compute(OverlayTrie& trie, StateVersion version);
    Result<> compute_main(StateVersion version);

    /// By the child's key in the main trie; absent: the child is empty.
    using ChildRoots = std::map<Bytes, std::optional<Bytes>, ByteLess>;

    const Reader* below;
    AccessObserver* observer = nullptr;
    OverlayTrie main;
    ChildRoots main_roots;  ///< what main.computed holds of the children
    std::map<TrieId, OverlayTrie> children;
    OffchainChanges offchain;
    Journal journal;
};

Overlay::Overlay(const Reader& below) : state_(std::make_unique<State>(below)) {}
Overlay::Overlay(Overlay&&) noexcept = default;
Overlay& Overlay::operator=(Overlay&&) noexcept = default;
Overlay::~Overlay() = default;

// ---- reads ----

Result<OverlayEntry*> Overlay::State::load(OverlayTrie& trie, ByteView key) {
    auto found = trie.table.find(key);
    if (found != trie.table.end() && found->second.source != OverlayEntry::Source::unknown) {
        return &found->second;
    }
    TRY_ASSIGN(auto stored, below->value(trie.id, key));
    if (found == trie.table.end()) {
        found = trie.table.try_emplace(to_bytes(key)).first;
    }
    OverlayEntry& entry = found->second;
    entry.source = OverlayEntry::Source::below;
    trie.read_bytes += key.size();
    if (stored) {
        trie.read_bytes += stored->bytes.size();
        entry.value = std::move(stored->bytes);
    }
    return &entry;
}

Result<std::optional<ByteView>> Overlay::get_view(const TrieId& trie, ByteView key) {
    TRY_ASSIGN(const OverlayEntry* entry, state_->load(state_->trie(trie), key));
    const auto value = entry->value ? std::optional<ByteView>(*entry->value) : std::nullopt;
    if (state_->observer != nullptr) {
        state_->observer->got(trie, key, value);
    }
    return value;
}

Result<std::optional<Bytes>> Overlay::get(const TrieId& trie, ByteView key) {
    TRY_ASSIGN(const auto value, get_view(trie, key));
    return value ? std::optional(to_bytes(*value)) : std::nullopt;
}

Result<bool> Overlay::exists(const TrieId& trie, ByteView key) {
    TRY_ASSIGN(const OverlayEntry* entry, state_->load(state_->trie(trie), key));
    if (state_->observer != nullptr) {
        state_->observer->looked(trie, key, entry->value.has_value());
    }
    return entry->value.has_value();
}

Result<> Overlay::State::seek_below(OverlayTrie& trie, ByteView key) {
    const bool known = trie.cursor != nullptr && compare(trie.cursor_after, key) <= 0 &&
                       (!trie.cursor->valid() || compare(key, trie.cursor->key()) <= 0);
    if (!known) {
        Bytes from = to_bytes(key);
        from.push_back(0);  // the smallest string above `key`
        trie.cursor = below->keys(trie.id, from);
    }
    trie.cursor_after = to_bytes(key);
    while (trie.cursor->valid()) {
        const ByteView at = trie.cursor->key();
        if (!equal(at, key)) {
            const auto found = trie.table.find(at);
            if (found == trie.table.end() || !found->second.written()) {
                return {};
            }
        }
        trie.cursor_after = to_bytes(at);
        trie.cursor->next();
    }
    return trie.cursor->status();
}

Result<std::optional<Bytes>> Overlay::next_key(const TrieId& id, ByteView key) {
    OverlayTrie& trie = state_->trie(id);
    TRY(state_->seek_below(trie, key));
    auto above = trie.order.upper_bound(key);
    while (above != trie.order.end() && !(above->second->written() && above->second->value)) {
        ++above;
    }
    const bool below_valid = trie.cursor->valid();
    if (above == trie.order.end()) {
        return below_valid ? std::optional(to_bytes(trie.cursor->key())) : std::nullopt;
    }
    if (below_valid && compare(trie.cursor->key(), above->first) < 0) {
        return to_bytes(trie.cursor->key());
    }
    return to_bytes(above->first);
}

// ---- writes ----

/// Called where views given out may end: keeps the memory of reads bounded.
void Overlay::State::forget_reads(OverlayTrie& trie) {
    if (trie.read_bytes <= kReadCacheBytesMax) {
        return;
    }
    for (auto at = trie.table.begin(); at != trie.table.end();) {
        if (at->second.written()) {
            ++at;
            continue;
        }
        // No undo record can point at an entry that is not written.
        trie.order.erase(at->first);
        at = trie.table.erase(at);
    }
    trie.read_bytes = 0;
}

void Overlay::State::write(OverlayTrie& trie, ByteView key, std::optional<Bytes> value) {
    forget_reads(trie);
    auto found = trie.table.find(key);
    if (found == trie.table.end()) {
        found = trie.table.try_emplace(to_bytes(key)).first;
    }
    OverlayEntry& entry = found->second;
    if (!entry.written()) {
        trie.order.try_emplace(found->first, &entry);
    }
    journal.before_set(trie, entry);
    entry.value = std::move(value);
    entry.source = OverlayEntry::Source::written;
}

void Overlay::set(const TrieId& trie, ByteView key, std::optional<Bytes> value) {
    if (is_child_storage_key(trie, key)) {
        return;
    }
    if (state_->observer != nullptr) {
        state_->observer->put(trie, key, value ? std::optional<ByteView>(*value) : std::nullopt);
    }
    state_->write(state_->trie(trie), key, std::move(value));
}

Result<> Overlay::State::append(OverlayTrie& trie, ByteView key, ByteView item) {
    forget_reads(trie);
    TRY_ASSIGN(OverlayEntry * entry, load(trie, key));
    const auto count = entry->value ? list_count(*entry->value) : std::nullopt;
    if (!count || *count == std::numeric_limits<std::uint32_t>::max()) {
        Bytes list;
        scale::encode_compact(list, 1);
        stipple::append(list, item);
        write(trie, key, std::move(list));
        return {};
    }
    if (!entry->written()) {
        trie.order.try_emplace(trie.table.find(key)->first, entry);
    }
    journal.before_append(trie, *entry, *count);
    set_list_count(*entry->value, *count, *count + 1);
    stipple::append(*entry->value, item);
    entry->source = OverlayEntry::Source::written;
    return {};
}

Result<> Overlay::append(const TrieId& trie, ByteView key, ByteView item) {
    if (state_->observer != nullptr) {
        state_->observer->appended(trie, key, item);
    }
    return state_->append(state_->trie(trie), key, item);
}

/// Every written key with the prefix, unlimited; answers how many had a value.
std::uint32_t Overlay::State::remove_written(OverlayTrie& trie, ByteView prefix) {
    std::uint32_t removed = 0;
    for (auto at = trie.order.lower_bound(prefix);
         at != trie.order.end() && starts_with(at->first, prefix); ++at) {
        OverlayEntry& entry = *at->second;
        if (entry.written() && entry.value) {
            journal.before_set(trie, entry);
            entry.value.reset();
            ++removed;
        }
    }
    return removed;
}

Result<> Overlay::State::remove_below(OverlayTrie& trie, ByteView prefix, ByteView from,
                                      std::optional<std::uint32_t> limit, RemovalCount& count) {
    const auto cursor = below->keys(trie.id, from);
    for (; cursor->valid() && starts_with(cursor->key(), prefix); cursor->next()) {
        if (limit && count.loops == *limit) {
            count.all_removed = false;
            count.cursor = to_bytes(cursor->key());
            break;
        }
        const auto found = trie.table.find(cursor->key());
        const bool gone =
            found != trie.table.end() && found->second.written() && !found->second.value;
        if (!gone) {
            write(trie, cursor->key(), std::nullopt);
            ++count.removed;
        }
        ++count.loops;
    }
    return cursor->status();
}

Result<RemovalCount> Overlay::clear_prefix(const TrieId& id, ByteView prefix,
                                           std::optional<std::uint32_t> limit,
                                           std::optional<Bytes> cursor) {
    RemovalCount count;
    const ByteView guarded = as_bytes(kChildStoragePrefix);
    if (id.is_main() && (starts_with(prefix, guarded) || starts_with(guarded, prefix))) {
        return count;
    }
    OverlayTrie& trie = state_->trie(id);
    const std::uint32_t written = state_->remove_written(trie, prefix);
    const ByteView from = cursor && compare(*cursor, prefix) > 0 ? ByteView(*cursor) : prefix;
    TRY(state_->remove_below(trie, prefix, from, limit, count));
    if (count.removed > kClearedKeysMin) {
        trie.mass_deletions.push_back(to_bytes(prefix));
    }
    count.backend = count.loops;
    count.unique = written + count.removed;
    return count;
}

void Overlay::set_offchain_index(ByteView key, std::optional<Bytes> value) {
    state_->journal.before_offchain(key, state_->offchain);
    state_->offchain.insert_or_assign(to_bytes(key), std::move(value));
}

// ---- transactions ----

void Overlay::start_transaction() {
    state_->journal.start();
}
bool Overlay::rollback_transaction() {
    return state_->journal.rollback(state_->offchain);
}
bool Overlay::commit_transaction() {
    return state_->journal.commit();
}
std::size_t Overlay::open_transactions() const {
    return state_->journal.depth();
}

void Overlay::rollback_to(std::size_t mark) {
    while (open_transactions() > mark) {
        CHECK(rollback_transaction());
    }
}

// ---- roots ----

Result<> Overlay::State::compute(OverlayTrie& trie, StateVersion version) {
    if (trie.computed && trie.computed_version == version) {
        return {};
    }
    std::vector<trie::WriteView> writes;
    for (const auto& [key, entry] : trie.order) {
        if (entry->written()) {
            writes.push_back({key, &entry->value});
        }
    }
    TRY_ASSIGN(trie.computed, trie::update_sorted(*below, trie.id, writes, version, trie.hashes));
    trie.computed_version = version;
    return {};
}

Result<> Overlay::State::compute_main(StateVersion version) {
    // 1. The roots of changed child tries, absent for an emptied one.
    ChildRoots roots;
    for (auto& [id, child] : children) {
        if (!child.has_writes()) {
            continue;
        }
        TRY(compute(child, version));
        std::optional<Bytes>& root = roots[child_root_key(id)];
        if (child.computed->root != empty_trie_root()) {
            root = to_bytes(child.computed->root);
        }
    }
    if (main.computed && main.computed_version == version && roots == main_roots) {
        return {};
    }
    // 2. They stand over what the main trie has at their keys.
    std::map<ByteView, const std::optional<Bytes>*, ByteLess> merged;
    for (const auto& [key, entry] : main.order) {
        if (entry->written()) {
            merged.emplace_hint(merged.end(), key, &entry->value);
        }
    }
    for (const auto& [key, root] : roots) {
        merged.insert_or_assign(key, &root);
    }
    std::vector<trie::WriteView> writes;
    writes.reserve(merged.size());
    for (const auto& [key, value] : merged) {
        writes.push_back({key, value});
    }
    TRY_ASSIGN(main.computed, trie::update_sorted(*below, main.id, writes, version, main.hashes));
    main.computed_version = version;
    main_roots = std::move(roots);
    return {};
}

Result<StateRoot> Overlay::root(StateVersion version) {
    TRY(state_->compute_main(version));
    return state_->main.computed->root;
}

Result<StateRoot> Overlay::child_root(const TrieId& id, StateVersion version) {
    CHECK(!id.is_main());
    const auto found = state_->children.find(id);
    if (found == state_->children.end() || !found->second.has_writes()) {
        return state_->below->root(id);
    }
    OverlayTrie& child = found->second;
    const bool fresh = !child.computed || child.computed_version != version;
    TRY(state_->compute(child, version));
    const StateRoot root = child.computed->root;
    if (fresh) {
        std::optional<Bytes> told;
        if (root != empty_trie_root()) {
            told = to_bytes(root);
        }
        state_->write(state_->main, child_root_key(id), std::move(told));
    }
    return root;
}

Result<TrieDifference> Overlay::State::take_changes(OverlayTrie& trie) {
    TrieDifference changes = *std::exchange(trie.computed, std::nullopt);
    for (const Bytes& prefix : trie.mass_deletions) {
        TRY(fold_cleared(*below, trie.id, prefix, changes));
    }
    return changes;
}

Result<Difference> Overlay::difference(StateVersion version) {
    CHECK(open_transactions() == 0);
    TRY(state_->compute_main(version));
    Difference difference;
    difference.root = state_->main.computed->root;
    difference.offchain = state_->offchain;
    // What was computed moves out; asked again, it is computed again.
    for (auto& [id, child] : state_->children) {
        if (child.has_writes()) {
            TRY_ASSIGN(auto changes, state_->take_changes(child));
            difference.tries.emplace(id, std::move(changes));
        }
    }
    if (!state_->main.computed->values.empty()) {
        TRY_ASSIGN(auto changes, state_->take_changes(state_->main));
        difference.tries.emplace(TrieId::main(), std::move(changes));
    }
    return difference;
}

}  // namespace stipple::state
