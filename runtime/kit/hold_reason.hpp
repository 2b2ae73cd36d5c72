// Why money is held or frozen: the pallet that asked, and its own reason.
//
// A pallet declares its reasons as a plain enum named HoldReason (or FreezeReason) with
// `describe()`; `hold_reason(index(), HoldReason::preimage)` makes the value. The metadata gathers
// the enums of all pallets into RuntimeHoldReason and RuntimeFreezeReason.
#pragma once

#include "kit/type_info.hpp"

namespace stipple::runtime::inline kit {

struct HoldReasonKind;
struct FreezeReasonKind;
template <class Kind>
struct RuntimeReason {
    std::uint8_t pallet = 0;
    std::uint8_t reason = 0;
    friend auto operator<=>(const RuntimeReason&, const RuntimeReason&) = default;
    static auto fields(auto& self) { return std::tie(self.pallet, self.reason); }
};
using RuntimeHoldReason = RuntimeReason<HoldReasonKind>;
using RuntimeFreezeReason = RuntimeReason<FreezeReasonKind>;

RuntimeHoldReason hold_reason(std::uint8_t pallet, auto reason) {
    return {pallet, static_cast<std::uint8_t>(reason)};
}
RuntimeFreezeReason freeze_reason(std::uint8_t pallet, auto reason) {
    return {pallet, static_cast<std::uint8_t>(reason)};
}
template <>
struct TypeInfo<RuntimeHoldReason> {
    static Bytes describe(Registry& types);
};
template <>
struct TypeInfo<RuntimeFreezeReason> {
    static Bytes describe(Registry& types);
};

}  // namespace stipple::runtime::inline kit
