// JSON kept as text, for genesis configurations: balances are u128 numbers, which a parser into
// doubles or 64-bit integers would damage on the way from the file to the runtime.
//
// Only objects are taken apart; every other value stays the slice of text it was. Used on text that
// a full parser has already accepted.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stipple::chain {

/// True when `text` is one JSON value within the depth bound.
bool is_json(std::string_view text);

/// The text of the member of an object, or absent. REQUIRES is_json(object).
std::optional<std::string_view> json_member(std::string_view object, std::string_view key);

/// Merges `patch` into `base`: members of objects recursively, anything else of the patch (also
/// null) replaces. REQUIRES is_json of both.
std::string json_merge(std::string_view base, std::string_view patch);

}  // namespace stipple::chain
