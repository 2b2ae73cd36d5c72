#include "node/config.hpp"

#include <cstdlib>

namespace stipple::node {

std::filesystem::path default_base_path() {
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
        return std::filesystem::path(data) / "stipple";
    }
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : ".") / ".local/share/stipple";
}

std::filesystem::path chain_path(const SharedConfig& shared, const std::string& chain_id) {
    const auto base = shared.base_path.empty() ? default_base_path() : shared.base_path;
    return base / "chains" / chain_id;
}

}  // namespace stipple::node
