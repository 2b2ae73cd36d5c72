// For tests: a runtime given as hex, called once on an empty state.
#pragma once

#include "executor/real_runtimes.hpp"
#include "executor/small_module.hpp"

namespace stipple::executor::testing {

/// `hex` has no version section; one is added.
inline std::expected<Bytes, CallError> call_alone(std::string_view hex, std::string_view method) {
    Bytes wasm = *from_hex(hex);
    RuntimeVersion version;
    version.spec_name = "alone";
    SmallModule::add_custom(wasm, "runtime_version", scale::encode(version));
    const auto runtime = shared_executor().runtime(wasm, 16);
    if (!runtime) {
        return std::unexpected(CallError{CallErrorKind::environment, runtime.error().message, {}});
    }
    const state::MemoryState nothing({}, {}, state::StateVersion::v0);
    state::Overlay overlay(nothing);
    return (*runtime)->call(method, {}, overlay, {});
}

}  // namespace stipple::executor::testing
