// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>

namespace stipple::authoring {

/// The largest encoded block we author: what peers accept in one block response with room to spare.
inline constexpr std::size_t kBlockBytesMax = 4 * 1024 * 1024 + 512;
/// Transactions that did not fit and are passed over before the block counts as full.
inline constexpr std::size_t kSkippedMax = 8;
/// Inherent extrinsics one block may have; real runtimes make two.
inline constexpr std::size_t kInherentsMax = 64;

}  // namespace stipple::authoring
