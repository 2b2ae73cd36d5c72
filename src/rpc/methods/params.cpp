#include "rpc/methods/params.hpp"

#include "base/result.hpp"
#include "rpc/codec/json_text.hpp"
#include "rpc/methods/limits.hpp"

#include <algorithm>

namespace stipple::rpc {
namespace {

constexpr std::string_view kBytesExpected = "a (both 0x-prefixed or not) hex string or byte array";
constexpr std::string_view kHashExpected =
    "a (both 0x-prefixed or not) hex string or byte array containing 32 bytes";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string hex_fault_text(HexFault fault) {
    return "invalid hex character: " + std::string(1, fault.character) + ", at " +
           std::to_string(fault.index);
}

/// key_prefix, keyPrefix and keyprefix are one name.
bool same_name(std::string_view a, std::string_view b) {
    std::size_t i = 0;
    std::size_t j = 0;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    for (;; ++i, ++j) {
        while (i < a.size() && a[i] == '_') {
            ++i;
        }
        while (j < b.size() && b[j] == '_') {
            ++j;
        }
        if (i == a.size() || j == b.size()) {
            return i == a.size() && j == b.size();
        }
        if (lower(a[i]) != lower(b[j])) {
            return false;
        }
    }
}

/// What a value is, in the words of the error messages.
std::string described(std::string_view value) {
    switch (value.front()) {
        case '"': {
            std::string out = "string ";
            append_json_string(out, unescape_json(value.substr(1, value.size() - 2)).value_or(""));
            return out;
        }
        case '[':
            return "sequence";
        case '{':
            return "map";
        case 'n':
            return "null";
        case 't':
        case 'f':
            return "boolean `" + std::string(value) + "`";
        default:
            return (value.find_first_of(".eE") == std::string_view::npos ? "integer `"
                                                                         : "floating point `") +
                   std::string(value) + "`";
    }
}

}  // namespace

std::expected<Bytes, HexFault> parse_hex_text(std::string_view text) {
    const bool prefixed = text.starts_with("0x");
    if (prefixed) {
        text.remove_prefix(2);
    }
    Bytes out;
    out.reserve((text.size() + 1) / 2);
    unsigned count = text.size() % 2;
    unsigned buffer = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const int digit = hex_digit(c);
        if (digit < 0) {
            if (c == ' ' || c == '\r' || c == '\n' || c == '\t') {
                continue;
            }
            return std::unexpected(HexFault{c, i + (prefixed ? 2U : 0U)});
        }
        buffer = (buffer << 4 | static_cast<unsigned>(digit)) & 0xff;
        if (++count == 2) {
            out.push_back(static_cast<std::uint8_t>(buffer));
            count = 0;
            buffer = 0;
        }
    }
    return out;
}

Params::Params(std::string_view raw) {
    if (raw.empty()) {
        return;
    }
    if (raw.front() == '[') {
        rest_ = raw;
    } else if (raw.front() == '{') {
        object_ = raw;
    } else {
        bad_ = raw;
    }
}

RpcResult<std::optional<Params::Piece>> Params::next(std::string_view name) {
    if (!bad_.empty()) {
        std::string found;
        append_json_string(found, bad_);
        return std::unexpected(
            invalid_params("Invalid params. Expected one of '[', ']' or ',' but found " + found));
    }
    if (!object_.empty()) {
        JsonScanner in(object_);
        in.accept('{');
        bool escaped = false;
        while (const auto key = in.string(escaped)) {
            in.accept(':');
            const auto value = in.value();
            if (same_name(*key, name)) {
                return Piece{*value, *value};
            }
            in.accept(',');
        }
        return std::nullopt;
    }
    if (rest_.empty()) {
        return std::nullopt;
    }
    // The array's syntax has been checked with the request; what is in front is '[' or ','.
    JsonScanner in(rest_.substr(1));
    if (in.accept(']')) {
        rest_ = {};
        return std::nullopt;
    }
    const std::string_view from = rest_.substr(1);
    const auto value = in.value();
    if (!value) {
        return std::unexpected(invalid_params("expected value"));
    }
    in.skip_space();
    rest_ = in.peek() == ',' ? from.substr(in.position()) : std::string_view{};
    return Piece{from, *value};
}

RpcResult<std::optional<Params::Piece>> Params::next_present(std::string_view name) {
    TRY_ASSIGN(auto piece, next(name));
    if (piece && piece->value == "null") {
        return std::nullopt;
    }
    return piece;
}

RpcResult<Params::Piece> Params::next_required(std::string_view name) {
    TRY_ASSIGN(auto piece, next(name));
    if (!piece) {
        return std::unexpected(invalid_params(object_.empty()
                                                  ? std::string("No more params")
                                                  : "missing field `" + std::string(name) + "`"));
    }
    return *piece;
}

RpcError Params::error_at(const Piece& piece, std::string reason, bool before_value) {
    const auto start = static_cast<std::size_t>(piece.value.data() - piece.from.data());
    const std::string_view read =
        piece.from.substr(0, before_value ? start : start + piece.value.size());
    const auto lines = static_cast<std::size_t>(std::ranges::count(read, '\n'));
    const std::size_t line_start = lines == 0 ? 0 : read.rfind('\n') + 1;
    return invalid_params(reason + " at line " + std::to_string(lines + 1) + " column " +
                          std::to_string(read.size() - line_start));
}

RpcError Params::wrong_type(const Piece& piece, std::string_view expected) {
    const bool container = piece.value.front() == '[' || piece.value.front() == '{';
    return error_at(
        piece, "invalid type: " + described(piece.value) + ", expected " + std::string(expected),
        container);
}

RpcResult<std::string> Params::string_of(const Piece& piece, std::string_view expected) {
    if (piece.value.front() != '"') {
        return std::unexpected(wrong_type(piece, expected));
    }
    auto text = unescape_json(piece.value.substr(1, piece.value.size() - 2));
    if (!text) {
        return std::unexpected(error_at(piece, "lone leading surrogate in hex escape"));
    }
    return std::move(*text);
}

RpcResult<Bytes> Params::bytes_of(const Piece& piece) {
    std::string_view text = piece.value;
    std::string unescaped;
    if (text.front() == '"' && text.find('\\') == std::string_view::npos) {
        text = text.substr(1, text.size() - 2);
    } else {
        TRY_ASSIGN(unescaped, string_of(piece, kBytesExpected));
        text = unescaped;
    }
    auto bytes = parse_hex_text(text);
    if (!bytes) {
        return std::unexpected(error_at(piece, hex_fault_text(bytes.error())));
    }
    return std::move(*bytes);
}

RpcResult<BlockHash> Params::hash_of(const Piece& piece) {
    std::string_view text = piece.value;
    std::string unescaped;
    if (text.front() == '"' && text.find('\\') == std::string_view::npos) {
        text = text.substr(1, text.size() - 2);
    } else {
        TRY_ASSIGN(unescaped, string_of(piece, kHashExpected));
        text = unescaped;
    }
    const bool prefixed = text.starts_with("0x");
    const std::string_view digits = prefixed ? text.substr(2) : text;
    if (digits.size() != 2 * BlockHash::kSize) {
        return std::unexpected(error_at(piece, "invalid length " + std::to_string(digits.size()) +
                                                   ", expected " + std::string(kHashExpected)));
    }
    BlockHash hash;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const int digit = hex_digit(digits[i]);
        if (digit < 0) {
            return std::unexpected(
                error_at(piece, hex_fault_text({digits[i], i + (prefixed ? 2U : 0U)})));
        }
        hash.bytes[i / 2] =
            static_cast<std::uint8_t>(hash.bytes[i / 2] << 4 | static_cast<std::uint8_t>(digit));
    }
    return hash;
}

RpcResult<std::uint64_t> Params::integer_of(const Piece& piece, std::uint64_t max,
                                            std::string_view type) {
    const std::string_view text = piece.value;
    const char first = text.front();
    const bool number = first == '-' || (first >= '0' && first <= '9');
    if (!number || text.find_first_of(".eE") != std::string_view::npos) {
        return std::unexpected(wrong_type(piece, type));
    }
    std::uint64_t value = 0;
    bool fits = first != '-';
    for (const char c : text) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        fits = fits && value <= (max - std::min(max, digit)) / 10;
        value = fits ? value * 10 + digit : 0;
    }
    if (!fits) {
        return std::unexpected(error_at(piece, "invalid value: integer `" + std::string(text) +
                                                   "`, expected " + std::string(type)));
    }
    return value;
}

RpcResult<std::vector<Params::Piece>> Params::items_of(const Piece& piece) {
    if (piece.value.front() != '[') {
        return std::unexpected(wrong_type(piece, "a sequence"));
    }
    std::vector<Piece> items;
    JsonScanner in(piece.value);
    in.accept('[');
    if (in.accept(']')) {
        return items;
    }
    do {
        const auto value = in.value();
        if (!value || items.size() == kListItemsMax) {
            return std::unexpected(invalid_params("too many items"));
        }
        items.push_back({piece.from, *value});
    } while (in.accept(','));
    return items;
}

RpcResult<BlockHash> Params::hash(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    return hash_of(piece);
}
RpcResult<std::optional<BlockHash>> Params::optional_hash(std::string_view name) {
    TRY_ASSIGN(const auto piece, next_present(name));
    if (!piece) {
        return std::nullopt;
    }
    TRY_ASSIGN(const BlockHash hash, hash_of(*piece));
    return hash;
}
RpcResult<Bytes> Params::bytes(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    return bytes_of(piece);
}
RpcResult<std::optional<Bytes>> Params::optional_bytes(std::string_view name) {
    TRY_ASSIGN(const auto piece, next_present(name));
    if (!piece) {
        return std::nullopt;
    }
    TRY_ASSIGN(Bytes bytes, bytes_of(*piece));
    return bytes;
}
RpcResult<std::vector<Bytes>> Params::bytes_list(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    TRY_ASSIGN(const auto items, items_of(piece));
    std::vector<Bytes> out;
    out.reserve(items.size());
    for (const Piece& item : items) {
        TRY_ASSIGN(Bytes bytes, bytes_of(item));
        out.push_back(std::move(bytes));
    }
    return out;
}
RpcResult<std::optional<std::vector<Bytes>>> Params::optional_bytes_list(std::string_view name) {
    const Params before = *this;
    TRY_ASSIGN(const auto piece, next_present(name));
    if (!piece) {
        return std::nullopt;
    }
    *this = before;
    TRY_ASSIGN(auto list, bytes_list(name));
    return list;
}
RpcResult<bool> Params::boolean(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    if (piece.value != "true" && piece.value != "false") {
        return std::unexpected(wrong_type(piece, "a boolean"));
    }
    return piece.value == "true";
}
RpcResult<std::vector<BlockHash>> Params::hash_or_hashes(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    std::vector<Piece> items{piece};
    if (piece.value.front() == '[') {
        TRY_ASSIGN(items, items_of(piece));
    }
    std::vector<BlockHash> hashes;
    hashes.reserve(items.size());
    for (const Piece& item : items) {
        const auto hash = hash_of(item);
        if (!hash) {
            return std::unexpected(
                error_at(piece, "data did not match any variant of untagged enum ListOrValue"));
        }
        hashes.push_back(*hash);
    }
    return hashes;
}
RpcResult<std::string> Params::text(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    return string_of(piece, "a string");
}
RpcResult<std::optional<std::string>> Params::optional_text(std::string_view name) {
    TRY_ASSIGN(const auto piece, next_present(name));
    if (!piece) {
        return std::nullopt;
    }
    TRY_ASSIGN(std::string text, string_of(*piece, "a string"));
    return text;
}
RpcResult<std::uint32_t> Params::u32(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    TRY_ASSIGN(const std::uint64_t value, integer_of(piece, UINT32_MAX, "u32"));
    return static_cast<std::uint32_t>(value);
}
RpcResult<std::optional<std::uint32_t>> Params::optional_u32(std::string_view name) {
    TRY_ASSIGN(const auto piece, next_present(name));
    if (!piece) {
        return std::nullopt;
    }
    TRY_ASSIGN(const std::uint64_t value, integer_of(*piece, UINT32_MAX, "u32"));
    return static_cast<std::uint32_t>(value);
}
RpcResult<std::uint64_t> Params::u64(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    return integer_of(piece, UINT64_MAX, "u64");
}
RpcResult<std::vector<std::uint32_t>> Params::u32_list(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    TRY_ASSIGN(const auto items, items_of(piece));
    std::vector<std::uint32_t> out;
    for (const Piece& item : items) {
        TRY_ASSIGN(const std::uint64_t value, integer_of(item, UINT32_MAX, "u32"));
        out.push_back(static_cast<std::uint32_t>(value));
    }
    return out;
}
RpcResult<std::optional<std::string_view>> Params::optional_raw(std::string_view name) {
    TRY_ASSIGN(const auto piece, next_present(name));
    if (!piece) {
        return std::nullopt;
    }
    return piece->value;
}

RpcResult<std::vector<std::string_view>> Params::raw_list(std::string_view name) {
    TRY_ASSIGN(const Piece piece, next_required(name));
    TRY_ASSIGN(const auto items, items_of(piece));
    std::vector<std::string_view> out;
    out.reserve(items.size());
    for (const Piece& item : items) {
        out.push_back(item.value);
    }
    return out;
}

}  // namespace stipple::rpc
