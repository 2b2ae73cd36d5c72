// A call of bounded size in storage: itself when it is short, else the hash of its preimage.
#pragma once

#include "kit/call.hpp"

namespace stipple::runtime {

/// The hash alone, as old versions had it. Never made here.
struct LegacyCall {
    Hash hash;
    friend bool operator==(const LegacyCall&, const LegacyCall&) = default;
    static auto fields(auto& self) { return std::tie(self.hash); }
    static constexpr NameList kCase{"hash"};
};
/// The hash and length of the preimage.
struct LookedUpCall {
    Hash hash;
    std::uint32_t len = 0;
    friend bool operator==(const LookedUpCall&, const LookedUpCall&) = default;
    static auto fields(auto& self) { return std::tie(self.hash, self.len); }
    static constexpr NameList kCase{"hash", "len"};
};

struct BoundedCall {
    static constexpr std::uint32_t kInlineMax = 128;

    using Legacy = LegacyCall;
    using Inline = BoundedBytes<kInlineMax>;
    using Lookup = LookedUpCall;
    std::variant<Legacy, Inline, Lookup> value{Inline{}};
    static constexpr VariantNames kVariant{"frame_support::traits::preimages::Bounded",
                                           {"Legacy", "Inline", "Lookup"}};
    friend bool operator==(const BoundedCall&, const BoundedCall&) = default;

    /// Bytes to read from elsewhere; 0 for a short call.
    std::uint32_t lookup_bytes() const {
        const auto* lookup = std::get_if<Lookup>(&value);
        return lookup == nullptr ? 0 : lookup->len;
    }
};

}  // namespace stipple::runtime
