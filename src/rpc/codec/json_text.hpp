// JSON as text: finding the parts of a document without building a tree, and writing one.
//
// RFC 8259. A request is read where it lies: `JsonScanner` checks the syntax and hands out the raw
// text of values; what a method needs of them is converted when it asks. Nesting is bounded by
// kJsonDepthMax. Writing appends to a std::string with the escapes and number forms of the field's
// writers, so that answers compare byte for byte.
#pragma once

#include "base/bytes.hpp"
#include "base/uint128.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stipple::rpc {

class JsonScanner {
 public:
    explicit JsonScanner(std::string_view text) : text_(text) {}

    void skip_space();
    /// The first character of what comes next, '\0' at the end.
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    /// Consumes the character if it is next (white space before it is skipped).
    bool accept(char c);
    bool at_end();
    std::size_t position() const { return at_; }

    /// Consumes one value and gives its raw text; absent when it is not JSON.
    std::optional<std::string_view> value();
    /// Consumes a string and gives its raw text without quotes; `escaped` when it has escapes.
    std::optional<std::string_view> string(bool& escaped);

 private:
    bool skip_value(unsigned depth);
    bool skip_container(char close, unsigned depth);
    bool skip_string();
    bool skip_number();
    bool skip_word(std::string_view word);

    std::string_view text_;
    std::size_t at_ = 0;
};

/// The text a JSON string stands for; absent for bad escapes (lone surrogates included).
/// `raw` is without its quotes.
std::optional<std::string> unescape_json(std::string_view raw);

/// Whether the bytes are UTF-8 (fast for plain ASCII).
bool is_utf8(std::string_view text);

// ---- writing ----
/// A string with its quotes.
void append_json_string(std::string& out, std::string_view text);
/// "0x…", with its quotes.
void append_json_hex(std::string& out, ByteView bytes);
/// 0x… in two parts, as one string.
void append_json_hex(std::string& out, ByteView first, ByteView second);
/// "0x2a": no leading zeros, with its quotes.
void append_json_hex_number(std::string& out, uint128 value);
void append_json_number(std::string& out, uint128 value);

}  // namespace stipple::rpc
