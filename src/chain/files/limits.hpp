// Bounds of import files, which may come from anyone.
#pragma once

#include <cstddef>

namespace stipple::chain {

/// One signed block in a file, in its binary form. Blocks on live networks stay below 5 MiB.
inline constexpr std::size_t kSignedBlockBytesMax = 32 * 1024 * 1024;
/// The JSON form writes justifications as arrays of decimal numbers, up to four characters a byte.
inline constexpr std::size_t kSignedBlockJsonBytesMax = 4 * kSignedBlockBytesMax;
/// Nesting of a block in JSON.
inline constexpr std::size_t kSignedBlockJsonDepthMax = 16;

}  // namespace stipple::chain
