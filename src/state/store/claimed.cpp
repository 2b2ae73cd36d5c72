// A state that peers tell without proofs (`fast-unsafe`): tries are built as entries come, and
// judged by their roots at the end. Nothing of it survives a restart, since nothing of it is
// proved.
//
// Every value is taken to be written under one state version: right for a chain that never had
// another one, and else the root says so.
#include "base/check.hpp"
#include "state/store/download.hpp"
#include "state/store/inner.hpp"
#include "state/trie/trie.hpp"

namespace stipple::state::store {
namespace {

constexpr std::size_t kRootBytes = 32;

Bytes child_key_in(ByteView main_key) {
    return to_bytes(main_key.subspan(kDefaultChildStoragePrefix.size()));
}

}  // namespace

const char* describe(ClaimError error) {
    switch (error) {
        case ClaimError::bad_order:
            return "keys that do not follow those before";
        case ClaimError::unknown_child:
            return "a child trie that the main trie does not name";
        case ClaimError::too_many_children:
            return "more child tries than are followed";
        case ClaimError::nothing:
            return "nothing to go on with";
        case ClaimError::wrong_root:
            return "another root than the block's";
    }
    return "unknown";
}

/// The entries of one stretch, checked for order; child roots in the main trie are noted.
std::expected<trie::ValueWrites, ClaimError> StateDownload::read_claim(const ClaimedTrie& claimed) {
    trie::ValueWrites writes;
    const bool is_main = claimed.root.empty();
    ByteView last;
    if (is_main && !next_.empty()) {
        last = next_.front();
    } else if (!is_main && next_.size() == 2 && claims_.child_in_work == claimed.root) {
        last = next_[1];
    }
    bool any = !last.empty();
    for (const auto& [key, value] : claimed.values) {
        if (any && compare(key, last) <= 0) {
            return std::unexpected(ClaimError::bad_order);
        }
        any = true;
        last = key;
        writes[key].value = value;
        if (is_main && starts_with(key, as_bytes(kDefaultChildStoragePrefix)) &&
            value.size() == kRootBytes) {
            if (++claims_.children_named > kClaimedChildrenMax) {
                return std::unexpected(ClaimError::too_many_children);
            }
            claims_.children[value].keys.push_back(child_key_in(key));
        }
    }
    return writes;
}

Result<std::expected<void, ClaimError>> StateDownload::build_claim(const ClaimedTrie& claimed,
                                                                   StateVersion version) {
    using Verdict = std::expected<void, ClaimError>;
    Claims::Child* child = nullptr;
    TrieId trie;
    if (!claimed.root.empty()) {
        const auto found = claims_.children.find(claimed.root);
        if (found == claims_.children.end()) {
            return Verdict(std::unexpected(ClaimError::unknown_child));
        }
        child = &found->second;
        if (child->complete) {
            return Verdict();  // another trie of the same content
        }
        trie.child_key = child->keys.front();
    }
    auto writes = read_claim(claimed);
    if (!writes) {
        return Verdict(std::unexpected(writes.error()));
    }
    if (writes->empty()) {
        return Verdict();
    }
    TRY_ASSIGN(const auto before, reader_now());
    TRY_ASSIGN(const auto built, trie::update(*before, trie, *writes, version));
    const Side side = other_side(store_.side());
    WriteBatch batch;
    for (const auto& [key, value] : built.values) {
        progress_.bytes += key.size() + value->bytes.size();
        ++progress_.keys;
        batch.put(state_column(side, RowKind::value), value_row(trie, key), encode_value(value));
    }
    for (const auto& [path, branch] : built.nodes) {
        Bytes row = node_row(trie, path);
        if (branch) {
            batch.put(state_column(side, RowKind::node), std::move(row), encode_node(branch));
        } else {
            batch.erase(state_column(side, RowKind::node), std::move(row));
        }
    }
    TRY(store_.database().commit(batch, Durability::buffered));
    (child == nullptr ? claims_.main_root : child->reached) = built.root;
    if (child != nullptr) {
        child->complete = claimed.complete;
    }
    return Verdict();
}

/// Every trie is the one that was named; a child trie that never came is none.
bool StateDownload::claims_hold() const {
    for (const auto& [root, child] : claims_.children) {
        if (!child.complete || !equal(child.reached, root)) {
            return false;
        }
    }
    return equal(claims_.main_root, target_.root);
}

Result<std::expected<void, ClaimError>> StateDownload::add_claimed(
    std::span<const ClaimedTrie> tries, StateVersion version) {
    using Verdict = std::expected<void, ClaimError>;
    CHECK(!complete_);
    claims_.are_used = true;
    RangePosition next;
    // A response that lies within one child trie leaves the main trie where it is.
    if (next_.size() == 2 && !tries.empty() && tries.front().values.empty()) {
        next.push_back(next_.front());
    }
    bool complete = !tries.empty();
    Bytes child_in_work;
    for (const ClaimedTrie& claimed : tries) {
        TRY_ASSIGN(const auto built, build_claim(claimed, version));
        if (!built) {
            return built;
        }
        if (claimed.complete) {
            continue;
        }
        complete = false;
        if (!claimed.values.empty()) {
            if (next.size() == kRangePositionKeysMax) {
                return Verdict(std::unexpected(ClaimError::nothing));
            }
            next.push_back(claimed.values.back().first);
            child_in_work = claimed.root;
        }
    }
    if (!complete && (next.empty() || next == next_)) {
        return Verdict(std::unexpected(ClaimError::nothing));
    }
    claims_.child_in_work = std::move(child_in_work);
    next_ = std::move(next);
    ++progress_.chunks;
    WriteBatch batch;
    if (complete) {
        if (!claims_hold()) {
            return Verdict(std::unexpected(ClaimError::wrong_root));
        }
        for (const auto& [root, child] : claims_.children) {
            for (const Bytes& key : std::span(child.keys).subspan(1)) {
                put_same(batch, TrieId{key}, TrieId{child.keys.front()});
            }
        }
        claims_ = {};
        complete_ = true;
    }
    batch.put(Column::meta, progress_key(), encode());
    TRY(store_.database().commit(batch, Durability::buffered));
    return Verdict();
}

}  // namespace stipple::state::store
