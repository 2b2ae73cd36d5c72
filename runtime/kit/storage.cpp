#include "kit/storage.hpp"

namespace stipple::runtime::inline kit::detail {

void undecodable(std::string_view pallet, std::string_view item) {
    std::string message("corrupt storage: ");
    message.append(pallet).append(".").append(item);
    host::panic(message);
}

}  // namespace stipple::runtime::inline kit::detail
