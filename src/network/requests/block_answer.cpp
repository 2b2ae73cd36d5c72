#include "network/requests/block_answer.hpp"

#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::network::requests {
namespace {

/// Room for tags and lengths around a block.
constexpr std::size_t kOverheadBytes = 20 * 1024;
constexpr std::uint32_t kBlocksField = 1;

/// Absent when the body was asked for and is not there.
std::optional<BlockData> block_data(const BlockRequest& request, const BlockHash& hash,
                                    const Header& header, const BlockReader& chain) {
    BlockData data;
    data.hash = hash;
    if ((request.parts & block_part::kHeader) != 0) {
        data.header = scale::encode(header);
    }
    if ((request.parts & block_part::kBody) != 0) {
        const auto body = chain.body(hash);
        if (!body) {
            return std::nullopt;
        }
        for (const auto& extrinsic : *body) {
            data.body.push_back(encode_body_item(extrinsic));
        }
    }
    if ((request.parts & block_part::kJustification) == 0) {
        return data;
    }
    const auto justifications = chain.justifications(hash);
    if (!justifications || justifications->empty()) {
        return data;
    }
    if (request.multiple_justifications) {
        data.justifications = scale::encode(*justifications);
        return data;
    }
    const auto grandpa = std::ranges::find(*justifications, kGrandpaEngine, &Justification::engine);
    if (grandpa != justifications->end()) {
        data.justification = grandpa->data;
        data.empty_justification = grandpa->data.empty();
    }
    return data;
}

}  // namespace

Answer answer_blocks(const BlockRequest& request, const BlockReader& chain,
                     std::size_t bytes_target) {
    const std::size_t count_max =
        request.max_blocks == 0 ? kBlocksPerResponseMax
                                : std::min<std::size_t>(request.max_blocks, kBlocksPerResponseMax);
    std::optional<BlockHash> next;
    if (const auto* hash = std::get_if<BlockHash>(&request.from)) {
        next = *hash;
    } else {
        next = chain.canonical_hash(std::get<BlockNumber>(request.from));
    }
    libp2p::ProtobufWriter out;
    std::optional<BlockHash> previous;
    bool has_data = false;
    for (std::size_t count = 0; count < count_max && next; ++count) {
        const auto header = chain.header(*next);
        if (!header) {
            break;
        }
        const bool is_up = request.direction == Direction::ascending;
        if (is_up && previous && header->parent_hash != *previous) {
            break;  // the start was on another fork, or the best chain has just changed
        }
        const auto data = block_data(request, *next, *header, chain);
        if (!data) {
            break;
        }
        const Bytes encoded = encode(*data);
        const std::size_t total = out.view().size() + encoded.size();
        if (total > kResponseBytesMax - kOverheadBytes || (count > 0 && total > bytes_target)) {
            break;
        }
        out.bytes(kBlocksField, encoded);
        has_data = true;
        previous = *next;
        if (is_up) {
            next = chain.canonical_hash(header->number + 1);
        } else if (header->number == 0) {
            break;
        } else {
            next = header->parent_hash;
        }
    }
    return {out.take(), has_data};
}

}  // namespace stipple::network::requests
