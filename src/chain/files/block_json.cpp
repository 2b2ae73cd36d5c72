#include "chain/files/block_json.hpp"

#include "base/result.hpp"

#include <fmt/format.h>

#include <charconv>

namespace stipple::chain {
namespace {

namespace json = boost::json;
template <class T>
using Parsed = std::expected<T, std::string>;

std::unexpected<std::string> wrong(std::string_view where, std::string_view problem) {
    return std::unexpected(fmt::format("{}: {}", where, problem));
}

std::string number_array(ByteView bytes) {
    std::string out = "[";
    for (const std::uint8_t byte : bytes) {
        out += (out.size() > 1 ? "," : "") + fmt::format_int(byte).str();
    }
    return out + "]";
}

template <class Range, class Text>
std::string joined(const Range& range, Text&& text) {
    std::string out = "[";
    for (const auto& item : range) {
        if (out.size() > 1) {
            out += ',';
        }
        out += text(item);
    }
    return out + "]";
}

std::string quoted_hex(ByteView bytes) {
    return '"' + to_hex0x(bytes) + '"';
}

Parsed<const json::value*> member(const json::value& value, const char* key,
                                  const std::string& where) {
    const json::object* object = value.if_object();
    const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
    if (found == nullptr) {
        return wrong(where + key, "missing");
    }
    return found;
}

Parsed<std::string_view> text_of(const json::value& value, const std::string& where) {
    const json::string* text = value.if_string();
    if (text == nullptr) {
        return wrong(where, "expected a string");
    }
    return std::string_view(text->data(), text->size());
}

Parsed<Bytes> hex_of(const json::value& value, const std::string& where) {
    TRY_ASSIGN(const auto text, text_of(value, where));
    auto bytes = from_hex(text);
    if (!bytes) {
        return wrong(where, "not hexadecimal");
    }
    return *std::move(bytes);
}

template <class T>
Parsed<T> decoded_of(const json::value& value, const std::string& where) {
    TRY_ASSIGN(const Bytes bytes, hex_of(value, where));
    auto decoded = scale::decode<T>(bytes);
    if (!decoded) {
        return wrong(where, scale::describe(decoded.error()));
    }
    return *std::move(decoded);
}

Parsed<const json::array*> array_of(const json::value& value, const std::string& where) {
    const json::array* array = value.if_array();
    if (array == nullptr) {
        return wrong(where, "expected an array");
    }
    return array;
}

Parsed<Bytes> bytes_of_numbers(const json::value& value, const std::string& where) {
    TRY_ASSIGN(const auto array, array_of(value, where));
    Bytes bytes;
    bytes.reserve(array->size());
    for (const json::value& number : *array) {
        boost::system::error_code error;
        const auto byte =
            number.is_number() ? number.to_number<std::uint8_t>(error) : std::uint8_t{};
        if (!number.is_number() || error) {
            return wrong(where, "expected numbers from 0 to 255");
        }
        bytes.push_back(byte);
    }
    return bytes;
}

Parsed<BlockNumber> number_of(const json::value& value, const std::string& where) {
    TRY_ASSIGN(auto text, text_of(value, where));
    if (!text.starts_with("0x")) {
        return wrong(where, "expected a number as 0x…");
    }
    text.remove_prefix(2);
    BlockNumber number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
        return wrong(where, "not a block number");
    }
    return number;
}

Parsed<Header> header_of(const json::value& value) {
    const std::string at = "block.header.";
    Header header;
    TRY_ASSIGN(const auto parent, member(value, "parentHash", at));
    TRY_ASSIGN(header.parent_hash, decoded_of<BlockHash>(*parent, at + "parentHash"));
    TRY_ASSIGN(const auto number, member(value, "number", at));
    TRY_ASSIGN(header.number, number_of(*number, at + "number"));
    TRY_ASSIGN(const auto root, member(value, "stateRoot", at));
    TRY_ASSIGN(header.state_root, decoded_of<HeaderStateRoot>(*root, at + "stateRoot"));
    TRY_ASSIGN(const auto extrinsics, member(value, "extrinsicsRoot", at));
    TRY_ASSIGN(header.extrinsics_root,
               decoded_of<ExtrinsicsRoot>(*extrinsics, at + "extrinsicsRoot"));
    TRY_ASSIGN(const auto digest, member(value, "digest", at));
    TRY_ASSIGN(const auto logs_value, member(*digest, "logs", at + "digest."));
    TRY_ASSIGN(const auto logs, array_of(*logs_value, at + "digest.logs"));
    for (const json::value& log : *logs) {
        TRY_ASSIGN(auto item, decoded_of<DigestItem>(
                                  log, fmt::format("{}digest.logs[{}]", at, header.digest.size())));
        header.digest.push_back(std::move(item));
    }
    return header;
}

Parsed<std::optional<Justifications>> justifications_of(const json::value& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    TRY_ASSIGN(const auto rows, array_of(value, "justifications"));
    Justifications all;
    for (const json::value& row : *rows) {
        const std::string where = fmt::format("justifications[{}]", all.size());
        TRY_ASSIGN(const auto pair, array_of(row, where));
        if (pair->size() != 2) {
            return wrong(where, "expected [engine, bytes]");
        }
        TRY_ASSIGN(const Bytes engine, bytes_of_numbers(pair->front(), where + "[0]"));
        TRY_ASSIGN(Bytes data, bytes_of_numbers(pair->back(), where + "[1]"));
        const auto id = EngineId::from(engine);
        if (!id) {
            return wrong(where + "[0]", "expected four numbers");
        }
        all.push_back({*id, std::move(data)});
    }
    return all;
}

}  // namespace

std::string signed_block_json(const SignedBlock& signed_block) {
    const Header& header = signed_block.block.header;
    const std::string logs = joined(
        header.digest, [](const DigestItem& item) { return quoted_hex(scale::encode(item)); });
    const std::string extrinsics = joined(signed_block.block.body, [](const Extrinsic& item) {
        return quoted_hex(scale::encode(item.data));
    });
    std::string justifications = "null";
    if (signed_block.justifications) {
        justifications = joined(*signed_block.justifications, [](const Justification& item) {
            return "[" + number_array(item.engine) + "," + number_array(item.data) + "]";
        });
    }
    return fmt::format(
        R"({{"block":{{"header":{{"parentHash":"{}","number":"0x{:x}","stateRoot":"{}",)"
        R"("extrinsicsRoot":"{}","digest":{{"logs":{}}}}},"extrinsics":{}}},"justifications":{}}})",
        header.parent_hash.hex(), header.number, header.state_root.hex(),
        header.extrinsics_root.hex(), logs, extrinsics, justifications);
}

std::expected<SignedBlock, std::string> signed_block_of_json(const json::value& value) {
    SignedBlock signed_block;
    TRY_ASSIGN(const auto block, member(value, "block", ""));
    TRY_ASSIGN(const auto header, member(*block, "header", "block."));
    TRY_ASSIGN(signed_block.block.header, header_of(*header));
    TRY_ASSIGN(const auto extrinsics_value, member(*block, "extrinsics", "block."));
    TRY_ASSIGN(const auto extrinsics, array_of(*extrinsics_value, "block.extrinsics"));
    for (const json::value& extrinsic : *extrinsics) {
        const std::string where =
            fmt::format("block.extrinsics[{}]", signed_block.block.body.size());
        TRY_ASSIGN(Bytes data, decoded_of<Bytes>(extrinsic, where));
        signed_block.block.body.push_back({std::move(data)});
    }
    if (const json::value* given = value.as_object().if_contains("justifications")) {
        TRY_ASSIGN(signed_block.justifications, justifications_of(*given));
    }
    return signed_block;
}

}  // namespace stipple::chain
