#include "chain/spec/json_text.hpp"

#include "base/check.hpp"
#include "chain/spec/limits.hpp"

#include <boost/json/parse.hpp>

#include <utility>
#include <vector>

namespace stipple::chain {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

struct Member {
    std::string_view key;  ///< with its quotes, as written
    std::string_view value;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::size_t end_of_string(std::string_view text, std::size_t start) {
    std::size_t at = start + 1;
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2U : 1U;
    }
    CHECK(at < text.size());
    return at + 1;
}

/// The end of the value that starts at `start`: the first comma or closing bracket of the level
/// above.
std::size_t end_of_value(std::string_view text, std::size_t start) {
    std::size_t depth = 0;
    std::size_t at = start;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            break;
        }
        if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
        ++at;
    }
    return at;
}

std::vector<Member> members_of(std::string_view object) {
    std::vector<Member> members;
    std::size_t at = object.find_first_not_of(kSpaces, 1);
    while (at < object.size() && object[at] == '"') {
        const std::size_t key_end = end_of_string(object, at);
        const std::size_t colon = object.find(':', key_end);
        const std::size_t value_end = end_of_value(object, colon + 1);
        members.push_back({object.substr(at, key_end - at),
                           trimmed(object.substr(colon + 1, value_end - colon - 1))});
        at = object.find_first_not_of(kSpaces, value_end + 1);
    }
    return members;
}

bool is_object(std::string_view value) {
    return value.starts_with('{');
}

/// Keys as they mean, so that an escaped spelling is found too.
std::string plain_key(std::string_view quoted) {
    if (quoted.find('\\') == std::string_view::npos) {
        return std::string(quoted.substr(1, quoted.size() - 2));
    }
    boost::system::error_code error;
    const auto value = boost::json::parse(quoted, error);
    CHECK(!error && value.is_string());
    return std::string(value.as_string());
}

}  // namespace

bool is_json(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = kChainSpecDepthMax;
    boost::system::error_code error;
    boost::json::parse(text, error, {}, options);
    return !error;
}

std::optional<std::string_view> json_member(std::string_view object, std::string_view key) {
    object = trimmed(object);
    if (!is_object(object)) {
        return std::nullopt;
    }
    std::optional<std::string_view> found;
    for (const Member& member : members_of(object)) {
        if (plain_key(member.key) == key) {
            found = member.value;  // the last one wins, as in the field's parser
        }
    }
    return found;
}

std::string json_merge(std::string_view base, std::string_view patch) {
    base = trimmed(base);
    patch = trimmed(patch);
    if (!is_object(base) || !is_object(patch)) {
        return std::string(patch);
    }
    std::vector<std::pair<std::string, std::string>> merged;  // plain key, `"key":value`
    const auto put = [&](std::string key, std::string text) {
        for (auto& [known, old] : merged) {
            if (known == key) {
                old = std::move(text);
                return;
            }
        }
        merged.emplace_back(std::move(key), std::move(text));
    };
    const auto text_of = [](std::string_view key, std::string_view value) {
        return std::string(key) + ":" + std::string(value);
    };
    for (const Member& member : members_of(base)) {
        put(plain_key(member.key), text_of(member.key, member.value));
    }
    for (const Member& member : members_of(patch)) {
        const std::string key = plain_key(member.key);
        const auto below = json_member(base, key);
        put(key, text_of(member.key,
                         below ? json_merge(*below, member.value) : std::string(member.value)));
    }
    std::string out = "{";
    for (const auto& [key, text] : merged) {
        out += (out.size() > 1 ? "," : "") + text;
    }
    return out + "}";
}

}  // namespace stipple::chain
