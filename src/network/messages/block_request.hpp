// Requests for blocks, `sync/2`: a run of blocks up or down from one of them, with chosen parts.
//
//     request  {fields 1, hash 2 | number 3, direction 5, max_blocks 6, multiple justifications 7}
//     response {blocks* 1: {hash 1, header 2, body* 3, justification 6, empty justification 7,
//                           justifications 8, indexed body* 9}}
//
// An unknown start gives an empty response. A run goes up along the answering node's best chain, or
// down by parent hashes. Parts that were not asked for, or that the peer has not, are empty.
//
// Spec: sect-msg-block-request. Deviation: the bits of `fields` stand in the top byte, and
// direction 0 goes from parent to child; the text has both the other way round (protocols.md
// section 19).
#pragma once

#include "network/messages/limits.hpp"
#include "network/messages/message_error.hpp"
#include "primitives/block.hpp"

#include <variant>

namespace stipple::network {

/// Bits of `BlockRequest::parts`.
namespace block_part {
inline constexpr std::uint8_t kHeader = 1;
inline constexpr std::uint8_t kBody = 2;
inline constexpr std::uint8_t kReceipt = 4;
inline constexpr std::uint8_t kMessageQueue = 8;
inline constexpr std::uint8_t kJustification = 16;
inline constexpr std::uint8_t kIndexedBody = 32;
inline constexpr std::uint8_t kAll = 63;
}  // namespace block_part

enum class Direction : std::uint8_t { ascending = 0, descending = 1 };

struct BlockRequest {
    std::uint8_t parts = 0;
    std::variant<BlockHash, BlockNumber> from;
    Direction direction = Direction::ascending;
    std::uint32_t max_blocks = 0;  ///< 0: as many as the answering node likes
    bool multiple_justifications = true;
    friend auto operator<=>(const BlockRequest&, const BlockRequest&) = default;
};
Bytes encode(const BlockRequest& request);
Decoded<BlockRequest> decode_block_request(ByteView bytes);

/// One block of an answer, as it travels: nothing in it is checked yet.
struct BlockData {
    BlockHash hash;           ///< what the sender says; the header's own hash counts
    Bytes header;             ///< encoded; empty when absent
    std::vector<Bytes> body;  ///< extrinsics, each with its length in front
    Bytes justification;      ///< GRANDPA's only, for requests without multiple justifications
    bool empty_justification = false;
    Bytes justifications;  ///< SCALE of `Justifications`
    std::vector<Bytes> indexed_body;
    friend bool operator==(const BlockData&, const BlockData&) = default;
};
struct BlockResponse {
    std::vector<BlockData> blocks;
    friend bool operator==(const BlockResponse&, const BlockResponse&) = default;
};
Bytes encode(const BlockData& block);
Bytes encode(const BlockResponse& response);
/// At most kResponseBytesMax, kBlocksPerResponseMax blocks, kExtrinsicsPerBlockMax per body.
Decoded<BlockResponse> decode_block_response(ByteView bytes);

/// The encoding of one extrinsic inside a body: its length in front.
Bytes encode_body_item(const Extrinsic& extrinsic);
/// Whole items only.
Decoded<Body> decode_body(const std::vector<Bytes>& items);

}  // namespace stipple::network
