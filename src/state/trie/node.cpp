#include "state/trie/node.hpp"

#include "base/check.hpp"
#include "scale/decoder.hpp"

namespace stipple::state::trie {

namespace {

struct HeaderForm {
    std::uint8_t tag;
    std::uint8_t count_max;  ///< also the mask of the count bits
};

HeaderForm form_of(NodeKind kind) {
    switch (kind) {
        case NodeKind::leaf:
            return {0x40, 63};
        case NodeKind::branch:
            return {0x80, 63};
        case NodeKind::branch_value:
            return {0xc0, 63};
        case NodeKind::leaf_hashed:
            return {0x20, 31};
        case NodeKind::branch_hashed:
            return {0x10, 15};
        case NodeKind::empty:
            break;
    }
    return {0x00, 0};
}

std::expected<NodeKind, NodeError> kind_of(std::uint8_t first) {
    switch (first >> 6) {
        case 1:
            return NodeKind::leaf;
        case 2:
            return NodeKind::branch;
        case 3:
            return NodeKind::branch_value;
        default:
            break;
    }
    if ((first & 0xe0) == 0x20) {
        return NodeKind::leaf_hashed;
    }
    if ((first & 0xf0) == 0x10) {
        return NodeKind::branch_hashed;
    }
    if (first == 0) {
        return NodeKind::empty;
    }
    return std::unexpected(NodeError::bad_header);
}

class Parser {
 public:
    Parser(ByteView rest, NodeForm form) : rest_(rest), form_(form) {}

    std::expected<NodeView, NodeError> node() {
        if (rest_.empty()) {
            return std::unexpected(NodeError::end_of_input);
        }
        const std::uint8_t first = rest_[0];
        NodeView node;
        const auto kind = kind_of(first);
        if (!kind) {
            return std::unexpected(kind.error());
        }
        node.kind = *kind;
        rest_ = rest_.subspan(1);
        const auto failed = node.kind == NodeKind::empty ? std::nullopt : fields(node, first);
        if (failed) {
            return std::unexpected(*failed);
        }
        if (!rest_.empty()) {
            return std::unexpected(NodeError::trailing_bytes);
        }
        return node;
    }

 private:
    using Failure = std::optional<NodeError>;

    Failure fields(NodeView& node, std::uint8_t first) {
        if (const Failure failed = partial(node, first)) {
            return failed;
        }
        if (node.is_branch()) {
            if (rest_.size() < 2) {
                return NodeError::end_of_input;
            }
            node.bitmap = load_le<std::uint16_t>(rest_);
            rest_ = rest_.subspan(2);
            if (node.bitmap == 0) {
                return NodeError::no_children;
            }
        }
        if (const Failure failed = value(node)) {
            return failed;
        }
        for (std::size_t slot = 0; slot < 16; ++slot) {
            if (!node.has_child(slot)) {
                continue;
            }
            if (!byte_string(node.children[slot]) || node.children[slot].size() > kHashBytes ||
                (node.children[slot].empty() && form_ == NodeForm::whole)) {
                return NodeError::bad_child;
            }
        }
        return std::nullopt;
    }

    Failure partial(NodeView& node, std::uint8_t first) {
        const std::uint8_t count_max = form_of(node.kind).count_max;
        std::size_t count = first & count_max;
        if (count == count_max) {
            std::uint8_t more = 0xff;
            while (more == 0xff) {
                if (rest_.empty()) {
                    return NodeError::end_of_input;
                }
                more = rest_[0];
                rest_ = rest_.subspan(1);
                count += more;
                if (count > kPartialNibblesMax) {
                    return NodeError::partial_too_long;
                }
            }
        }
        const std::size_t bytes = (count + 1) / 2;
        if (rest_.size() < bytes) {
            return NodeError::end_of_input;
        }
        node.partial = {rest_.first(bytes), count};
        rest_ = rest_.subspan(bytes);
        if ((count & 1) != 0 && (node.partial.packed[0] & 0xf0) != 0) {
            return NodeError::bad_padding;
        }
        return std::nullopt;
    }

    Failure value(NodeView& node) {
        if (node.is_hashed()) {
            if (rest_.size() < kHashBytes) {
                return NodeError::end_of_input;
            }
            node.value = rest_.first(kHashBytes);
            rest_ = rest_.subspan(kHashBytes);
        } else if (node.has_value() && !byte_string(node.value)) {
            return NodeError::bad_value_length;
        }
        return std::nullopt;
    }

    bool byte_string(ByteView& out) {
        // Children, and most values, have a length of one byte: a number below 64 in mode 0.
        if (!rest_.empty() && (rest_[0] & 3) == 0 && rest_.size() > rest_[0] / 4U) {
            out = rest_.subspan(1, rest_[0] / 4U);
            rest_ = rest_.subspan(1 + out.size());
            return true;
        }
        scale::Decoder decoder(rest_);
        out = decoder.byte_string();
        if (!decoder.ok()) {
            return false;
        }
        rest_ = decoder.rest();
        return true;
    }

    ByteView rest_;
    NodeForm form_;
};

}  // namespace

const char* describe(NodeError error) {
    switch (error) {
        case NodeError::end_of_input:
            return "node ends too early";
        case NodeError::bad_header:
            return "no such kind of node";
        case NodeError::partial_too_long:
            return "partial key too long";
        case NodeError::bad_padding:
            return "padding of the partial key is not zero";
        case NodeError::no_children:
            return "branch without children";
        case NodeError::bad_value_length:
            return "bad length of a value";
        case NodeError::bad_child:
            return "bad child";
        case NodeError::trailing_bytes:
            return "bytes after the node";
    }
    return "unknown";
}

std::expected<NodeView, NodeError> decode_node(ByteView input, NodeForm form) {
    return Parser(input, form).node();
}

std::uint8_t* put_header(std::uint8_t* out, NodeKind kind, std::size_t nibbles) {
    const HeaderForm form = form_of(kind);
    if (nibbles < form.count_max) {
        *out++ = static_cast<std::uint8_t>(form.tag | nibbles);
        return out;
    }
    *out++ = static_cast<std::uint8_t>(form.tag | form.count_max);
    std::size_t rest = nibbles - form.count_max;
    while (rest >= 255) {
        *out++ = 255;
        rest -= 255;
    }
    *out++ = static_cast<std::uint8_t>(rest);
    return out;
}

std::uint8_t* put_partial_of_key(std::uint8_t* out, ByteView key, std::size_t from,
                                 std::size_t to) {
    if (from == to) {
        return out;
    }
    if ((to & 1) == 0) {  // whole bytes at the end: as they lie in the key
        std::size_t at = from / 2;
        if ((from & 1) != 0) {
            *out++ = key[at++] & 15;
        }
        if (at < to / 2) {
            std::memcpy(out, key.data() + at, to / 2 - at);
        }
        return out + (to / 2 - at);
    }
    if (((to - from) & 1) != 0) {
        *out++ = nibble_of(key, from++);
    }
    for (; from < to; from += 2) {
        *out++ = static_cast<std::uint8_t>(nibble_of(key, from) << 4 | nibble_of(key, from + 1));
    }
    return out;
}

std::uint8_t* put_partial(std::uint8_t* out, ByteView nibbles) {
    std::size_t at = 0;
    if ((nibbles.size() & 1) != 0) {
        *out++ = nibbles[at++];
    }
    for (; at < nibbles.size(); at += 2) {
        *out++ = static_cast<std::uint8_t>(nibbles[at] << 4 | nibbles[at + 1]);
    }
    return out;
}

std::uint8_t* put_bytes(std::uint8_t* out, ByteView bytes) {
    if (!bytes.empty()) {
        std::memcpy(out, bytes.data(), bytes.size());
    }
    return out + bytes.size();
}

std::uint8_t* put_byte_string(std::uint8_t* out, ByteView bytes) {
    const std::size_t n = bytes.size();
    if (n < 64) {
        *out++ = static_cast<std::uint8_t>(n << 2);
    } else if (n < 1U << 14) {
        *out++ = static_cast<std::uint8_t>(n << 2 | 1);
        *out++ = static_cast<std::uint8_t>(n >> 6);
    } else {
        CHECK(n < 1U << 30);
        for (unsigned i = 0; i < 4; ++i) {
            *out++ = static_cast<std::uint8_t>((n << 2 | 2) >> (8 * i));
        }
    }
    return put_bytes(out, bytes);
}

void append_nibbles(Bytes& out, ByteView key) {
    const std::size_t before = out.size();
    out.resize(before + 2 * key.size());
    std::uint8_t* to = out.data() + before;
    for (const std::uint8_t byte : key) {
        *to++ = byte >> 4;
        *to++ = byte & 15;
    }
}

void append_nibbles(Bytes& out, PartialView partial) {
    for (std::size_t i = 0; i < partial.count; ++i) {
        out.push_back(partial[i]);
    }
}

Bytes pack_nibbles(ByteView nibbles) {
    Bytes key((nibbles.size() + 1) / 2);
    for (std::size_t i = 0; i < nibbles.size(); ++i) {
        key[i / 2] = static_cast<std::uint8_t>(key[i / 2] | nibbles[i] << ((i & 1) == 0 ? 4 : 0));
    }
    return key;
}

}  // namespace stipple::state::trie
