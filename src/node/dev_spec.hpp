// The chains that need no file: `dev` (one authority, Alice) and `local` (two, Alice and Bob), on
// the reference runtime that is built into the program.
#pragma once

#include "chain/spec/chain_spec.hpp"

namespace stipple::node {

/// The Wasm code of runtime/, as it was built with this program.
ByteView builtin_runtime();
/// `dev` or `local`; absent for other names.
std::optional<chain::ChainSpec> builtin_spec(std::string_view name);

}  // namespace stipple::node
