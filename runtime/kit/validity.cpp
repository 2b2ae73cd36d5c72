#include "kit/validity.hpp"

#include <algorithm>

namespace stipple::runtime::inline kit {

void ValidTransaction::combine(ValidTransaction other) {
    priority = saturating_add(priority, other.priority);
    std::move(other.requires_tags.begin(), other.requires_tags.end(),
              std::back_inserter(requires_tags));
    std::move(other.provides.begin(), other.provides.end(), std::back_inserter(provides));
    longevity_blocks = std::min(longevity_blocks, other.longevity_blocks);
    propagate = propagate && other.propagate;
}

}  // namespace stipple::runtime::inline kit
