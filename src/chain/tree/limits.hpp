// Bounds of what peers can make the chain keep.
#pragma once

#include <cstddef>

namespace stipple::chain {

/// Unfinalised blocks known at once. Finality may stall for a day (14 400 blocks of six seconds)
/// with several forks before this is reached; then new blocks are refused until finality moves.
inline constexpr std::size_t kUnfinalizedBlocksMax = 131'072;
/// Children of one block. Honest slots give a handful; an equivocating author can sign any number
/// for the same slot, and each would cost an execution and a layer of state.
inline constexpr std::size_t kChildrenMax = 256;

}  // namespace stipple::chain
