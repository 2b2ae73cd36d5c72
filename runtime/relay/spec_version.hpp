// The version of the runtime's behaviour.
//
// Raise kSpecVersion with every change of behaviour. It stands apart so that the runtime of the
// next version, which upgrade tests install, shares all objects but those that read this
// (CMakeLists.txt).
#pragma once

#include <cstdint>

namespace stipple::runtime::config {

inline constexpr std::uint32_t kBaseSpecVersion = 1'000'003;
#ifdef STIPPLE_NEXT_RUNTIME
inline constexpr std::uint32_t kSpecVersion = kBaseSpecVersion + 1;
#else
inline constexpr std::uint32_t kSpecVersion = kBaseSpecVersion;
#endif

}  // namespace stipple::runtime::config
