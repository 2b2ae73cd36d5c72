// For tests and benchmarks: real blocks, as other nodes sent or exported them.
//
// Spec: sect-msg-block-request (the Westend blocks are BlockResponse messages, in hex).
#pragma once

#include "chain/import/chain.hpp"
#include "executor/real_runtimes.hpp"
#include "tests/support/shared_data.hpp"

#include <algorithm>
#include <fstream>

namespace stipple::chain::testing {

using executor::testing::shared_executor;
using stipple::testing::shared_data_path;

/// Walks the fields of one protobuf message; ends the process on what it cannot read.
class ProtobufFields {
 public:
    explicit ProtobufFields(ByteView message) : rest_(message) {}
    /// The next length-delimited field; numbers are passed over.
    bool next(std::uint64_t& field, ByteView& value) {
        while (!rest_.empty()) {
            const std::uint64_t key = varint();
            field = key >> 3;
            if ((key & 7) == 0) {
                varint();
                continue;
            }
            CHECK((key & 7) == 2);
            const std::uint64_t length = varint();
            CHECK(length <= rest_.size());
            value = rest_.first(length);
            rest_ = rest_.subspan(length);
            return true;
        }
        return false;
    }

 private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            CHECK(!rest_.empty());
            const std::uint8_t byte = rest_.front();
            rest_ = rest_.subspan(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) {
                break;
            }
        }
        return value;
    }
    ByteView rest_;
};

struct RealBlock {
    SignedBlock signed_block;
    BlockHash hash;  ///< as the peer named it, or computed
};

inline RealBlock block_of_data(ByteView data) {
    constexpr std::uint64_t kHash = 1;
    constexpr std::uint64_t kHeader = 2;
    constexpr std::uint64_t kBody = 3;
    RealBlock block;
    ProtobufFields fields(data);
    std::uint64_t field = 0;
    ByteView value;
    while (fields.next(field, value)) {
        if (field == kHash) {
            block.hash = BlockHash::copy(value);
        } else if (field == kHeader) {
            auto header = scale::decode<Header>(value);
            CHECK(header.has_value());
            block.signed_block.block.header = *std::move(header);
        } else if (field == kBody) {
            auto extrinsic = scale::decode<Bytes>(value);
            CHECK(extrinsic.has_value());
            block.signed_block.block.body.push_back({*std::move(extrinsic)});
        }
    }
    return block;
}

/// Blocks 1 to 256 of Westend, in order.
inline std::vector<RealBlock> westend_blocks() {
    std::ifstream file(shared_data_path("westend-blocks/westend_blocks.yaml"));
    std::vector<RealBlock> blocks;
    std::string line;
    while (std::getline(file, line)) {
        const auto colon = line.find(": 0x");
        if (colon == std::string::npos || line.starts_with("blocks_1_to_10:")) {
            continue;  // the first ten are in the others too
        }
        const auto message = from_hex(line.substr(colon + 2));
        CHECK(message.has_value());
        ProtobufFields fields(*message);
        std::uint64_t field = 0;
        ByteView value;
        while (fields.next(field, value)) {
            blocks.push_back(block_of_data(value));
        }
    }
    std::ranges::sort(
        blocks, {}, [](const RealBlock& block) { return block.signed_block.block.header.number; });
    return blocks;
}

/// A binary export of the Rust node.
inline std::vector<RealBlock> exported_blocks(const std::filesystem::path& path) {
    const Bytes file = stipple::testing::read_file(path);
    scale::Decoder in(file);
    std::vector<RealBlock> blocks(in.u64());
    for (RealBlock& block : blocks) {
        scale::decode_from(in, block.signed_block);
        CHECK(in.ok());
        block.hash = block.signed_block.block.header.hash();
    }
    return blocks;
}

inline ChainSpec spec_at(std::string_view file) {
    auto spec = load_chain_spec(shared_data_path(std::string("chain-specs/") + std::string(file)));
    CHECK(spec.has_value());
    return *std::move(spec);
}

/// Primary slots count for weight (the pre-digest's first byte is 1), as consensus would say.
inline bool is_primary(const Header& header) {
    const auto* digest =
        header.digest.empty() ? nullptr : std::get_if<PreRuntimeDigest>(&header.digest.front());
    return digest != nullptr && digest->engine == kBabeEngine && !digest->data.empty() &&
           digest->data.front() == 1;
}

inline BlockToImport to_import(const RealBlock& block, const Chain& chain) {
    BlockToImport request;
    request.block = block.signed_block.block;
    request.justifications = block.signed_block.justifications;
    request.weight = chain.weight(request.block.header.parent_hash).value_or(0) +
                     (is_primary(request.block.header) ? 1 : 0);
    return request;
}

}  // namespace stipple::chain::testing
