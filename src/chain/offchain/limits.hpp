// Bounds of offchain local storage. Keys and values come from runtimes and, through unsafe RPC
// methods, from the operator; a write beyond a bound is refused and logged.
#pragma once

#include <cstddef>

namespace stipple::chain::offchain {

inline constexpr std::size_t kKeyBytesMax = 64 * 1024;
inline constexpr std::size_t kValueBytesMax = 16 * 1024 * 1024;

}  // namespace stipple::chain::offchain
