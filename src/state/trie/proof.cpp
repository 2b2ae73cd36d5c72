#include "state/trie/proof.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "state/trie/node.hpp"

#include <fmt/format.h>

namespace stipple::state {

using namespace trie;

namespace {

StateRoot hash_of(ByteView bytes) {
    return StateRoot(crypto::blake2b_256(bytes).bytes);
}

Bytes nibbles_of(ByteView key) {
    Bytes nibbles;
    append_nibbles(nibbles, key);
    return nibbles;
}

using Targets = std::map<Bytes, bool, ByteLess>;
using NodeSet = std::map<StateRoot, Bytes>;

/// Collects the nodes on the ways of `targets` through one trie.
class Collector {
 public:
    Collector(const Reader& reader, const TrieId& trie, NodeSet& out)
        : reader_(reader), trie_(trie), out_(out) {}

    Result<> run(const Targets& targets) {
        for (const auto& [nibbles, value] : targets) {
            targets_.push_back({nibbles, value});
        }
        if (targets_.empty()) {
            return {};
        }
        TRY_ASSIGN(const StateRoot root, reader_.root(trie_));
        if (root == empty_trie_root()) {
            return {};
        }
        std::vector<Step> steps;
        steps.push_back({{}, to_bytes(root), 0, targets_.size()});
        while (!steps.empty()) {
            const Step step = std::move(steps.back());
            steps.pop_back();
            TRY(visit(step, steps));
        }
        return {};
    }

 private:
    struct Target {
        ByteView nibbles;
        bool value;
    };
    struct Step {
        NibblePath path;
        Bytes ref;
        std::size_t from;
        std::size_t to;
    };

    Result<> visit(const Step& step, std::vector<Step>& steps) {
        Bytes encoded = step.ref;
        if (encoded.size() == kHashBytes) {
            TRY_ASSIGN(encoded, node_at(step.path, step.ref));
        }
        const auto node = decode_node(encoded);
        if (!node) {
            return fail(fmt::format("proof: stored node: {}", describe(node.error())));
        }
        NibblePath path = step.path;
        append_nibbles(path, node->partial);
        for (std::size_t from = step.from; from < step.to;) {
            const Target& target = targets_[from];
            if (!starts_with(target.nibbles, path)) {
                ++from;
                continue;
            }
            if (target.nibbles.size() == path.size()) {
                if (target.value && node->is_hashed()) {
                    TRY(add_value(path));
                }
                ++from;
                continue;
            }
            const std::uint8_t nibble = target.nibbles[path.size()];
            std::size_t to = from + 1;
            while (to < step.to && starts_with(targets_[to].nibbles, path) &&
                   targets_[to].nibbles.size() > path.size() &&
                   targets_[to].nibbles[path.size()] == nibble) {
                ++to;
            }
            if (node->is_branch() && node->has_child(nibble)) {
                NibblePath slot = path;
                slot.push_back(nibble);
                steps.push_back({std::move(slot), to_bytes(node->children[nibble]), from, to});
            }
            from = to;
        }
        if (step.ref.size() == kHashBytes) {
            out_.emplace(StateRoot::copy(step.ref), std::move(encoded));
        }
        return {};
    }

    Result<Bytes> node_at(const NibblePath& path, ByteView hash) {
        TRY_ASSIGN(auto branch, reader_.branch(trie_, path));
        if (branch) {
            return *std::move(branch);
        }
        // No branch stands there, so it is the leaf of the only key below.
        const auto cursor = reader_.keys(trie_, pack_nibbles(path));
        TRY(cursor->status());
        if (!cursor->valid() || !starts_with(nibbles_of(cursor->key()), path)) {
            return fail("proof: no key below a slot that is not empty");
        }
        TRY_ASSIGN(const StoredValue value, cursor->value());
        const ByteView key = cursor->key();
        const bool hashed = value.form == ValueForm::hashed;
        const std::size_t nibbles = 2 * key.size() - path.size();
        Bytes leaf(node_overhead_max(nibbles, false) + (hashed ? 0 : value.bytes.size()));
        std::uint8_t* out =
            put_header(leaf.data(), hashed ? NodeKind::leaf_hashed : NodeKind::leaf, nibbles);
        out = put_partial_of_key(out, key, path.size(), 2 * key.size());
        out = hashed ? put_bytes(out, hash_of(value.bytes)) : put_byte_string(out, value.bytes);
        leaf.resize(static_cast<std::size_t>(out - leaf.data()));
        if (!equal(hash_of(leaf), hash)) {
            return fail("proof: a leaf does not have the hash its parent holds");
        }
        return leaf;
    }

    Result<> add_value(const NibblePath& path) {
        TRY_ASSIGN(auto value, reader_.value(trie_, pack_nibbles(path)));
        if (value) {
            out_.emplace(hash_of(value->bytes), std::move(value->bytes));
        }
        return {};
    }

    const Reader& reader_;
    const TrieId& trie_;
    NodeSet& out_;
    std::vector<Target> targets_;
};

Result<Proof> collect(const Reader& reader, std::map<TrieId, Targets> touched) {
    for (const auto& [id, targets] : touched) {
        if (!id.is_main()) {
            touched[TrieId::main()].insert_or_assign(nibbles_of(child_root_key(id)), true);
        }
    }
    NodeSet nodes;
    for (const auto& [id, targets] : touched) {
        TRY(Collector(reader, id, nodes).run(targets));
    }
    Proof proof;
    proof.reserve(nodes.size());
    for (auto& [hash, node] : nodes) {
        proof.push_back(std::move(node));
    }
    return proof;
}

}  // namespace

Result<Proof> prove_keys(const Reader& reader, const TrieId& trie, std::span<const Bytes> keys) {
    std::map<TrieId, Targets> touched;
    for (const Bytes& key : keys) {
        touched[trie].insert_or_assign(nibbles_of(key), true);
    }
    return collect(reader, std::move(touched));
}

// ---- ProofRecorder ----

void ProofRecorder::note(const TrieId& trie, Bytes nibbles, bool value) const {
    const std::lock_guard lock(mutex_);
    bool& wanted = touched_[trie][std::move(nibbles)];
    wanted = wanted || value;
}

void ProofRecorder::note_key(const TrieId& trie, ByteView key, bool value) const {
    note(trie, nibbles_of(key), value);
}

/// Notes every key it stands on: with the key it was sought by, that shows what lies between.
class ProofRecorder::Cursor final : public KeyCursor {
 public:
    Cursor(const ProofRecorder& recorder, TrieId trie, std::unique_ptr<KeyCursor> inner)
        : recorder_(recorder), trie_(std::move(trie)), inner_(std::move(inner)) {
        arrive();
    }
    bool valid() const override { return inner_->valid(); }
    ByteView key() const override { return inner_->key(); }
    Result<StoredValue> value() const override {
        recorder_.note_key(trie_, inner_->key(), true);
        return inner_->value();
    }
    void next() override {
        inner_->next();
        arrive();
    }
    Result<> status() const override { return inner_->status(); }

 private:
    void arrive() {
        if (inner_->valid()) {
            recorder_.note_key(trie_, inner_->key(), false);
        }
    }
    const ProofRecorder& recorder_;
    TrieId trie_;
    std::unique_ptr<KeyCursor> inner_;
};

Result<std::optional<StoredValue>> ProofRecorder::value(const TrieId& trie, ByteView key) const {
    note_key(trie, key, true);
    return inner_.value(trie, key);
}

std::unique_ptr<KeyCursor> ProofRecorder::keys(const TrieId& trie, ByteView from) const {
    note_key(trie, from, false);
    return std::make_unique<Cursor>(*this, trie, inner_.keys(trie, from));
}

Result<std::optional<LentBytes>> ProofRecorder::lend_branch(const TrieId& trie,
                                                            ByteView path) const {
    note(trie, to_bytes(path), false);
    return inner_.lend_branch(trie, path);
}

Result<StateRoot> ProofRecorder::root(const TrieId& trie) const {
    note(trie, {}, false);
    return inner_.root(trie);
}

Result<Proof> ProofRecorder::proof() const {
    std::map<TrieId, Targets> touched;
    {
        const std::lock_guard lock(mutex_);
        touched = touched_;
    }
    return collect(inner_, std::move(touched));
}

// ---- ProofReader ----

ProofReader::ProofReader(std::span<const Bytes> proof, const StateRoot& root) : root_(root) {
    std::vector<ByteView> views(proof.begin(), proof.end());
    std::vector<crypto::Hash256> hashes(views.size());
    crypto::blake2b_256_many(views, hashes);
    nodes_.reserve(views.size());
    for (std::size_t i = 0; i < proof.size(); ++i) {
        nodes_.try_emplace(StateRoot(hashes[i].bytes), proof[i]);
    }
}

std::optional<ByteView> ProofReader::find(const StateRoot& hash) const {
    const auto found = nodes_.find(hash);
    return found == nodes_.end() ? std::nullopt : std::optional<ByteView>(found->second);
}

Result<ByteView> ProofReader::resolve(ByteView ref) const {
    if (ref.size() != kHashBytes) {
        return ref;
    }
    const auto found = find(StateRoot::copy(ref));
    if (!found) {
        return fail(fmt::format("incomplete proof: no node {}", to_hex0x(ref)));
    }
    return *found;
}

Result<StoredValue> ProofReader::stored(ByteView value, ValueForm form) const {
    if (form == ValueForm::inline_bytes) {
        return StoredValue{to_bytes(value), form};
    }
    const auto found = find(StateRoot::copy(value));
    if (!found) {
        return fail(fmt::format("incomplete proof: no value {}", to_hex0x(value)));
    }
    return StoredValue{to_bytes(*found), form};
}

namespace {

Result<NodeView> decode_proven(ByteView encoded) {
    const auto node = decode_node(encoded);
    if (!node) {
        return fail(fmt::format("bad node in proof: {}", describe(node.error())));
    }
    return *node;
}

ValueForm form_of(const NodeView& node) {
    return node.is_hashed() ? ValueForm::hashed : ValueForm::inline_bytes;
}

}  // namespace

Result<StateRoot> ProofReader::root(const TrieId& trie) const {
    if (trie.is_main()) {
        return root_;
    }
    TRY_ASSIGN(const auto stored_root, value(TrieId::main(), child_root_key(trie)));
    if (!stored_root) {
        return empty_trie_root();
    }
    const auto child = StateRoot::from(stored_root->bytes);
    if (!child) {
        return fail("bad node in proof: the root of a child trie is not a hash");
    }
    return *child;
}

Result<std::optional<StoredValue>> ProofReader::value(const TrieId& trie, ByteView key) const {
    TRY_ASSIGN(const StateRoot top, root(trie));
    if (top == empty_trie_root()) {
        return std::nullopt;
    }
    const Bytes nibbles = nibbles_of(key);
    ByteView ref = top;
    for (std::size_t at = 0;;) {
        TRY_ASSIGN(const ByteView encoded, resolve(ref));
        TRY_ASSIGN(const NodeView node, decode_proven(encoded));
        for (std::size_t i = 0; i < node.partial.count; ++i, ++at) {
            if (at == nibbles.size() || nibbles[at] != node.partial[i]) {
                return std::nullopt;
            }
        }
        if (at == nibbles.size()) {
            if (!node.has_value()) {
                return std::nullopt;
            }
            TRY_ASSIGN(auto found, stored(node.value, form_of(node)));
            return found;
        }
        if (!node.is_branch() || !node.has_child(nibbles[at])) {
            return std::nullopt;
        }
        ref = node.children[nibbles[at++]];
    }
}

Result<std::optional<LentBytes>> ProofReader::lend_branch(const TrieId& trie, ByteView path) const {
    TRY_ASSIGN(const StateRoot top, root(trie));
    if (top == empty_trie_root()) {
        return std::nullopt;
    }
    ByteView ref = top;
    for (std::size_t at = 0;;) {
        if (at > 0 && ref.size() != kHashBytes) {
            return std::nullopt;  // an inline node is no stored branch, nor is one below it
        }
        TRY_ASSIGN(const ByteView encoded, resolve(ref));
        TRY_ASSIGN(const NodeView node, decode_proven(encoded));
        if (at == path.size()) {
            return node.is_branch() ? std::optional(LentBytes(encoded)) : std::nullopt;
        }
        for (std::size_t i = 0; i < node.partial.count; ++i, ++at) {
            if (at == path.size() || path[at] != node.partial[i]) {
                return std::nullopt;
            }
        }
        if (at == path.size() || !node.is_branch() || !node.has_child(path[at])) {
            return std::nullopt;
        }
        ref = node.children[path[at++]];
    }
}

Result<std::optional<ProofReader::Found>> ProofReader::seek(const StateRoot& top,
                                                            ByteView from) const {
    if (top == empty_trie_root()) {
        return std::nullopt;
    }
    const Bytes bound = nibbles_of(from);
    struct Frame {
        ByteView ref;
        NibblePath path;
    };
    std::vector<Frame> frames = {{top, {}}};
    while (!frames.empty()) {
        const Frame frame = std::move(frames.back());
        frames.pop_back();
        TRY_ASSIGN(const ByteView encoded, resolve(frame.ref));
        TRY_ASSIGN(const NodeView node, decode_proven(encoded));
        NibblePath path = frame.path;
        append_nibbles(path, node.partial);
        if (path.size() > kPartialNibblesMax) {
            return fail("bad node in proof: a path is too long");
        }
        const bool inside = starts_with(bound, path);  // the bound goes on below
        if (!inside && compare(path, bound) < 0) {
            continue;  // all keys here are smaller
        }
        if (node.has_value() && (!inside || path.size() == bound.size())) {
            if (path.size() % 2 != 0) {
                return fail("bad node in proof: a key ends in half a byte");
            }
            return Found{pack_nibbles(path), node.value, form_of(node)};
        }
        const std::size_t least = inside && path.size() < bound.size() ? bound[path.size()] : 0;
        for (std::size_t slot = 16; slot-- > least;) {
            if (node.is_branch() && node.has_child(slot)) {
                NibblePath below = path;
                below.push_back(static_cast<std::uint8_t>(slot));
                frames.push_back({node.children[slot], std::move(below)});
            }
        }
    }
    return std::nullopt;
}

class ProofReader::Cursor final : public KeyCursor {
 public:
    Cursor(const ProofReader& reader, const TrieId& trie, ByteView from) : reader_(reader) {
        auto root = reader.root(trie);
        if (!root) {
            status_ = std::unexpected(std::move(root).error());
            return;
        }
        root_ = *root;
        go(from);
    }
    bool valid() const override { return found_.has_value(); }
    ByteView key() const override { return found_->key; }
    Result<StoredValue> value() const override {
        return reader_.stored(found_->value, found_->form);
    }
    void next() override {
        Bytes above = std::move(found_->key);
        above.push_back(0);
        go(above);
    }
    Result<> status() const override { return status_; }

 private:
    void go(ByteView from) {
        auto found = reader_.seek(root_, from);
        if (found) {
            found_ = std::move(*found);
        } else {
            found_.reset();
            status_ = std::unexpected(std::move(found).error());
        }
    }
    const ProofReader& reader_;
    StateRoot root_;
    std::optional<Found> found_;
    Result<> status_;
};

std::unique_ptr<KeyCursor> ProofReader::keys(const TrieId& trie, ByteView from) const {
    return std::make_unique<Cursor>(*this, trie, from);
}

}  // namespace stipple::state
