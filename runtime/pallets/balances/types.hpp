// Types of the Balances pallet that clients know by name.
#pragma once

#include "kit/dispatch.hpp"
#include "kit/hold_reason.hpp"
#include "kit/type_info.hpp"

namespace stipple::runtime {

enum class BalanceStatus : std::uint8_t { free, reserved };
constexpr EnumNames describe(BalanceStatus) {
    return {"frame_support::traits::tokens::misc::BalanceStatus", {"Free", "Reserved"}};
}
enum class AdjustmentDirection : std::uint8_t { increase, decrease };
constexpr EnumNames describe(AdjustmentDirection) {
    return {"pallet_balances::types::AdjustmentDirection", {"Increase", "Decrease"}};
}

/// Whether spending may end the account.
enum class Preservation : std::uint8_t {
    expendable,  ///< it may go
    protect,     ///< it may not go if this was its only provider
    preserve,    ///< it stays
};

using Name8 = std::array<std::uint8_t, 8>;
enum class LockReasons : std::uint8_t { fee, misc, all };
constexpr EnumNames describe(LockReasons) {
    return {"pallet_balances::types::Reasons", {"Fee", "Misc", "All"}};
}
struct BalanceLock {
    Name8 id{};
    Balance amount = 0;
    LockReasons reasons = LockReasons::all;
    friend bool operator==(const BalanceLock&, const BalanceLock&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.amount, self.reasons); }
    static constexpr TypeName kType{"pallet_balances::types::BalanceLock",
                                    {"id", "amount", "reasons"}};
};
struct ReserveData {
    Name8 id{};
    Balance amount = 0;
    friend bool operator==(const ReserveData&, const ReserveData&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.amount); }
    static constexpr TypeName kType{"pallet_balances::types::ReserveData", {"id", "amount"}};
};
template <class Id>
struct IdAmount {
    Id id{};
    Balance amount = 0;
    friend bool operator==(const IdAmount&, const IdAmount&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.amount); }
};
/// With its parameters: clients tell holds from freezes by them, since both bear one path.
template <class Id>
struct TypeInfo<IdAmount<Id>> {
    static Bytes describe(Registry& types) {
        const TypeId id = types.id<Id>();
        const TypeId amount = types.id<Balance>();
        return Registry::composite("frame_support::traits::tokens::misc::IdAmount",
                                   {{"id", id}, {"amount", amount}},
                                   {{"Id", id}, {"Balance", amount}});
    }
};

}  // namespace stipple::runtime
