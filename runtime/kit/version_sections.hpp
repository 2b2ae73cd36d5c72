// The custom sections that tell a runtime's version without running it.
//
// Spec: defn-rt-core-version. Hosts look for `runtime_version` (the version with an empty list of
// APIs) and `runtime_apis` (id and version of each) before they compile anything. Both are made at
// compile time from the runtime's constants; tools/wasm_sections.py moves them out of the data.
#pragma once

#include "kit/api.hpp"

#include <algorithm>

namespace stipple::runtime::inline kit {

namespace detail {
consteval void put_u32(std::vector<std::uint8_t>& out, std::uint32_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
}
/// A text whose length takes one byte.
consteval void put_short_text(std::vector<std::uint8_t>& out, std::string_view text) {
    out.push_back(static_cast<std::uint8_t>(text.size() << 2));
    out.insert(out.end(), text.begin(), text.end());
}

template <const auto& kApis>
struct ApisSection {
    static consteval std::vector<std::uint8_t> bytes() {
        std::vector<std::uint8_t> out;
        for (const ApiEntry& entry : kApis) {
            out.insert(out.end(), entry.id.begin(), entry.id.end());
            put_u32(out, entry.version);
        }
        return out;
    }
};

template <class Section>
consteval auto section_array() {
    std::array<std::uint8_t, Section::bytes().size()> out{};
    std::ranges::copy(Section::bytes(), out.begin());
    return out;
}
}  // namespace detail

}  // namespace stipple::runtime::inline kit
