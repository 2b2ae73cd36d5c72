// What the runtime says of itself: Core_version, System.Version, the custom section of its code.
#pragma once

#include "kit/type_info.hpp"
#include "primitives/runtime_version.hpp"

namespace stipple::runtime::inline kit {

/// Defined by each runtime (relay/version.cpp): its identity and the list of its APIs.
RuntimeVersion runtime_version();

template <>
struct TypeInfo<RuntimeVersion> {
    static Bytes describe(Registry& types);
};

}  // namespace stipple::runtime::inline kit
