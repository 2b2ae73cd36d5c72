#include "state/store/node_delta.hpp"

#include "state/store/rows.hpp"
#include "state/trie/node.hpp"

namespace stipple::state::store {
namespace {

using trie::NodeView;

std::unexpected<Error> damaged() {
    return fail("column node_history: a difference does not fit the branch that replaced it");
}

/// Everything before the children: header, partial key, bitmap, value.
ByteView shape_of(ByteView branch, const NodeView& node) {
    std::size_t children = 0;
    for (std::size_t slot = 0; slot < 16; ++slot) {
        if (node.has_child(slot)) {
            children += 1 + node.children[slot].size();  // the compact length is one byte
        }
    }
    return branch.first(branch.size() - children);
}

/// The difference, unless the two are of different shape.
std::optional<Bytes> difference(ByteView newer, ByteView older) {
    const auto now = trie::decode_node(newer);
    const auto before = trie::decode_node(older);
    if (!now || !before || !now->is_branch() || !before->is_branch() ||
        !equal(shape_of(newer, *now), shape_of(older, *before))) {
        return std::nullopt;
    }
    std::uint16_t mask = 0;
    Bytes children;
    for (std::size_t slot = 0; slot < 16; ++slot) {
        const ByteView child = before->children[slot];
        if (now->has_child(slot) && !equal(child, now->children[slot])) {
            mask = static_cast<std::uint16_t>(mask | 1U << slot);
            children.push_back(static_cast<std::uint8_t>(child.size()));
            append(children, child);
        }
    }
    Bytes out{kDeltaTag};
    append_le(out, mask);
    append(out, children);
    return out;
}

}  // namespace

Bytes keep_older(ByteView older, Bytes& newer) {
    std::uint8_t behind = 0;
    Bytes kept = to_bytes(older);
    if (!is_absent(older)) {
        if (!is_absent(newer) && node_count(older) < kDeltasMax) {
            auto delta = difference(ByteView(newer).subspan(1), older.subspan(1));
            if (delta && delta->size() < older.size()) {
                behind = static_cast<std::uint8_t>(node_count(older) + 1);
                kept = std::move(*delta);
            }
        }
        if (behind == 0) {
            set_node_count(kept, 0);  // a whole row of history counts nothing
        }
    }
    if (!is_absent(newer)) {
        set_node_count(newer, behind);
    }
    return kept;
}

bool is_delta(ByteView history_row) {
    return !history_row.empty() && history_row[0] == kDeltaTag;
}

Result<Bytes> apply_delta(ByteView newer, ByteView delta) {
    if (is_absent(newer) || newer.empty() || delta.size() < 3) {
        return damaged();
    }
    const ByteView branch = newer.subspan(1);
    const auto node = trie::decode_node(branch);
    if (!node || !node->is_branch()) {
        return damaged();
    }
    const auto mask = load_le<std::uint16_t>(delta.subspan(1));
    if ((mask & ~node->bitmap) != 0) {
        return damaged();
    }
    ByteView children = delta.subspan(3);
    Bytes out = encode_node(to_bytes(shape_of(branch, *node)));
    for (std::size_t slot = 0; slot < 16; ++slot) {
        ByteView child = node->children[slot];
        if ((mask >> slot & 1) != 0) {
            if (children.empty() || children[0] > trie::kHashBytes ||
                children.size() <= children[0]) {
                return damaged();
            }
            child = children.subspan(1, children[0]);
            children = children.subspan(1 + child.size());
        }
        if (node->has_child(slot)) {
            out.push_back(static_cast<std::uint8_t>(child.size() << 2));
            append(out, child);
        }
    }
    if (!children.empty()) {
        return damaged();
    }
    return out;
}

Result<Bytes> restore_older(ByteView newer, ByteView kept) {
    if (is_delta(kept)) {
        TRY_ASSIGN(auto older, apply_delta(newer, kept));
        if (node_count(newer) == 0) {
            return damaged();
        }
        set_node_count(older, static_cast<std::uint8_t>(node_count(newer) - 1));
        return older;
    }
    Bytes older = to_bytes(kept);
    if (!is_absent(older)) {
        // How many stand behind it was not kept: let the next change write a whole row.
        set_node_count(older, kDeltasMax);
    }
    return older;
}

}  // namespace stipple::state::store
