// Real chains as tests read them: exported block files, captured block responses, raw genesis
// values.
#pragma once

#include "primitives/block.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/object.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>

namespace stipple::testing {

/// `export-blocks --binary`: u64 count, then SCALE signed blocks.
inline std::vector<SignedBlock> read_blocks_file(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path);
    scale::Decoder in(bytes);
    std::vector<SignedBlock> blocks(in.u64());
    for (SignedBlock& block : blocks) {
        scale::decode_from(in, block);
    }
    CHECK(in.finish().has_value());
    return blocks;
}

/// One length-delimited protobuf field of a message that has only such fields (and skips varints).
inline void for_each_field(ByteView message,
                           const std::function<void(std::uint64_t, ByteView)>& take) {
    const auto varint = [&message] {
        std::uint64_t value = 0;
        for (unsigned shift = 0; !message.empty(); shift += 7) {
            const std::uint8_t byte = message.front();
            message = message.subspan(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) {
                break;
            }
        }
        return value;
    };
    while (!message.empty()) {
        const std::uint64_t key = varint();
        const std::uint64_t length = varint();
        if ((key & 7) == 2) {
            take(key >> 3, message.first(length));
            message = message.subspan(length);
        }
    }
}

/// The headers of one BlockResponse in westend_blocks.yaml, by rising number.
inline std::vector<Header> read_westend_headers(const std::filesystem::path& path,
                                                const char* key) {
    const auto response = from_hex(YAML::LoadFile(path.string())[key].as<std::string>());
    CHECK(response.has_value());
    std::vector<Header> headers;
    for_each_field(*response, [&](std::uint64_t, ByteView block) {
        for_each_field(block, [&](std::uint64_t field, ByteView data) {
            if (field == 2) {
                headers.push_back(*scale::decode<Header>(data));
            }
        });
    });
    std::sort(headers.begin(), headers.end(),
              [](const Header& a, const Header& b) { return a.number < b.number; });
    return headers;
}

/// A value of a raw chain specification's genesis state; ends the process when it is missing.
inline Bytes genesis_value(const std::filesystem::path& spec, std::string_view hex_key) {
    const auto json = read_json(spec);
    const auto& top =
        json.as_object().at("genesis").as_object().at("raw").as_object().at("top").as_object();
    return hex_of(top.at(hex_key));
}

}  // namespace stipple::testing
