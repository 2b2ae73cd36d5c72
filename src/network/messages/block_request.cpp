#include "network/messages/block_request.hpp"

#include "base/result.hpp"
#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::network {
namespace {

using libp2p::ProtobufReader;
using libp2p::ProtobufWriter;

constexpr unsigned kPartsShift = 24;

// Field numbers.
constexpr std::uint32_t kParts = 1;
constexpr std::uint32_t kFromHash = 2;
constexpr std::uint32_t kFromNumber = 3;
constexpr std::uint32_t kDirection = 5;
constexpr std::uint32_t kMaxBlocks = 6;
constexpr std::uint32_t kMultiple = 7;
constexpr std::uint32_t kBlocks = 1;
constexpr std::uint32_t kHash = 1;
constexpr std::uint32_t kHeader = 2;
constexpr std::uint32_t kBody = 3;
constexpr std::uint32_t kJustification = 6;
constexpr std::uint32_t kEmptyJustification = 7;
constexpr std::uint32_t kJustifications = 8;
constexpr std::uint32_t kIndexedBody = 9;

ProtobufWriter write_block(const BlockData& block) {
    ProtobufWriter out;
    out.bytes_unless_empty(kHash, block.hash);
    out.bytes_unless_empty(kHeader, block.header);
    for (const auto& item : block.body) {
        out.bytes(kBody, item);
    }
    out.bytes_unless_empty(kJustification, block.justification);
    out.number_unless_zero(kEmptyJustification, block.empty_justification ? 1 : 0);
    out.bytes_unless_empty(kJustifications, block.justifications);
    for (const auto& item : block.indexed_body) {
        out.bytes(kIndexedBody, item);
    }
    return out;
}

Decoded<void> add_item(std::vector<Bytes>& items, ByteView item) {
    if (items.size() >= kExtrinsicsPerBlockMax) {
        return std::unexpected(MessageError::over_limit);
    }
    items.push_back(to_bytes(item));
    return {};
}

Decoded<BlockData> read_block(ByteView bytes) {
    ProtobufReader reader(bytes, 2 * kExtrinsicsPerBlockMax + 64);
    BlockData block;
    bool has_hash = false;
    while (const auto field = reader.next()) {
        switch (field->number) {
            case kHash: {
                const auto hash = BlockHash::from(reader.bytes(*field));
                if (!hash) {
                    return std::unexpected(MessageError::bad_value);
                }
                block.hash = *hash;
                has_hash = true;
                break;
            }
            case kHeader:
                block.header = to_bytes(reader.bytes(*field));
                break;
            case kBody:
                TRY(add_item(block.body, reader.bytes(*field)));
                break;
            case kJustification:
                block.justification = to_bytes(reader.bytes(*field));
                break;
            case kEmptyJustification:
                block.empty_justification = reader.boolean(*field);
                break;
            case kJustifications:
                block.justifications = to_bytes(reader.bytes(*field));
                break;
            case kIndexedBody:
                TRY(add_item(block.indexed_body, reader.bytes(*field)));
                break;
            default:
                break;
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!has_hash) {
        return std::unexpected(MessageError::missing_field);
    }
    return block;
}

}  // namespace

Bytes encode(const BlockRequest& request) {
    ProtobufWriter out;
    out.number_unless_zero(kParts, std::uint32_t{request.parts} << kPartsShift);
    if (const auto* hash = std::get_if<BlockHash>(&request.from)) {
        out.bytes(kFromHash, *hash);
    } else {
        Bytes number;
        append_le(number, std::get<BlockNumber>(request.from));
        out.bytes(kFromNumber, number);
    }
    out.number_unless_zero(kDirection, static_cast<std::uint64_t>(request.direction));
    out.number_unless_zero(kMaxBlocks, request.max_blocks);
    out.number_unless_zero(kMultiple, request.multiple_justifications ? 1 : 0);
    return out.take();
}

Decoded<BlockRequest> decode_block_request(ByteView bytes) {
    if (bytes.size() > kRequestBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    ProtobufReader reader(bytes);
    BlockRequest request;
    request.multiple_justifications = false;
    bool has_start = false;
    std::uint32_t direction = 0;
    while (const auto field = reader.next()) {
        switch (field->number) {
            case kParts:
                request.parts = static_cast<std::uint8_t>(reader.number32(*field) >> kPartsShift);
                break;
            case kFromHash: {
                const auto hash = BlockHash::from(reader.bytes(*field));
                if (!hash) {
                    return std::unexpected(MessageError::bad_value);
                }
                request.from = *hash;
                has_start = true;
                break;
            }
            case kFromNumber: {
                const ByteView number = reader.bytes(*field);
                if (number.size() != sizeof(BlockNumber)) {
                    return std::unexpected(MessageError::bad_value);
                }
                request.from = load_le<BlockNumber>(number);
                has_start = true;
                break;
            }
            case kDirection:
                direction = reader.number32(*field);
                break;
            case kMaxBlocks:
                request.max_blocks = reader.number32(*field);
                break;
            case kMultiple:
                request.multiple_justifications = reader.boolean(*field);
                break;
            default:
                break;
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!has_start) {
        return std::unexpected(MessageError::missing_field);
    }
    if (direction > 1 || request.parts > block_part::kAll) {
        return std::unexpected(MessageError::bad_value);
    }
    request.direction = static_cast<Direction>(direction);
    return request;
}

Bytes encode(const BlockData& block) {
    return write_block(block).take();
}

Bytes encode(const BlockResponse& response) {
    ProtobufWriter out;
    for (const auto& block : response.blocks) {
        out.message(kBlocks, write_block(block));
    }
    return out.take();
}

Decoded<BlockResponse> decode_block_response(ByteView bytes) {
    if (bytes.size() > kResponseBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    ProtobufReader reader(bytes);
    BlockResponse response;
    while (const auto field = reader.next()) {
        if (field->number != kBlocks) {
            continue;
        }
        if (response.blocks.size() >= kBlocksPerResponseMax) {
            return std::unexpected(MessageError::over_limit);
        }
        auto block = read_block(reader.bytes(*field));
        if (!block) {
            return std::unexpected(block.error());
        }
        response.blocks.push_back(std::move(*block));
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    return response;
}

Bytes encode_body_item(const Extrinsic& extrinsic) {
    Bytes item;
    scale::encode_byte_string(item, extrinsic.data);
    return item;
}

Decoded<Body> decode_body(const std::vector<Bytes>& items) {
    Body body;
    body.reserve(items.size());
    for (const auto& item : items) {
        scale::Decoder in(item);
        const ByteView data = in.byte_string();
        if (!in.finish()) {
            return std::unexpected(MessageError::bad_scale);
        }
        body.push_back({to_bytes(data)});
    }
    return body;
}

}  // namespace stipple::network
