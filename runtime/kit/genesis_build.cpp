#include "kit/genesis_build.hpp"

#include "kit/runtime.hpp"

namespace stipple::runtime::inline kit {

std::expected<void, GenesisComplaint> build_genesis(std::string_view document) {
    const auto parsed = json::parse(document);
    if (!parsed) {
        return std::unexpected("not JSON: " + parsed.error());
    }
    GenesisComplaint complaint;
    const GenesisReader root(&*parsed, "", &complaint);
    for (const PalletEntry& pallet : runtime_pallets()) {
        std::string name(pallet.name);
        name[0] = static_cast<char>(name[0] - 'A' + 'a');
        GenesisReader config = root.field(name);
        if (pallet.hooks.genesis != nullptr && complaint.empty()) {
            pallet.hooks.genesis(config);
        }
    }
    if (complaint.empty()) {
        if (const auto unknown = find_unread_field(*parsed)) {
            complaint = *unknown + ": unknown field";
        }
    }
    if (!complaint.empty()) {
        return std::unexpected(complaint);
    }
    return {};
}

}  // namespace stipple::runtime::inline kit
