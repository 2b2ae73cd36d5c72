// Who noted the bytes of a hash, who paid, and how often they are requested.
#pragma once

#include "kit/type_info.hpp"

namespace stipple::runtime {

/// Money on hold.
struct PreimageTicket {
    Balance amount = 0;
    friend bool operator==(const PreimageTicket&, const PreimageTicket&) = default;
    static auto fields(auto& self) { return std::tie(self.amount); }
    static constexpr TypeName kType{"frame_support::traits::tokens::fungible::HoldConsideration",
                                    {""}};
};
using OwnedPreimageTicket = std::tuple<AccountId, PreimageTicket>;
struct UnrequestedPreimage {
    OwnedPreimageTicket ticket;
    std::uint32_t len = 0;
    friend bool operator==(const UnrequestedPreimage&, const UnrequestedPreimage&) = default;
    static auto fields(auto& self) { return std::tie(self.ticket, self.len); }
    static constexpr NameList kCase{"ticket", "len"};
};
struct RequestedPreimage {
    std::optional<OwnedPreimageTicket> maybe_ticket;
    std::uint32_t count = 0;
    std::optional<std::uint32_t> maybe_len;  ///< absent until somebody notes the bytes
    friend bool operator==(const RequestedPreimage&, const RequestedPreimage&) = default;
    static auto fields(auto& self) {
        return std::tie(self.maybe_ticket, self.count, self.maybe_len);
    }
    static constexpr NameList kCase{"maybe_ticket", "count", "maybe_len"};
};
struct PreimageStatus {
    std::variant<UnrequestedPreimage, RequestedPreimage> value;
    static constexpr VariantNames kVariant{"pallet_preimage::RequestStatus",
                                           {"Unrequested", "Requested"}};
    friend bool operator==(const PreimageStatus&, const PreimageStatus&) = default;
};

}  // namespace stipple::runtime
