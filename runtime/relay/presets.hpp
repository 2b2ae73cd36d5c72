// Ready configurations of this chain, for development and tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stipple::runtime {

/// "development": Alice alone has authority. "local_testnet": Alice and Bob; "local_testnet_3" to
/// "_6": as many well-known ones. All endow these accounts and give Alice the sudo key.
std::vector<std::string> preset_names();
/// The JSON patch of a preset, or the whole default configuration without a name.
std::optional<std::string> preset(const std::optional<std::string>& name);

}  // namespace stipple::runtime
