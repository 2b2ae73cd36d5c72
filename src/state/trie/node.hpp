// The nodes of the state trie: radix 16, each node with a partial key, no extension nodes.
//
//     header | partial key | children bitmap u16 | value | children in slot order
//     01xxxxxx leaf, 10xxxxxx branch, 11xxxxxx branch with value      6 bits of nibble count
//     001xxxxx leaf with a hashed value                               5 bits
//     0001xxxx branch with a hashed value                             4 bits
//     00000000 the empty trie
// A child stands as its 32-byte hash, or as the node itself when that has fewer than 32 bytes.
// Decoding is strict and meant for nodes that anyone may have written; it reads views into the
// input and takes no memory.
//
// Spec: defn-node-header, defn-node-subvalue, defn-merkle-value
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstdint>
#include <expected>

namespace stipple::state::trie {

/// A node shorter than this lies in its parent as it is.
inline constexpr std::size_t kHashedNodeBytesMin = 32;
/// State version 1 replaces values from this length on by their hash.
inline constexpr std::size_t kHashedValueBytesMin = 33;
inline constexpr std::size_t kPartialNibblesMax = 65'535;
inline constexpr std::size_t kHashBytes = 32;
/// First byte of a compact-proof node whose value follows as an item of its own.
inline constexpr std::uint8_t kCompactEscape = 0x01;

enum class NodeError : std::uint8_t {
    end_of_input,      ///< fewer bytes than the node needs
    bad_header,        ///< a first byte that is no kind of node
    partial_too_long,  ///< more than 65 535 nibbles
    bad_padding,       ///< an odd partial key whose first half byte is not zero
    no_children,       ///< a branch with an empty bitmap
    bad_value_length,  ///< a length that is not canonical, or longer than the input
    bad_child,         ///< a child that is empty, longer than a hash, or no node by itself
    trailing_bytes,
};
const char* describe(NodeError error);

enum class NodeKind : std::uint8_t {
    empty,
    leaf,
    leaf_hashed,
    branch,
    branch_value,
    branch_hashed,
};

/// Nibbles packed two a byte; of an odd count the first byte holds one, in its low half.
struct PartialView {
    ByteView packed;
    std::size_t count = 0;
    std::uint8_t operator[](std::size_t i) const {
        const std::size_t at = i + (count & 1);
        const std::uint8_t byte = packed[at / 2];
        return (at & 1) == 0 ? static_cast<std::uint8_t>(byte >> 4)
                             : static_cast<std::uint8_t>(byte & 15);
    }
};

/// A decoded node; all views point into the input.
struct NodeView {
    NodeKind kind = NodeKind::empty;
    PartialView partial;
    ByteView value;  ///< the value, or its hash for the two hashed kinds; see has_value()
    std::uint16_t bitmap = 0;
    std::array<ByteView, 16> children;  ///< 32 bytes: a hash; fewer: the node itself

    bool is_branch() const {
        return kind == NodeKind::branch || kind == NodeKind::branch_value ||
               kind == NodeKind::branch_hashed;
    }
    bool is_hashed() const {
        return kind == NodeKind::leaf_hashed || kind == NodeKind::branch_hashed;
    }
    bool has_value() const { return kind != NodeKind::empty && kind != NodeKind::branch; }
    bool has_child(std::size_t slot) const { return ((bitmap >> slot) & 1) != 0; }
};

/// In a compact proof a child may have length zero: its node is another item of the proof.
enum class NodeForm : std::uint8_t { whole, compact };

/// Decodes one node, whole input. Inline children are not looked into.
std::expected<NodeView, NodeError> decode_node(ByteView input, NodeForm form = NodeForm::whole);

// ---- encoding, into memory that is known to suffice ----

/// Bytes that a node can need around its value: header, partial key, bitmap, lengths, children.
constexpr std::size_t node_overhead_max(std::size_t nibbles, bool branch) {
    return 2 + nibbles / 255 + 1 + nibbles / 2 + 1 + 5 + kHashBytes + (branch ? 2 + 16 * 33 : 0);
}
std::uint8_t* put_header(std::uint8_t* out, NodeKind kind, std::size_t nibbles);
/// Nibbles [from, to) of a key, packed.
std::uint8_t* put_partial_of_key(std::uint8_t* out, ByteView key, std::size_t from, std::size_t to);
/// Nibbles given one a byte, packed.
std::uint8_t* put_partial(std::uint8_t* out, ByteView nibbles);
std::uint8_t* put_bytes(std::uint8_t* out, ByteView bytes);
/// As put_byte_string for at most a hash.
inline std::uint8_t* put_child(std::uint8_t* out, ByteView ref) {
    *out++ = static_cast<std::uint8_t>(ref.size() << 2);
    if (ref.size() == kHashBytes) [[likely]] {
        std::memcpy(out, ref.data(), kHashBytes);  // of a size known here: two moves
    } else {
        std::memcpy(out, ref.data(), ref.size());
    }
    return out + ref.size();
}
/// Compact length and the bytes. REQUIRES fewer than 2^30 bytes.
std::uint8_t* put_byte_string(std::uint8_t* out, ByteView bytes);

// ---- nibbles ----
inline std::uint8_t nibble_of(ByteView key, std::size_t i) {
    return (i & 1) == 0 ? static_cast<std::uint8_t>(key[i / 2] >> 4)
                        : static_cast<std::uint8_t>(key[i / 2] & 15);
}
/// One nibble a byte.
void append_nibbles(Bytes& out, ByteView key);
void append_nibbles(Bytes& out, PartialView partial);
/// A path of nibbles as the smallest key under it: an odd one is filled up with a zero.
Bytes pack_nibbles(ByteView nibbles);

}  // namespace stipple::state::trie
