// The two compact forms of a proof, see proof.hpp.
#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "state/trie/node.hpp"
#include "state/trie/proof.hpp"

namespace stipple::state {

using namespace trie;

namespace {

/// What stands in a node instead of what it came with.
struct Replacement {
    bool set_value = false;
    std::optional<ByteView> value;  ///< with set_value: the value, or its hash, or none
    bool hashed = false;
    std::array<ByteView, 16> children;
};

Bytes encode_node(const NodeView& node, const Replacement& other) {
    const bool has_value = other.set_value ? other.value.has_value() : node.has_value();
    const bool hashed = other.set_value ? other.hashed : node.is_hashed();
    const ByteView value = other.set_value ? other.value.value_or(ByteView{}) : node.value;
    NodeKind kind = hashed ? NodeKind::leaf_hashed : NodeKind::leaf;
    if (node.is_branch()) {
        kind = !has_value ? NodeKind::branch
                          : (hashed ? NodeKind::branch_hashed : NodeKind::branch_value);
    } else if (node.kind == NodeKind::empty) {
        return {0};
    }
    Bytes encoded(node_overhead_max(node.partial.count, true) + value.size());
    std::uint8_t* out = put_header(encoded.data(), kind, node.partial.count);
    out = put_bytes(out, node.partial.packed);
    if (node.is_branch()) {
        *out++ = static_cast<std::uint8_t>(node.bitmap);
        *out++ = static_cast<std::uint8_t>(node.bitmap >> 8);
    }
    if (has_value) {
        out = hashed ? put_bytes(out, value) : put_byte_string(out, value);
    }
    for (std::size_t slot = 0; slot < 16; ++slot) {
        if (node.has_child(slot)) {
            out = put_byte_string(out, other.children[slot]);
        }
    }
    encoded.resize(static_cast<std::size_t>(out - encoded.data()));
    return encoded;
}

StateRoot blake2b(ByteView bytes) {
    return StateRoot(crypto::blake2b_256(bytes).bytes);
}

/// Roots of child tries that the main trie holds, in the order of their keys.
class ChildRoots {
 public:
    ChildRoots() { append_nibbles(prefix_, as_bytes(kDefaultChildStoragePrefix)); }
    void look_at(ByteView path, ByteView value) {
        if (starts_with(path, prefix_) && value.size() == kHashBytes) {
            roots_.emplace(to_bytes(path), StateRoot::copy(value));
        }
    }
    const std::map<Bytes, StateRoot>& roots() const { return roots_; }

 private:
    Bytes prefix_;
    std::map<Bytes, StateRoot> roots_;
};

class CompactEncoder {
 public:
    explicit CompactEncoder(std::span<const Bytes> proof) {
        for (const Bytes& node : proof) {
            nodes_.emplace(blake2b(node), node);
        }
    }
    bool has(const StateRoot& hash) const { return nodes_.contains(hash); }

    /// Items of one trie, pre-order. `children` is told of values, when not null.
    std::expected<void, CompactProofError> add(const StateRoot& root, ChildRoots* children) {
        struct Step {
            StateRoot hash;
            NibblePath path;
        };
        std::vector<Step> steps = {{root, {}}};
        while (!steps.empty()) {
            const Step step = std::move(steps.back());
            steps.pop_back();
            const auto found = nodes_.find(step.hash);
            if (found == nodes_.end()) {
                return std::unexpected(CompactProofError::incomplete);
            }
            const auto node = decode_node(found->second);
            if (!node) {
                return std::unexpected(CompactProofError::bad_node);
            }
            NibblePath path = step.path;
            append_nibbles(path, node->partial);
            if (path.size() > kPartialNibblesMax) {
                return std::unexpected(CompactProofError::bad_node);
            }
            if (children != nullptr && node->has_value() && !node->is_hashed()) {
                children->look_at(path, node->value);
            }
            put(*node);
            for (std::size_t slot = 16; slot-- > 0;) {
                if (node->has_child(slot) && is_item(node->children[slot])) {
                    NibblePath below = path;
                    below.push_back(static_cast<std::uint8_t>(slot));
                    steps.push_back({StateRoot::copy(node->children[slot]), std::move(below)});
                }
            }
        }
        return {};
    }
    Proof take() { return std::move(items_); }

 private:
    bool is_item(ByteView ref) const {
        return ref.size() == kHashBytes && has(StateRoot::copy(ref));
    }
    void put(const NodeView& node) {
        Replacement other;
        for (std::size_t slot = 0; slot < 16; ++slot) {
            other.children[slot] = is_item(node.children[slot]) ? ByteView{} : node.children[slot];
        }
        const bool detached = node.is_hashed() && is_item(node.value);
        if (detached) {
            other.set_value = true;
            other.value = ByteView{};
        }
        Bytes item = encode_node(node, other);
        if (detached) {
            item.insert(item.begin(), kCompactEscape);
        }
        items_.push_back(std::move(item));
        if (detached) {
            items_.push_back(to_bytes(nodes_.find(StateRoot::copy(node.value))->second));
        }
    }

    std::map<StateRoot, ByteView> nodes_;
    Proof items_;
};

class CompactDecoder {
 public:
    explicit CompactDecoder(std::span<const Bytes> items) : items_(items) {}

    bool at_end() const { return at_ == items_.size(); }

    /// Takes the items of one trie; answers its root.
    std::expected<StateRoot, CompactProofError> trie() {
        std::vector<Frame> frames;
        std::optional<StateRoot> finished;
        do {
            if (frames.empty() || needs_item(frames.back())) {
                auto frame = next_frame();
                if (!frame) {
                    return std::unexpected(frame.error());
                }
                frames.push_back(*std::move(frame));
                continue;
            }
            finished = finish(frames.back());
            frames.pop_back();
            if (!frames.empty()) {
                Frame& parent = frames.back();
                parent.hashes[parent.slot++] = *finished;
            }
        } while (!frames.empty());
        return *finished;
    }
    Proof take() { return std::move(nodes_); }
    const Proof& nodes() const { return nodes_; }

 private:
    struct Frame {
        NodeView node;
        std::optional<StateRoot> value_hash;
        std::array<StateRoot, 16> hashes;
        std::size_t slot = 0;  ///< slots before this one are done
    };

    static bool is_omitted(const Frame& frame, std::size_t slot) {
        return frame.node.has_child(slot) && frame.node.children[slot].empty();
    }
    static bool needs_item(Frame& frame) {
        while (frame.slot < 16 && !is_omitted(frame, frame.slot)) {
            ++frame.slot;
        }
        return frame.slot < 16;
    }
    std::expected<Frame, CompactProofError> next_frame() {
        if (at_end()) {
            return std::unexpected(CompactProofError::incomplete);
        }
        ByteView item = items_[at_++];
        const bool detached = !item.empty() && item[0] == kCompactEscape;
        const auto node = decode_node(detached ? item.subspan(1) : item, NodeForm::compact);
        if (!node) {
            return std::unexpected(CompactProofError::bad_node);
        }
        Frame frame{.node = *node, .value_hash = {}, .hashes = {}};
        if (detached) {
            if (!node->has_value() || node->is_hashed() || !node->value.empty()) {
                return std::unexpected(CompactProofError::bad_node);
            }
            if (at_end()) {
                return std::unexpected(CompactProofError::incomplete);
            }
            frame.value_hash = blake2b(items_[at_]);
            nodes_.push_back(items_[at_++]);
        }
        return frame;
    }
    StateRoot finish(const Frame& frame) {
        Replacement other;
        if (frame.value_hash) {
            other.set_value = true;
            other.hashed = true;
            other.value = frame.value_hash->view();
        }
        for (std::size_t slot = 0; slot < 16; ++slot) {
            other.children[slot] =
                is_omitted(frame, slot) ? frame.hashes[slot].view() : frame.node.children[slot];
        }
        nodes_.push_back(encode_node(frame.node, other));
        return blake2b(nodes_.back());
    }

    std::span<const Bytes> items_;
    std::size_t at_ = 0;
    Proof nodes_;
};

/// The child roots that the nodes of a main trie hold. What is missing is passed over.
std::map<Bytes, StateRoot> child_roots(const Proof& nodes, const StateRoot& root) {
    ChildRoots children;
    CompactEncoder walk(nodes);
    const auto walked = walk.add(root, &children);
    return walked ? children.roots() : std::map<Bytes, StateRoot>{};
}

}  // namespace

const char* describe(CompactProofError error) {
    switch (error) {
        case CompactProofError::incomplete:
            return "compact proof: an item is missing";
        case CompactProofError::bad_node:
            return "compact proof: an item is no node";
        case CompactProofError::root_mismatch:
            return "compact proof: another root";
        case CompactProofError::unreferenced_child:
            return "compact proof: unknown child trie";
        case CompactProofError::extra_items:
            return "compact proof: items that belong to nothing";
    }
    return "unknown";
}

std::expected<Proof, CompactProofError> encode_compact_proof(std::span<const Bytes> proof,
                                                             const StateRoot& root) {
    CompactEncoder encoder(proof);
    ChildRoots children;
    if (auto added = encoder.add(root, &children); !added) {
        return std::unexpected(added.error());
    }
    for (const auto& [path, child] : children.roots()) {
        // A child root may be there without the child having been read.
        if (encoder.has(child)) {
            if (auto added = encoder.add(child, nullptr); !added) {
                return std::unexpected(added.error());
            }
        }
    }
    return encoder.take();
}

std::expected<Proof, CompactProofError> decode_compact_proof(std::span<const Bytes> items,
                                                             const StateRoot& root) {
    CompactDecoder decoder(items);
    const auto top = decoder.trie();
    if (!top) {
        return std::unexpected(top.error());
    }
    if (*top != root) {
        return std::unexpected(CompactProofError::root_mismatch);
    }
    std::optional<StateRoot> unmatched;
    for (const auto& [path, child] : child_roots(decoder.nodes(), root)) {
        if (!unmatched && !decoder.at_end()) {
            const auto found = decoder.trie();
            if (!found) {
                return std::unexpected(found.error());
            }
            unmatched = *found;
        }
        if (unmatched == child) {
            unmatched.reset();
        }
    }
    if (unmatched) {
        return std::unexpected(CompactProofError::unreferenced_child);
    }
    if (!decoder.at_end()) {
        return std::unexpected(CompactProofError::extra_items);
    }
    return decoder.take();
}

// ---- proofs that leave the proven values out ----

namespace {

class OmittedProofVerifier {
 public:
    OmittedProofVerifier(std::span<const Bytes> proof, std::span<const ProvenItem> items,
                         StateVersion version, TrieHasher hasher)
        : proof_(proof), items_(items), version_(version), hasher_(hasher) {
        for (const ProvenItem& item : items) {
            append_nibbles(nibbles_.emplace_back(), item.key);
        }
    }

    bool verify(const StateRoot& root) {
        if (items_.empty()) {
            return proof_.empty();
        }
        for (std::size_t i = 1; i < items_.size(); ++i) {
            CHECK(compare(items_[i - 1].key, items_[i].key) <= 0);
            if (equal(items_[i - 1].key, items_[i].key)) {
                return false;
            }
        }
        if (!enter_next_item({})) {
            return false;
        }
        while (true) {
            const Step step = advance();
            if (step == Step::refuse || (step == Step::descend && !descend())) {
                return false;
            }
            if (step != Step::unwind) {
                continue;
            }
            const auto ref = finish();
            if (!ref) {
                return false;
            }
            if (frames_.empty()) {
                return at_ == proof_.size() && equal(*ref, root);
            }
        }
    }

 private:
    enum class Step : std::uint8_t { again, descend, unwind, refuse };
    struct Frame {
        NodeView node;
        NibblePath prefix;  ///< up to the slot
        NibblePath path;    ///< and with the partial key
        bool is_inline = false;
        bool set_value = false;
        std::optional<Bytes> value;
        bool hashed = false;
        std::size_t slot = 0;
        std::array<std::optional<Bytes>, 16> children;
    };

    bool enter(ByteView encoded, NibblePath prefix, bool is_inline) {
        const auto node = decode_node(encoded, NodeForm::compact);
        if (!node) {
            return false;
        }
        Frame& frame = frames_.emplace_back();
        frame.node = *node;
        frame.prefix = std::move(prefix);
        frame.path = frame.prefix;
        append_nibbles(frame.path, node->partial);
        frame.is_inline = is_inline;
        return true;
    }
    bool enter_next_item(NibblePath prefix) {
        return at_ < proof_.size() && enter(proof_[at_++], std::move(prefix), false);
    }

    /// Looks at the next item to prove from the node on top.
    Step advance() {
        Frame& frame = frames_.back();
        if (item_ == items_.size() || !starts_with(nibbles_[item_], frame.prefix)) {
            return Step::unwind;
        }
        const Bytes& key = nibbles_[item_];
        const std::optional<ByteView>& value = items_[item_].value;
        const bool on_path = frame.node.kind != NodeKind::empty && starts_with(key, frame.path);
        if (on_path && key.size() > frame.path.size() && frame.node.is_branch() &&
            frame.node.has_child(key[frame.path.size()])) {
            frame.slot = key[frame.path.size()];
            return Step::descend;
        }
        if (!on_path || key.size() > frame.path.size()) {
            if (value) {
                return Step::refuse;
            }
        } else if (frame.node.is_branch()) {
            if (frame.node.has_value()) {
                return Step::refuse;  // it should have been left out
            }
            if (value) {
                put_value(frame, *value);
            }
        } else {
            if (frame.node.is_hashed() || !frame.node.value.empty() || !value) {
                return Step::refuse;
            }
            put_value(frame, *value);
        }
        ++item_;
        return Step::again;
    }

    bool descend() {
        const Frame& frame = frames_.back();
        NibblePath prefix = frame.path;
        prefix.push_back(static_cast<std::uint8_t>(frame.slot));
        const ByteView child = frame.node.children[frame.slot];
        if (child.size() == kHashBytes || frame.children[frame.slot]) {
            return false;  // the hash should have been left out
        }
        return child.empty() ? enter_next_item(std::move(prefix))
                             : enter(child, std::move(prefix), true);
    }

    void put_value(Frame& frame, ByteView value) {
        frame.set_value = true;
        frame.hashed = form_of_new(value, version_) == ValueForm::hashed;
        frame.value = frame.hashed ? hash(value) : to_bytes(value);
    }

    /// Completes the node on top and hands it to its parent; the root's hash at last.
    std::optional<Bytes> finish() {
        const Frame frame = std::move(frames_.back());
        frames_.pop_back();
        Replacement other;
        other.set_value = frame.set_value;
        other.hashed = frame.hashed;
        if (frame.value) {
            other.value = *frame.value;
        }
        for (std::size_t slot = 0; slot < 16; ++slot) {
            other.children[slot] =
                frame.children[slot] ? ByteView(*frame.children[slot]) : frame.node.children[slot];
            if (frame.node.has_child(slot) && other.children[slot].empty()) {
                return std::nullopt;  // left out, but nobody asked below it
            }
        }
        Bytes encoded = encode_node(frame.node, other);
        if (frame.is_inline && encoded.size() > kHashBytes) {
            return std::nullopt;
        }
        Bytes ref = frame.is_inline ? std::move(encoded) : hash(encoded);
        if (!frames_.empty()) {
            Frame& parent = frames_.back();
            parent.children[parent.slot] = ref;
        }
        return ref;
    }

    Bytes hash(ByteView bytes) const {
        return to_bytes(hasher_ == TrieHasher::blake2b ? crypto::blake2b_256(bytes)
                                                       : crypto::keccak_256(bytes));
    }

    std::span<const Bytes> proof_;
    std::span<const ProvenItem> items_;
    StateVersion version_;
    TrieHasher hasher_;
    std::vector<Bytes> nibbles_;
    std::size_t at_ = 0;    ///< next of proof_
    std::size_t item_ = 0;  ///< next of items_
    std::vector<Frame> frames_;
};

}  // namespace

bool verify_compact_trie_proof(std::span<const Bytes> proof, const StateRoot& root,
                               std::span<const ProvenItem> items, StateVersion version,
                               TrieHasher hasher) {
    return OmittedProofVerifier(proof, items, version, hasher).verify(root);
}

}  // namespace stipple::state
