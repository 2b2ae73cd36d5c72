// The runtime APIs of the relay chain.
//
// Spec: chap-runtime-api. Each is a struct of static functions and the list of its methods; the
// exports are in apis.cpp.
#pragma once

#include "kit/api.hpp"
#include "kit/executive.hpp"
#include "kit/runtime_version.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct Core {
    static constexpr std::string_view kName = "Core";
    static RuntimeVersion version();
    static void execute_block(const Block& block);
    static std::uint8_t initialize_block(const Header& header);
    static constexpr auto methods =
        list(method("version", &version, {}, "Returns the version of the runtime."));
};

}  // namespace stipple::runtime
