// The versions of the metadata this runtime answers in.
// Spec: sect-rte-metadata
#pragma once

#include <cstdint>

namespace stipple::runtime::inline kit {

inline constexpr std::uint32_t kMetadataVersions[] = {14, 15, 16};

}  // namespace stipple::runtime::inline kit
