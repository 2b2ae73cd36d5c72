// Any bytes as a node: what decodes encodes to the same bytes.
#include "base/check.hpp"
#include "state/trie/node.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::state::trie;
    const ByteView input(data, size);
    (void)decode_node(input, NodeForm::compact);
    const auto node = decode_node(input);
    if (!node || node->kind == NodeKind::empty) {
        return 0;
    }
    Bytes nibbles;
    append_nibbles(nibbles, node->partial);
    Bytes again(node_overhead_max(nibbles.size(), true) + node->value.size());
    std::uint8_t* out = put_header(again.data(), node->kind, nibbles.size());
    out = put_partial(out, nibbles);
    if (node->is_branch()) {
        *out++ = static_cast<std::uint8_t>(node->bitmap);
        *out++ = static_cast<std::uint8_t>(node->bitmap >> 8);
    }
    if (node->has_value()) {
        out = node->is_hashed() ? put_bytes(out, node->value) : put_byte_string(out, node->value);
    }
    for (std::size_t slot = 0; slot < 16; ++slot) {
        if (node->has_child(slot)) {
            out = put_byte_string(out, node->children[slot]);
        }
    }
    again.resize(static_cast<std::size_t>(out - again.data()));
    CHECK(equal(again, input));
    return 0;
}
