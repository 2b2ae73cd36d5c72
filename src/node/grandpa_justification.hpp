// The GRANDPA justification among those of a block.
#pragma once

#include "primitives/block.hpp"

#include <algorithm>

namespace stipple::node {

/// Null when there is none; points into `justifications`.
inline const Justification* grandpa_justification(
    const std::optional<Justifications>& justifications) {
    if (!justifications) {
        return nullptr;
    }
    const auto found = std::ranges::find(*justifications, kGrandpaEngine, &Justification::engine);
    return found == justifications->end() ? nullptr : &*found;
}

}  // namespace stipple::node
