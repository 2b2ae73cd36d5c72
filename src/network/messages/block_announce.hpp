// The block-announces protocol: what peers tell of themselves when it opens, and new blocks after.
//
// The handshake makes two nodes neighbours: both say what they are and where their chain ends. Each
// later notification is the header of a block the sender has imported.
//
//     handshake: roles u8 ‖ best number u32 ‖ best hash ‖ genesis hash               69 bytes
//     announce:  header ‖ state u8 (0 normal, 1 best) ‖ data Vec<u8>
//
// Spec: sect-msg-block-announce, sect-block-announce-handshake. In very old peers `state` and
// `data` are absent; an absent state counts as best, as in the field.
#pragma once

#include "network/messages/limits.hpp"
#include "network/messages/message_error.hpp"
#include "primitives/header.hpp"

namespace stipple::network {

/// What a node is to others; bits on the wire. Default handshake of the other protocols, too.
enum class Role : std::uint8_t { none = 0, full = 1, light = 2, authority = 4 };
/// Absent for bits that no role has.
std::optional<Role> decode_role(std::uint8_t byte);
inline bool is_full(Role role) {
    return role == Role::full || role == Role::authority;
}

struct BlockAnnounceHandshake {
    Role role = Role::full;
    BlockRef best;
    BlockHash genesis;
    friend bool operator==(const BlockAnnounceHandshake&, const BlockAnnounceHandshake&) = default;
};
Bytes encode(const BlockAnnounceHandshake& handshake);
/// A tail is tolerated: later versions may add fields.
Decoded<BlockAnnounceHandshake> decode_block_announce_handshake(ByteView bytes);

/// The one-byte handshake of grandpa, transactions and the like.
Bytes encode_role_handshake(Role role);
Decoded<Role> decode_role_handshake(ByteView bytes);

struct BlockAnnounce {
    Header header;
    bool is_best = true;
    Bytes data;  ///< empty on relay chains
    friend bool operator==(const BlockAnnounce&, const BlockAnnounce&) = default;
};
Bytes encode(const BlockAnnounce& announce);
/// At most kBlockAnnounceBytesMax.
Decoded<BlockAnnounce> decode_block_announce(ByteView bytes);

}  // namespace stipple::network
