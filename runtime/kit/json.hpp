// JSON as the genesis configuration uses it: no floating point, nesting bounded.
//
// Spec: RFC 8259. Numbers are unsigned integers up to 2^128 - 1; another number (or a later key of
// the same name) is refused. The tree remembers which fields somebody has read, so that unknown
// ones can be named.
#pragma once

#include "kit/types.hpp"

#include <expected>

namespace stipple::runtime::inline kit::json {

inline constexpr unsigned kDepthMax = 32;

enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

struct Value {
    Kind kind = Kind::null;
    bool truth = false;
    uint128 number = 0;
    std::string text;
    std::vector<Value> items;  ///< of an array, or the values of an object
    std::string name;          ///< as a member of an object
    mutable bool used = false;
    bool is(Kind wanted) const { return kind == wanted; }
};

/// The value, or what is wrong and at which byte.
std::expected<Value, std::string> parse(std::string_view text);

}  // namespace stipple::runtime::inline kit::json
