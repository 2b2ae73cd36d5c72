// How the metadata tells of GRANDPA's types, and what the pallet keeps of changes to come.
#pragma once

#include "kit/bounded.hpp"
#include "kit/type_info.hpp"
#include "primitives/grandpa.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

using GrandpaAuthorities = WeakBoundedVec<grandpa::Authority, config::kMaxAuthorities>;

struct GrandpaSchedule {
    BlockNumber scheduled_at = 0;
    BlockNumber delay = 0;
    friend bool operator==(const GrandpaSchedule&, const GrandpaSchedule&) = default;
    static auto fields(auto& self) { return std::tie(self.scheduled_at, self.delay); }
    static constexpr NameList kCase{"scheduled_at", "delay"};
};
struct GrandpaState {
    std::variant<Unit, GrandpaSchedule, Unit, GrandpaSchedule> value;
    static constexpr VariantNames kVariant{"pallet_grandpa::StoredState",
                                           {"Live", "PendingPause", "Paused", "PendingResume"}};
    friend bool operator==(const GrandpaState&, const GrandpaState&) = default;
};
/// New authorities that a digest of block `scheduled_at` has announced or will announce.
struct GrandpaPendingChange {
    BlockNumber scheduled_at = 0;
    BlockNumber delay = 0;
    GrandpaAuthorities next_authorities;
    std::optional<BlockNumber> forced;  ///< the median last finalised block, when forced
    static auto fields(auto& self) {
        return std::tie(self.scheduled_at, self.delay, self.next_authorities, self.forced);
    }
    static constexpr TypeName kType{"pallet_grandpa::StoredPendingChange",
                                    {"scheduled_at", "delay", "next_authorities", "forced"}};
};

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {

template <>
struct TypeInfo<grandpa::Authority> {
    static Bytes describe(Registry& types);
};

}  // namespace stipple::runtime::inline kit
