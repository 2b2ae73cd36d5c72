// A walk through one trie in the order of its keys, from just after a key. Inside this folder only.
//
// `Source` says what stands where, and may end the walk at any point:
//     Result<std::optional<Bytes>> node(const NibblePath& path, ByteView hash, bool on_way)
//         the node with this hash; absent ends the walk. `on_way`: it lies on the way to the start.
//     Result<bool> value(Bytes key, const NodeView& node)    a key after the start; false ends it
//     Result<bool> start(Bytes key, const NodeView& node)    the start itself, when it is there
// Its own stack, since the depth is whatever a proof says.
#pragma once

#include "state/trie/node.hpp"
#include "state/trie/trie.hpp"

#include <fmt/format.h>

namespace stipple::state::trie {

template <class Source>
class RangeWalk {
 public:
    RangeWalk(Source& source, const std::optional<Bytes>& after) : source_(source) {
        if (after) {
            append_nibbles(start_.emplace(), *after);
        }
    }

    /// Whether the walk came to the end of the trie.
    Result<bool> run(const StateRoot& root) {
        if (root == empty_trie_root()) {
            return true;
        }
        TRY_ASSIGN(bool on, enter(root, {}, start_.has_value()));
        while (on && !frames_.empty()) {
            if (frames_.back().slot == 16) {
                frames_.pop_back();
                continue;
            }
            const Frame& top = frames_.back();
            const std::size_t slot = frames_.back().slot++;
            if (!top.node.has_child(slot)) {
                continue;
            }
            NibblePath path = top.path;
            path.push_back(static_cast<std::uint8_t>(slot));
            const bool on_way = top.on_way && starts_with(*start_, path);
            TRY_ASSIGN(on, enter(top.node.children[slot], std::move(path), on_way));
        }
        return on;
    }

 private:
    struct Frame {
        Bytes encoded;  // what `node` looks into; a move keeps it where it is
        NodeView node;
        NibblePath path;  // with the node's own partial key
        bool on_way = false;
        std::size_t slot = 0;
    };

    /// Puts the node of a slot on the stack, and tells its value. False: the walk ends here.
    Result<bool> enter(ByteView ref, NibblePath path, bool on_way) {
        Frame frame;
        if (ref.size() == kHashBytes) {
            TRY_ASSIGN(auto found, source_.node(path, ref, on_way));
            if (!found) {
                return false;
            }
            frame.encoded = std::move(*found);
        } else {
            frame.encoded = to_bytes(ref);
        }
        const auto node = decode_node(frame.encoded);
        if (!node) {
            return fail(fmt::format("a node of a range: {}", describe(node.error())));
        }
        frame.node = *node;
        frame.path = std::move(path);
        append_nibbles(frame.path, node->partial);
        if (frame.path.size() > kPartialNibblesMax) {
            return fail("a node of a range: its path is too long");
        }
        bool reached = true;
        if (on_way) {
            frame.on_way = starts_with(*start_, frame.path);
            if (frame.on_way) {
                reached = false;  // its value is at or before the start
                frame.slot = frame.path.size() < start_->size() ? (*start_)[frame.path.size()] : 0;
            } else if (compare(frame.path, *start_) < 0) {
                return true;  // all of it lies before
            }
        }
        if (node->has_value() && (reached || frame.path == *start_)) {
            if (frame.path.size() % 2 != 0) {
                return fail("a node of a range: a key ends in half a byte");
            }
            TRY_ASSIGN(const bool on, reached ? source_.value(pack_nibbles(frame.path), *node)
                                              : source_.start(pack_nibbles(frame.path), *node));
            if (!on) {
                return false;
            }
        }
        if (node->is_branch()) {
            frames_.push_back(std::move(frame));
        }
        return true;
    }

    Source& source_;
    std::optional<Bytes> start_;  // one nibble a byte
    std::vector<Frame> frames_;
};

}  // namespace stipple::state::trie
