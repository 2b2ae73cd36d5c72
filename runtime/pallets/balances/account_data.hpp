// What an account has: the part of System.Account that the Balances pallet owns.
#pragma once

#include "kit/type_info.hpp"

namespace stipple::runtime {

/// The top bit says that holds and locks are counted by consumer references; it is always set here.
struct ExtraFlags {
    uint128 bits = uint128{1} << 127;
    friend bool operator==(const ExtraFlags&, const ExtraFlags&) = default;
    static auto fields(auto& self) { return std::tie(self.bits); }
    static constexpr TypeName kType{"pallet_balances::types::ExtraFlags", {""}};
};

struct AccountData {
    Balance free = 0;      ///< may be spent, but for what is frozen
    Balance reserved = 0;  ///< held for somebody, still the owner's
    Balance frozen = 0;    ///< the total (free and reserved) may not fall below this
    ExtraFlags flags;
    friend bool operator==(const AccountData&, const AccountData&) = default;
    static auto fields(auto& self) {
        return std::tie(self.free, self.reserved, self.frozen, self.flags);
    }
    static constexpr TypeName kType{"pallet_balances::types::AccountData",
                                    {"free", "reserved", "frozen", "flags"}};
};

}  // namespace stipple::runtime
