// JSON as the genesis configuration uses it: no floating point, nesting bounded.
//
// Spec: RFC 8259. Numbers are unsigned integers up to 2^128 - 1; another number (or a later key of
// the same name) is refused. The tree remembers which fields somebody has read, so that unknown
// ones can be named.
#pragma once

#include "kit/types.hpp"

#include <expected>
#include <memory>
#include <variant>

namespace stipple::runtime::inline kit::json {

inline constexpr unsigned kDepthMax = 32;

struct Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;

struct Value {
    std::variant<std::nullptr_t, bool, uint128, std::string, Array, Object> value = nullptr;
    const Object* object() const;
    const Array* array() const;
    const std::string* text() const { return std::get_if<std::string>(&value); }
    const uint128* number() const { return std::get_if<uint128>(&value); }
    const bool* boolean() const { return std::get_if<bool>(&value); }
    bool is_null() const { return value.index() == 0; }
};
struct Member {
    std::string name;
    Value value;
    mutable bool used = false;
};
inline const Object* Value::object() const {
    return std::get_if<Object>(&value);
}
inline const Array* Value::array() const {
    return std::get_if<Array>(&value);
}

/// The value, or what is wrong and at which byte.
std::expected<Value, std::string> parse(std::string_view text);

}  // namespace stipple::runtime::inline kit::json
