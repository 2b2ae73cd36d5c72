#include "executor/compact_proof.hpp"

#include "state/trie/node.hpp"

namespace stipple::executor {
namespace {

using state::trie::NodeForm;
using state::trie::NodeKind;
using state::trie::NodeView;

/// A node on the way down, and what comes back up from it.
struct Step {
    NodeView node;
    bool is_inline = false;
    std::size_t slot = 0;  ///< of the child the way goes on through
};

struct Way {
    std::vector<Step> steps;
    std::size_t nodes_used = 0;
};

/// Follows the key from the root to the node that must carry it; absent when the nodes do not lead
/// there in just the form a verifier expects.
std::optional<Way> follow(std::span<const Bytes> nodes, ByteView key) {
    const std::size_t key_nibbles = key.size() * 2;
    Way way;
    std::size_t depth = 0;
    ByteView next;
    bool is_inline = false;
    for (;;) {
        if (!is_inline) {
            if (way.nodes_used == nodes.size()) {
                return std::nullopt;
            }
            next = nodes[way.nodes_used++];
        }
        const auto node = state::trie::decode_node(next, NodeForm::compact);
        if (!node || node->kind == NodeKind::empty || depth + node->partial.count > key_nibbles) {
            return std::nullopt;
        }
        for (std::size_t i = 0; i < node->partial.count; ++i) {
            if (node->partial[i] != state::trie::nibble_of(key, depth + i)) {
                return std::nullopt;
            }
        }
        depth += node->partial.count;
        Step& step = way.steps.emplace_back(Step{*node, is_inline, 0});
        if (depth == key_nibbles) {
            return way;
        }
        step.slot = state::trie::nibble_of(key, depth++);
        if (!node->is_branch() || !node->has_child(step.slot)) {
            return std::nullopt;
        }
        next = node->children[step.slot];
        if (next.size() == state::trie::kHashBytes) {
            return std::nullopt;  // a hash that should have been left out
        }
        is_inline = !next.empty();
    }
}

/// The node with one child replaced and, at the end of the way, the value put in.
Bytes encode_step(const Step& step, const std::optional<ByteView>& value, bool value_hashed,
                  const std::optional<ByteView>& child) {
    const NodeView& node = step.node;
    NodeKind kind = node.kind;
    ByteView carried = node.value;
    if (value) {
        carried = *value;
        kind = node.is_branch() ? (value_hashed ? NodeKind::branch_hashed : NodeKind::branch_value)
                                : (value_hashed ? NodeKind::leaf_hashed : NodeKind::leaf);
    }
    Bytes nibbles;
    state::trie::append_nibbles(nibbles, node.partial);
    Bytes out(state::trie::node_overhead_max(nibbles.size(), true) + carried.size());
    std::uint8_t* at = state::trie::put_header(out.data(), kind, nibbles.size());
    at = state::trie::put_partial(at, nibbles);
    if (node.is_branch()) {
        *at++ = static_cast<std::uint8_t>(node.bitmap);
        *at++ = static_cast<std::uint8_t>(node.bitmap >> 8);
    }
    if (kind == NodeKind::leaf_hashed || kind == NodeKind::branch_hashed) {
        at = state::trie::put_bytes(at, carried);
    } else if (kind != NodeKind::branch) {
        at = state::trie::put_byte_string(at, carried);
    }
    for (std::size_t slot = 0; slot < 16 && node.is_branch(); ++slot) {
        if (node.has_child(slot)) {
            const bool replaced = child && slot == step.slot;
            at = state::trie::put_byte_string(at, replaced ? *child : node.children[slot]);
        }
    }
    out.resize(static_cast<std::size_t>(at - out.data()));
    return out;
}

/// The place for the value must be there and empty.
bool awaits_value(const NodeView& node) {
    return node.kind == NodeKind::branch || (node.kind == NodeKind::leaf && node.value.empty());
}

}  // namespace

bool verify_compact_proof(const crypto::Hash256& root, std::span<const Bytes> nodes, ByteView key,
                          ByteView value, state::StateVersion version,
                          crypto::Hash256 (*hash)(ByteView)) {
    const auto way = follow(nodes, key);
    if (!way || way->nodes_used != nodes.size() || !awaits_value(way->steps.back().node) ||
        value.size() >= (1U << 30)) {
        return false;
    }
    const bool value_hashed =
        version == state::StateVersion::v1 && value.size() >= state::trie::kHashedValueBytesMin;
    const crypto::Hash256 value_hash = value_hashed ? hash(value) : crypto::Hash256{};
    std::optional<ByteView> carried = value_hashed ? value_hash.view() : value;
    Bytes child;
    for (std::size_t i = way->steps.size(); i-- > 0;) {
        const Step& step = way->steps[i];
        const bool last = i + 1 == way->steps.size();
        const Bytes encoded = encode_step(step, carried, value_hashed,
                                          last ? std::nullopt : std::optional<ByteView>(child));
        carried.reset();
        if (step.is_inline) {
            if (encoded.size() > state::trie::kHashBytes) {
                return false;
            }
            child = encoded;
        } else {
            child = to_bytes(hash(encoded));
        }
    }
    return equal(child, root);
}

}  // namespace stipple::executor
