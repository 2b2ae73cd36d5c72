// What a proxy may do for the account it acts for.
#pragma once

#include "kit/call.hpp"

namespace stipple::runtime {

/// Indices as on the public relay chains; the gaps are for pallets that are not here.
enum class ProxyType : std::uint8_t { any = 0, non_transfer = 1, cancel_proxy = 4 };
constexpr EnumNames describe(ProxyType) {
    return {"stipple_runtime::ProxyType", {"Any", "NonTransfer", "", "", "CancelProxy"}};
}

/// Everything that `inner` may do, `outer` may do too.
constexpr bool covers(ProxyType outer, ProxyType inner) {
    return outer == inner || outer == ProxyType::any ||
           (outer == ProxyType::non_transfer && inner != ProxyType::any);
}

namespace wiring {
/// Whether a proxy of this type may make the call, as far as pallets other than Proxy go.
bool proxy_type_allows(ProxyType type, const RuntimeCall& call);
}  // namespace wiring

}  // namespace stipple::runtime
