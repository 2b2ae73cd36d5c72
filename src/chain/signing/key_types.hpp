// Key types and schemes: which key a session uses for what.
#pragma once

#include "primitives/ids.hpp"

namespace stipple::chain {

/// Four ASCII bytes.
using KeyType = FixedBytes<4, FourBytesTag>;
constexpr KeyType key_type(const char (&text)[5]) {
    return engine_id(text);
}

inline constexpr KeyType kBabeKey = key_type("babe");
inline constexpr KeyType kGrandpaKey = key_type("gran");
inline constexpr KeyType kParachainKey = key_type("para");
inline constexpr KeyType kAssignmentKey = key_type("asgn");
inline constexpr KeyType kDiscoveryKey = key_type("audi");
inline constexpr KeyType kBeefyKey = key_type("beef");

enum class KeyScheme : std::uint8_t { ed25519, sr25519, ecdsa };

}  // namespace stipple::chain
