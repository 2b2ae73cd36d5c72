#include "rpc/codec/json_text.hpp"

#include "rpc/codec/limits.hpp"

#include <array>
#include <cstring>

namespace stipple::rpc {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_digit(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Four hex digits at the front; -1 when they are not there.
int code_unit(std::string_view text) {
    if (text.size() < 4) {
        return -1;
    }
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | (c >> 6));
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3f));
        put(0x80 | ((c >> 6) & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

constexpr char kHexDigits[] = "0123456789abcdef";

struct HexPairs {
    std::array<char, 512> text{};
    constexpr HexPairs() {
        for (std::size_t i = 0; i < 256; ++i) {
            text[2 * i] = kHexDigits[i >> 4];
            text[2 * i + 1] = kHexDigits[i & 15];
        }
    }
};
constexpr HexPairs kHexPairs;

void append_hex(std::string& out, ByteView bytes) {
    const std::size_t before = out.size();
    out.resize(before + 2 * bytes.size());
    char* to = out.data() + before;
    for (const std::uint8_t byte : bytes) {
        std::memcpy(to, &kHexPairs.text[2 * std::size_t{byte}], 2);
        to += 2;
    }
}

/// Reads one \u escape (and its low half) at the front of `rest`, after the "\u".
bool append_unicode_escape(std::string& out, std::string_view& rest) {
    const int first = code_unit(rest);
    if (first < 0 || (first >= 0xdc00 && first < 0xe000)) {
        return false;
    }
    rest.remove_prefix(4);
    auto c = static_cast<std::uint32_t>(first);
    if (first >= 0xd800 && first < 0xdc00) {
        if (!rest.starts_with("\\u")) {
            return false;
        }
        const int second = code_unit(rest.substr(2));
        if (second < 0xdc00 || second >= 0xe000) {
            return false;
        }
        rest.remove_prefix(6);
        c = 0x10000 + ((c - 0xd800) << 10) + (static_cast<std::uint32_t>(second) - 0xdc00);
    }
    append_utf8(out, c);
    return true;
}

/// Length of the UTF-8 sequence at the front, 0 when it is not one.
std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const std::uint8_t first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return follows(1) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const bool second_good = first == 0xe0   ? byte(1) >= 0xa0
                                 : first == 0xed ? byte(1) < 0xa0
                                                 : true;
        return follows(1) && second_good && follows(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool second_good = first == 0xf0   ? byte(1) >= 0x90
                                 : first == 0xf4 ? byte(1) < 0x90
                                                 : true;
        return follows(1) && second_good && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

void JsonScanner::skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) {
        ++at_;
    }
}

bool JsonScanner::accept(char c) {
    skip_space();
    if (peek() != c || at_ == text_.size()) {
        return false;
    }
    ++at_;
    return true;
}

bool JsonScanner::at_end() {
    skip_space();
    return at_ == text_.size();
}

std::optional<std::string_view> JsonScanner::value() {
    skip_space();
    const std::size_t start = at_;
    if (!skip_value(0)) {
        return std::nullopt;
    }
    return text_.substr(start, at_ - start);
}

std::optional<std::string_view> JsonScanner::string(bool& escaped) {
    skip_space();
    const std::size_t start = at_;
    if (!skip_string()) {
        return std::nullopt;
    }
    const std::string_view raw = text_.substr(start + 1, at_ - start - 2);
    escaped = raw.find('\\') != std::string_view::npos;
    return raw;
}

bool JsonScanner::skip_value(unsigned depth) {
    skip_space();
    switch (peek()) {
        case '"':
            return skip_string();
        case '{':
            return depth < kJsonDepthMax && skip_container('}', depth + 1);
        case '[':
            return depth < kJsonDepthMax && skip_container(']', depth + 1);
        case 't':
            return skip_word("true");
        case 'f':
            return skip_word("false");
        case 'n':
            return skip_word("null");
        default:
            return skip_number();
    }
}

bool JsonScanner::skip_container(char close, unsigned depth) {
    ++at_;
    if (accept(close)) {
        return true;
    }
    for (;;) {
        if (close == '}') {
            skip_space();
            if (!skip_string() || !accept(':')) {
                return false;
            }
        }
        if (!skip_value(depth)) {
            return false;
        }
        if (accept(close)) {
            return true;
        }
        if (!accept(',')) {
            return false;
        }
    }
}

bool JsonScanner::skip_string() {
    if (peek() != '"') {
        return false;
    }
    for (++at_; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '"') {
            ++at_;
            return true;
        }
        if (c == '\\') {
            ++at_;
            if (at_ == text_.size()) {
                return false;
            }
            const char escape = text_[at_];
            if (escape == 'u') {
                if (code_unit(text_.substr(at_ + 1)) < 0) {
                    return false;
                }
                at_ += 4;
            } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
                return false;
            }
        } else if (static_cast<std::uint8_t>(c) < 0x20) {
            return false;
        }
    }
    return false;
}

bool JsonScanner::skip_number() {
    if (peek() == '-') {
        ++at_;
    }
    if (peek() == '0') {
        ++at_;
    } else {
        if (!is_digit(peek())) {
            return false;
        }
        while (is_digit(peek())) {
            ++at_;
        }
    }
    if (peek() == '.') {
        ++at_;
        if (!is_digit(peek())) {
            return false;
        }
        while (is_digit(peek())) {
            ++at_;
        }
    }
    if (peek() == 'e' || peek() == 'E') {
        ++at_;
        if (peek() == '+' || peek() == '-') {
            ++at_;
        }
        if (!is_digit(peek())) {
            return false;
        }
        while (is_digit(peek())) {
            ++at_;
        }
    }
    return true;
}

bool JsonScanner::skip_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) {
        return false;
    }
    at_ += word.size();
    return true;
}

std::optional<std::string> unescape_json(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    while (!raw.empty()) {
        const std::size_t plain = std::min(raw.find('\\'), raw.size());
        out.append(raw.substr(0, plain));
        raw.remove_prefix(plain);
        if (raw.size() < 2) {
            break;
        }
        const char escape = raw[1];
        raw.remove_prefix(2);
        constexpr std::string_view kEscapes = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        const std::size_t which = kEscapes.find(escape);
        if (which != std::string_view::npos) {
            out.push_back(kMeanings[which]);
        } else if (escape != 'u' || !append_unicode_escape(out, raw)) {
            return std::nullopt;
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        std::uint64_t word = 0;
        if (text.size() - i >= sizeof word) {
            std::memcpy(&word, text.data() + i, sizeof word);
            if ((word & 0x8080808080808080ULL) == 0) {
                i += sizeof word;
                continue;
            }
        }
        const std::size_t step = utf8_sequence(text.substr(i, 4));
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<std::uint8_t>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        out.append(text.substr(plain_from, i - plain_from));
        plain_from = i + 1;
        constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
        constexpr std::string_view kEscapes = "\"\\bfnrt";
        const std::size_t which = kMeanings.find(static_cast<char>(c));
        if (which != std::string_view::npos) {
            out.push_back('\\');
            out.push_back(kEscapes[which]);
        } else {
            out.append("\\u00");
            out.push_back(kHexDigits[c >> 4]);
            out.push_back(kHexDigits[c & 15]);
        }
    }
    out.append(text.substr(plain_from));
    out.push_back('"');
}

void append_json_hex(std::string& out, ByteView bytes) {
    append_json_hex(out, bytes, {});
}

void append_json_hex(std::string& out, ByteView first, ByteView second) {
    out.reserve(out.size() + 2 * (first.size() + second.size()) + 4);
    out.append("\"0x");
    append_hex(out, first);
    append_hex(out, second);
    out.push_back('"');
}

void append_json_hex_number(std::string& out, uint128 value) {
    out.append("\"0x");
    std::string digits;
    do {
        digits.push_back(kHexDigits[static_cast<unsigned>(value & 15)]);
        value >>= 4;
    } while (value != 0);
    out.append(digits.rbegin(), digits.rend());
    out.push_back('"');
}

void append_json_number(std::string& out, uint128 value) {
    std::string digits;
    do {
        digits.push_back(static_cast<char>('0' + static_cast<char>(value % 10)));
        value /= 10;
    } while (value != 0);
    out.append(digits.rbegin(), digits.rend());
}

}  // namespace stipple::rpc
