// Checking ranges, see range_proof.hpp; serving them stands in range_prover.cpp.
#include "state/trie/range_proof.hpp"

#include "state/trie/range_walk.hpp"

namespace stipple::state {

using namespace trie;

namespace {

bool is_child_key(const TrieId& trie, ByteView key) {
    return trie.is_main() && starts_with(key, as_bytes(kChildStoragePrefix));
}

/// The walk of whoever checks: over the nodes of a proof, until one is missing.
class Checker {
 public:
    Checker(const ProofReader& proof, StateRange& out) : proof_(proof), out_(out) {}

    /// Walks one trie, and the children that it meets. Whether it came to the end.
    Result<bool> walk(const TrieId& trie, const StateRoot& root, const std::optional<Bytes>& after,
                      std::size_t index) {
        Source source{*this, index, trie};
        return RangeWalk<Source>(source, after).run(root);
    }
    std::size_t add_trie(const TrieId& trie, const StateRoot& root) {
        out_.tries.push_back({trie, root, {}, {}, false});
        return out_.tries.size() - 1;
    }
    void met(const StateRoot& root, const TrieId& child) { children_.emplace(root, child); }
    bool stopped_in_child() const { return stopped_in_child_; }

 private:
    struct Source {
        Checker& checker;
        std::size_t index;
        const TrieId& trie;

        Result<std::optional<Bytes>> node(const NibblePath& path, ByteView hash, bool) {
            const auto found = checker.proof_.find(StateRoot::copy(hash));
            if (!found) {
                return std::nullopt;
            }
            const auto view = decode_node(*found);
            if (view && view->is_branch()) {
                checker.out_.tries[index].branches.emplace_back(path, to_bytes(*found));
            }
            return to_bytes(*found);
        }
        Result<bool> start(const Bytes&, const NodeView&) { return true; }
        Result<bool> value(Bytes key, const NodeView& node) {
            return checker.take(index, trie, std::move(key), node);
        }
    };

    Result<bool> take(std::size_t index, const TrieId& trie, Bytes key, const NodeView& node) {
        StoredValue value{to_bytes(node.value), ValueForm::inline_bytes};
        if (node.is_hashed()) {
            const auto found = proof_.find(StateRoot::copy(node.value));
            if (!found) {
                return false;
            }
            value = {to_bytes(*found), ValueForm::hashed};
        }
        const bool child = is_child_key(trie, key);
        const Bytes root = child ? value.bytes : Bytes{};
        auto& values = out_.tries[index].values;
        values.emplace_back(key, std::move(value));
        if (!child) {
            return true;
        }
        TRY_ASSIGN(const bool shown, take_child(key, root));
        if (!shown && out_.tries.back().values.empty()) {
            // Nothing of the child: the next range starts before it.
            out_.tries[index].values.pop_back();
            out_.tries.pop_back();
            stopped_in_child_ = false;
        }
        return shown;
    }

    Result<bool> take_child(ByteView key, ByteView root_bytes) {
        const auto root = StateRoot::from(root_bytes);
        if (!root || !starts_with(key, as_bytes(kDefaultChildStoragePrefix)) ||
            key.size() == kDefaultChildStoragePrefix.size()) {
            return fail("the root of a child trie is malformed");
        }
        const TrieId child{to_bytes(key.subspan(kDefaultChildStoragePrefix.size()))};
        const auto [known, fresh] = children_.emplace(*root, child);
        if (!fresh) {
            out_.same.emplace(child, known->second);
            return true;
        }
        const std::size_t index = add_trie(child, *root);
        TRY_ASSIGN(const bool end, walk(child, *root, {}, index));
        out_.tries[index].complete = end;
        stopped_in_child_ = !end;
        return end;
    }

    const ProofReader& proof_;
    StateRange& out_;
    std::map<StateRoot, TrieId> children_;
    bool stopped_in_child_ = false;
};

/// Where to go on after a walk that did not come to the end; empty when it got nowhere.
RangePosition position_after(const StateRange& range, const RangePosition& start, bool in_child) {
    const auto& main = range.tries.front().values;
    if (in_child) {
        const auto& child = range.tries.back();
        if (child.values.empty()) {
            return {};
        }
        return {child_root_key(child.trie), child.values.back().first};
    }
    if (!main.empty()) {
        return {main.back().first};
    }
    return start.size() == 2 ? RangePosition{start.front()} : RangePosition{};
}

}  // namespace

std::size_t StateRange::key_count() const {
    std::size_t count = 0;
    for (const auto& trie : tries) {
        count += trie.values.size();
    }
    return count;
}

const char* describe(RangeProofError error) {
    switch (error) {
        case RangeProofError::bad_proof:
            return "range proof: not a compact proof of this state";
        case RangeProofError::bad_position:
            return "range proof: no such start";
        case RangeProofError::bad_node:
            return "range proof: a node that no state has";
        case RangeProofError::nothing_shown:
            return "range proof: shows nothing after the start";
    }
    return "unknown";
}

std::expected<StateRange, RangeProofError> check_range_proof(std::span<const Bytes> compact_proof,
                                                             const StateRoot& root,
                                                             const RangePosition& start) {
    if (start.size() > kRangePositionKeysMax) {
        return std::unexpected(RangeProofError::bad_position);
    }
    const auto nodes = decode_compact_proof(compact_proof, root);
    if (!nodes) {
        return std::unexpected(RangeProofError::bad_proof);
    }
    const ProofReader proof(*nodes, root);
    StateRange range;
    Checker checker(proof, range);
    checker.add_trie(TrieId::main(), root);
    std::optional<Bytes> after = start.empty() ? std::nullopt : std::optional(start.front());
    if (start.size() == 2) {
        const auto held = proof.value(TrieId::main(), start.front());
        const auto child_root = held && *held ? StateRoot::from((*held)->bytes) : std::nullopt;
        const ByteView prefix = as_bytes(kDefaultChildStoragePrefix);
        if (!child_root || !starts_with(start.front(), prefix) ||
            start.front().size() == prefix.size()) {
            return std::unexpected(RangeProofError::bad_position);
        }
        const TrieId child{to_bytes(ByteView(start.front()).subspan(prefix.size()))};
        checker.met(*child_root, child);
        const std::size_t index = checker.add_trie(child, *child_root);
        const auto end = checker.walk(child, *child_root, start.back(), index);
        if (!end) {
            return std::unexpected(RangeProofError::bad_node);
        }
        range.tries[index].complete = *end;
        if (!*end) {
            range.next = position_after(range, start, true);
            return range.next.empty() ? std::unexpected(RangeProofError::nothing_shown)
                                      : std::expected<StateRange, RangeProofError>(range);
        }
    }
    const auto end = checker.walk(TrieId::main(), root, after, 0);
    if (!end) {
        return std::unexpected(RangeProofError::bad_node);
    }
    range.tries.front().complete = *end;
    if (!*end) {
        range.next = position_after(range, start, checker.stopped_in_child());
        if (range.next.empty()) {
            return std::unexpected(RangeProofError::nothing_shown);
        }
    }
    return range;
}

}  // namespace stipple::state
