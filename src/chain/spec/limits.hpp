// Bounds of chain specification files. They come from the operator, not from peers, but a damaged
// or hostile file must not take the machine down either.
#pragma once

#include <cstddef>

namespace stipple::chain {

/// The largest public specifications are some ten megabytes (runtime code in hex twice over).
inline constexpr std::size_t kChainSpecBytesMax = 64 * 1024 * 1024;
/// Nesting of arrays and objects; real files stay below 10, plain genesis configurations below 20.
inline constexpr std::size_t kChainSpecDepthMax = 64;
/// What GenesisBuilder_get_preset may answer.
inline constexpr std::size_t kPresetBytesMax = 16 * 1024 * 1024;

}  // namespace stipple::chain
