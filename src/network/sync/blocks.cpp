#include "network/sync/blocks.hpp"

#include "crypto/hash.hpp"

namespace stipple::network::sync {
namespace {

/// Root of the empty trie: what a header commits to when its block has no extrinsics.
const ExtrinsicsRoot& empty_root() {
    static const ExtrinsicsRoot root(crypto::blake2b_256(Bytes{0}).bytes);
    return root;
}

std::expected<std::optional<Justifications>, AnswerError> read_justifications_of(
    const BlockData& data) {
    if (!data.justifications.empty()) {
        auto list = scale::decode<Justifications>(data.justifications);
        if (!list) {
            return std::unexpected(AnswerError::malformed);
        }
        return std::move(*list);
    }
    if (!data.justification.empty() || data.empty_justification) {
        return Justifications{{kGrandpaEngine, data.justification}};
    }
    return std::nullopt;
}

std::expected<DownloadedBlock, AnswerError> read_block(const BlockRequest& request,
                                                       const BlockData& data) {
    if (data.header.empty()) {
        return std::unexpected(AnswerError::missing_header);
    }
    if (data.header.size() > kHeaderBytesMax) {
        return std::unexpected(AnswerError::malformed);
    }
    auto header = scale::decode<Header>(data.header);
    if (!header) {
        return std::unexpected(AnswerError::malformed);
    }
    DownloadedBlock block;
    block.hash = BlockHash(crypto::blake2b_256(data.header).bytes);
    if (block.hash != data.hash) {
        return std::unexpected(AnswerError::wrong_hash);
    }
    block.header = std::move(*header);
    block.bytes = data.header.size() + data.justification.size() + data.justifications.size();
    if ((request.parts & block_part::kBody) != 0 &&
        (!data.body.empty() || block.header.extrinsics_root == empty_root())) {
        auto body = decode_body(data.body);
        if (!body) {
            return std::unexpected(AnswerError::malformed);
        }
        for (const auto& extrinsic : *body) {
            block.bytes += extrinsic.data.size() + sizeof(Extrinsic);
        }
        block.body = std::move(*body);
    }
    auto justifications = read_justifications_of(data);
    if (!justifications) {
        return std::unexpected(justifications.error());
    }
    block.justifications = std::move(*justifications);
    return block;
}

bool is_start(const BlockRequest& request, const DownloadedBlock& block) {
    if (const auto* hash = std::get_if<BlockHash>(&request.from)) {
        return block.hash == *hash;
    }
    return block.header.number == std::get<BlockNumber>(request.from);
}

bool is_link(const DownloadedBlock& parent, const DownloadedBlock& child) {
    return child.header.parent_hash == parent.hash && child.header.number != 0 &&
           child.header.number - 1 == parent.header.number;
}

}  // namespace

Conduct conduct_of(AnswerError error) {
    switch (error) {
        case AnswerError::malformed:
            return Conduct::bad_message;
        case AnswerError::missing_header:
            return Conduct::bad_response;
        case AnswerError::wrong_hash:
        case AnswerError::wrong_start:
        case AnswerError::not_linked:
        case AnswerError::too_many_blocks:
            return Conduct::not_requested;
    }
    return Conduct::bad_response;
}

std::expected<std::vector<DownloadedBlock>, AnswerError> read_blocks(const BlockRequest& request,
                                                                     ByteView answer) {
    const auto response = decode_block_response(answer);
    if (!response) {
        return std::unexpected(AnswerError::malformed);
    }
    if (request.max_blocks != 0 && response->blocks.size() > request.max_blocks) {
        return std::unexpected(AnswerError::too_many_blocks);
    }
    std::vector<DownloadedBlock> blocks;
    for (const auto& data : response->blocks) {
        auto block = read_block(request, data);
        if (!block) {
            return std::unexpected(block.error());
        }
        if (blocks.empty() && !is_start(request, *block)) {
            return std::unexpected(AnswerError::wrong_start);
        }
        if (!blocks.empty()) {
            const bool is_up = request.direction == Direction::ascending;
            if (!(is_up ? is_link(blocks.back(), *block) : is_link(*block, blocks.back()))) {
                return std::unexpected(AnswerError::not_linked);
            }
        }
        blocks.push_back(std::move(*block));
    }
    return blocks;
}

std::expected<Justifications, AnswerError> read_justifications(const BlockHash& block,
                                                               ByteView answer) {
    const auto response = decode_block_response(answer);
    if (!response) {
        return std::unexpected(AnswerError::malformed);
    }
    if (response->blocks.size() > 1) {
        return std::unexpected(AnswerError::too_many_blocks);
    }
    if (response->blocks.empty()) {
        return Justifications{};
    }
    const BlockData& data = response->blocks.front();
    if (data.hash != block) {
        return std::unexpected(AnswerError::wrong_start);
    }
    auto list = read_justifications_of(data);
    if (!list) {
        return std::unexpected(list.error());
    }
    return list->value_or(Justifications{});
}

}  // namespace stipple::network::sync
