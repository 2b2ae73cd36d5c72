// Text that only the metadata shows: documentation, names of fields, events, errors.
//
// Metadata is made natively (kit/metadata.hpp), and the Wasm build carries it finished. There a
// label is empty, so that no text is kept twice.
#pragma once

#include <string_view>

namespace stipple::runtime::inline kit {

#ifdef __wasm__
inline constexpr bool kDescribesItself = false;
struct Label {
    constexpr Label() = default;
    constexpr Label(const char*) {}
    constexpr Label(std::string_view) {}
    constexpr operator std::string_view() const { return {}; }
};
#else
inline constexpr bool kDescribesItself = true;
struct Label : std::string_view {
    constexpr Label() = default;
    constexpr Label(const char* text) : std::string_view(text) {}
    constexpr Label(std::string_view text) : std::string_view(text) {}
};
#endif

}  // namespace stipple::runtime::inline kit
