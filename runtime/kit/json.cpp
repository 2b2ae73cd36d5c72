#include "kit/json.hpp"

#include "kit/arithmetic.hpp"

namespace stipple::runtime::inline kit::json {

namespace {
class Parser {
 public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::expected<Value, std::string> run() {
        Value value = read_value(0);
        skip_space();
        if (error_.empty() && at_ != text_.size()) {
            fail("text after the end");
        }
        return error_.empty() ? std::expected<Value, std::string>(std::move(value))
                              : std::unexpected(error_ + " at byte " + decimal(at_));
    }

 private:
    void fail(std::string_view what) {
        if (error_.empty()) {
            error_ = what;
        }
    }
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                      text_[at_] == '\r' || text_[at_] == '\t')) {
            ++at_;
        }
    }
    bool take(char wanted) {
        skip_space();
        if (at_ < text_.size() && text_[at_] == wanted) {
            ++at_;
            return true;
        }
        return false;
    }
    bool take_word(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    static Value make(Kind kind, std::vector<Value> items = {}) {
        Value value;
        value.kind = kind;
        value.items = std::move(items);
        return value;
    }
    Value read_value(unsigned depth) {
        skip_space();
        if (depth > kDepthMax) {
            fail("nested too deep");
        } else if (take('{')) {
            return make(Kind::object, read_object(depth));
        } else if (take('[')) {
            return make(Kind::array, read_array(depth));
        } else if (take('"')) {
            Value value = make(Kind::text);
            value.text = read_text();
            return value;
        } else if (take_word("true")) {
            Value value = make(Kind::boolean);
            value.truth = true;
            return value;
        } else if (take_word("false")) {
            return make(Kind::boolean);
        } else if (take_word("null")) {
            return {};
        } else {
            Value value = make(Kind::number);
            value.number = read_number();
            return value;
        }
        return {};
    }

    uint128 read_number() {
        std::optional<uint128> number = 0;
        const std::size_t start = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && number) {
            const auto digit = static_cast<uint128>(text_[at_++] - '0');
            number = checked_mul<uint128>(*number, 10);
            number = number ? checked_add<uint128>(*number, digit) : number;
        }
        const bool leading_zero = text_.substr(start, 1) == "0" && at_ - start > 1;
        const bool fraction = at_ < text_.size() && std::string_view(".eE").contains(text_[at_]);
        if (at_ == start) {
            fail("no value");
        } else if (!number || leading_zero || fraction) {
            fail("not an unsigned integer of 128 bits");
        }
        return number.value_or(0);
    }

    void put_code_point(std::string& out, std::uint32_t code) {
        if (code < 0x80) {
            out.push_back(static_cast<char>(code));
        } else if (code < 0x800) {
            out.push_back(static_cast<char>(0xc0 | code >> 6));
            out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
        } else {
            out.push_back(static_cast<char>(0xe0 | code >> 12));
            out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
            out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
        }
    }
    void read_escape(std::string& out) {
        constexpr std::string_view kNames = "\"\\/bfnrt";
        constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
        const char name = at_ < text_.size() ? text_[at_++] : '\0';
        if (const std::size_t known = kNames.find(name); known != std::string_view::npos) {
            out.push_back(kValues[known]);
            return;
        }
        const auto digits = from_hex(text_.substr(at_, 4));
        if (name != 'u' || !digits || digits->size() != 2) {
            fail("bad escape");
            return;
        }
        at_ += 4;
        put_code_point(out, load_be<std::uint16_t>(*digits));
    }
    std::string read_text() {
        std::string out;
        while (error_.empty()) {
            if (at_ >= text_.size()) {
                fail("text without end");
                break;
            }
            const char c = text_[at_++];
            if (c == '"') {
                break;
            }
            if (c == '\\') {
                read_escape(out);
            } else {
                out.push_back(c);
            }
        }
        return out;
    }

    std::vector<Value> read_array(unsigned depth) {
        std::vector<Value> items;
        if (take(']')) {
            return items;
        }
        do {
            items.push_back(read_value(depth + 1));
        } while (error_.empty() && take(','));
        if (!take(']')) {
            fail("array without end");
        }
        return items;
    }

    std::vector<Value> read_object(unsigned depth) {
        std::vector<Value> members;
        if (take('}')) {
            return members;
        }
        do {
            if (!take('"')) {
                fail("no name");
                break;
            }
            std::string name = read_text();
            for (const Value& known : members) {
                if (known.name == name) {
                    fail("the same name twice: " + name);
                }
            }
            if (!take(':')) {
                fail("no colon after a name");
                break;
            }
            members.push_back(read_value(depth + 1));
            members.back().name = std::move(name);
        } while (error_.empty() && take(','));
        if (!take('}')) {
            fail("object without end");
        }
        return members;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string error_;
};
}  // namespace

std::expected<Value, std::string> parse(std::string_view text) {
    return Parser(text).run();
}

}  // namespace stipple::runtime::inline kit::json
