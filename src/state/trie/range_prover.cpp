// Serving ranges, see range_proof.hpp.
#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "state/trie/range_proof.hpp"
#include "state/trie/range_walk.hpp"

#include <set>

namespace stipple::state {

using namespace trie;

namespace {

std::optional<TrieId> child_of(ByteView key) {
    const ByteView prefix = as_bytes(kDefaultChildStoragePrefix);
    if (!starts_with(key, prefix) || key.size() == prefix.size()) {
        return std::nullopt;
    }
    return TrieId{to_bytes(key.subspan(prefix.size()))};
}

/// Rebuilds the leaves of one trie in the order of keys, with one cursor over all of them.
class Leaves {
 public:
    Leaves(const Reader& reader, const TrieId& trie) : reader_(reader), trie_(trie) {}

    /// The leaf whose slot is at `path`. `large`: its value, when that stands outside the node.
    Result<Bytes> at(const NibblePath& path, ByteView hash) {
        TRY(seek(path));
        const ByteView key = cursor_->key();
        TRY_ASSIGN(const StoredValue value, cursor_->value());
        const bool hashed = value.form == ValueForm::hashed;
        const std::size_t nibbles = 2 * key.size() - path.size();
        Bytes leaf(node_overhead_max(nibbles, false) + (hashed ? 0 : value.bytes.size()));
        std::uint8_t* out =
            put_header(leaf.data(), hashed ? NodeKind::leaf_hashed : NodeKind::leaf, nibbles);
        out = put_partial_of_key(out, key, path.size(), 2 * key.size());
        out = hashed ? put_bytes(out, crypto::blake2b_256(value.bytes))
                     : put_byte_string(out, value.bytes);
        leaf.resize(static_cast<std::size_t>(out - leaf.data()));
        if (!equal(crypto::blake2b_256(leaf), hash)) {
            return fail("range: a leaf does not have the hash its parent holds");
        }
        return leaf;
    }

 private:
    /// To the only key below a slot. Mostly it is the next one.
    Result<> seek(const NibblePath& path) {
        const Bytes from = pack_nibbles(path);
        for (int steps = 0; steps < 4 && cursor_ && cursor_->valid(); ++steps) {
            if (compare(cursor_->key(), from) >= 0) {
                break;
            }
            cursor_->next();
        }
        if (!is_below(path)) {
            cursor_ = reader_.keys(trie_, from);
        }
        TRY(cursor_->status());
        return is_below(path) ? Result<>() : fail("range: no key below a slot that is not empty");
    }
    bool is_below(const NibblePath& path) const {
        if (!cursor_ || !cursor_->valid() || cursor_->key().size() * 2 < path.size()) {
            return false;
        }
        for (std::size_t i = 0; i < path.size(); ++i) {
            if (nibble_of(cursor_->key(), i) != path[i]) {
                return false;
            }
        }
        return true;
    }

    const Reader& reader_;
    const TrieId& trie_;
    std::unique_ptr<KeyCursor> cursor_;
};

class Prover {
 public:
    Prover(const Reader& reader, std::size_t bytes) : reader_(reader), left_(bytes) {}

    /// Walks one trie, and the children it meets. Whether it came to the end.
    Result<bool> walk(const TrieId& trie, const StateRoot& root,
                      const std::optional<Bytes>& after) {
        Source source{*this, trie, Leaves(reader_, trie)};
        return RangeWalk<Source>(source, after).run(root);
    }
    void met(const StateRoot& root) { children_.insert(root); }
    /// From here on only the way to a start is shown.
    void stop() { stopped_ = true; }
    Proof take() { return std::move(nodes_); }

 private:
    struct Source {
        Prover& prover;
        const TrieId& trie;
        Leaves leaves;

        Result<std::optional<Bytes>> node(const NibblePath& path, ByteView hash, bool on_way) {
            if (!on_way && prover.full()) {
                return std::nullopt;
            }
            TRY_ASSIGN(auto encoded, prover.reader_.branch(trie, path));
            if (!encoded) {
                TRY_ASSIGN(encoded, leaves.at(path, hash));
            }
            prover.add(*encoded);
            return encoded;
        }
        /// Checkers of the field read the value of the start before they pass it over.
        Result<bool> start(const Bytes& key, const NodeView& node) {
            TRY(prover.add_value(trie, key, node));
            return true;
        }
        Result<bool> value(const Bytes& key, const NodeView& node) {
            if (node.is_hashed() && prover.full()) {
                return false;  // others are seen with their node
            }
            TRY(prover.add_value(trie, key, node));
            prover.owed_ = false;
            const auto child = trie.is_main() ? child_of(key) : std::nullopt;
            const auto root = child ? StateRoot::from(node.value) : std::nullopt;
            if (!root || !prover.children_.insert(*root).second) {
                return true;
            }
            // Who sees the key of a child walks the child, and needs a key of it to go on from.
            prover.owed_ = true;
            return prover.walk(*child, *root, {});
        }
    };

    bool full() const { return stopped_ || (!owed_ && left_ == 0); }
    void add(ByteView node) {
        left_ -= std::min(left_, node.size());
        nodes_.push_back(to_bytes(node));
    }
    Result<> add_value(const TrieId& trie, ByteView key, const NodeView& node) {
        if (!node.is_hashed()) {
            return {};
        }
        TRY_ASSIGN(const auto value, reader_.value(trie, key));
        if (!value) {
            return fail("range: a value is missing");
        }
        add(value->bytes);
        return {};
    }

    const Reader& reader_;
    std::size_t left_;
    bool owed_ = true;  // a key must be shown, whatever its size
    bool stopped_ = false;
    std::set<StateRoot> children_;
    Proof nodes_;
};

/// The child trie and root that a position of two keys names.
Result<std::optional<std::pair<TrieId, StateRoot>>> child_at(const Reader& reader,
                                                             const RangePosition& start) {
    const auto child = child_of(start.front());
    if (!child) {
        return std::nullopt;
    }
    TRY_ASSIGN(const auto held, reader.value(TrieId::main(), start.front()));
    const auto root = held ? StateRoot::from(held->bytes) : std::nullopt;
    if (!root) {
        return std::nullopt;
    }
    return std::pair(*child, *root);
}

/// Takes entries of one trie until `left` is used up. Whether it came to the end.
class EntryReader {
 public:
    EntryReader(const Reader& reader, std::size_t bytes) : reader_(reader), left_(bytes) {}

    Result<bool> walk(const TrieId& trie, const StateRoot& root, const std::optional<Bytes>& after,
                      std::size_t index) {
        children_.insert(root);
        Bytes from = after.value_or(Bytes{});
        if (after) {
            from.push_back(0);  // the smallest key above
        }
        const auto cursor = reader_.keys(trie, from);
        for (; cursor->valid(); cursor->next()) {
            TRY_ASSIGN(auto value, cursor->value());
            const std::size_t size = cursor->key().size() + value.bytes.size();
            if (size > left_ && !range.tries[index].values.empty()) {
                return false;
            }
            left_ -= std::min(left_, size);
            const auto child = trie.is_main() ? child_of(cursor->key()) : std::nullopt;
            const auto child_root = child ? StateRoot::from(value.bytes) : std::nullopt;
            range.tries[index].values.emplace_back(to_bytes(cursor->key()), std::move(value));
            if (child_root && !children_.contains(*child_root)) {
                range.tries.push_back({*child, *child_root, {}, {}, false});
                const std::size_t below = range.tries.size() - 1;
                TRY_ASSIGN(range.tries[below].complete, walk(*child, *child_root, {}, below));
                if (!range.tries[below].complete) {
                    return false;
                }
            }
        }
        TRY(cursor->status());
        return true;
    }
    StateRange range;

 private:
    const Reader& reader_;
    std::size_t left_;
    std::set<StateRoot> children_;
};

}  // namespace

Result<std::optional<Proof>> prove_range(const Reader& reader, const RangePosition& start,
                                         std::size_t bytes) {
    if (start.size() > kRangePositionKeysMax) {
        return std::nullopt;
    }
    TRY_ASSIGN(const StateRoot root, reader.root(TrieId::main()));
    Prover prover(reader, bytes);
    if (start.size() == 2) {
        TRY_ASSIGN(const auto child, child_at(reader, start));
        if (!child) {
            return std::nullopt;
        }
        prover.met(child->second);
        TRY_ASSIGN(const bool end, prover.walk(child->first, child->second, start.back()));
        if (!end) {
            prover.stop();
        }
    }
    const auto after = start.empty() ? std::nullopt : std::optional(start.front());
    TRY(prover.walk(TrieId::main(), root, after));
    Proof nodes = prover.take();
    if (root == empty_trie_root()) {
        nodes.push_back(Bytes{0});
    }
    auto compact = encode_compact_proof(nodes, root);
    if (!compact) {
        return fail(describe(compact.error()));
    }
    return std::move(*compact);
}

Result<std::optional<StateRange>> read_range(const Reader& reader, const RangePosition& start,
                                             std::size_t bytes) {
    if (start.size() > kRangePositionKeysMax) {
        return std::nullopt;
    }
    TRY_ASSIGN(const StateRoot root, reader.root(TrieId::main()));
    EntryReader entries(reader, bytes);
    auto& tries = entries.range.tries;
    tries.push_back({TrieId::main(), root, {}, {}, false});
    if (start.size() == 2) {
        TRY_ASSIGN(const auto child, child_at(reader, start));
        if (!child) {
            return std::nullopt;
        }
        tries.push_back({child->first, child->second, {}, {}, false});
        TRY_ASSIGN(tries[1].complete, entries.walk(child->first, child->second, start.back(), 1));
        if (!tries[1].complete) {
            return std::move(entries.range);
        }
    }
    const auto after = start.empty() ? std::nullopt : std::optional(start.front());
    TRY_ASSIGN(tries[0].complete, entries.walk(TrieId::main(), root, after, 0));
    return std::move(entries.range);
}

}  // namespace stipple::state
