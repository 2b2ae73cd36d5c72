// Building the genesis state of a whole runtime from its JSON configuration.
#pragma once

#include "kit/genesis.hpp"

namespace stipple::runtime::inline kit {

/// Runs the genesis hooks of all pallets, in order, each on its part of the document: the pallet's
/// name with a small first letter. Gives the complaint, with the path of the field; what was
/// written until then is of no use.
std::expected<void, GenesisComplaint> build_genesis(std::string_view document);

}  // namespace stipple::runtime::inline kit
