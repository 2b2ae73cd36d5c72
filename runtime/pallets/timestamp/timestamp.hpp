// Timestamp: the time of the block, as its author says, set once in each by an inherent.
//
// Others refuse a block whose time is more than 30 seconds ahead of their clock (check_inherent) or
// less than half a slot after its parent's.
#pragma once

#include "kit/pallet.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

namespace wiring {
/// The time of the block was set: BABE compares it with the slot.
void on_timestamp_set(Moment now);
}  // namespace wiring

struct Timestamp : Pallet<Timestamp> {
    static constexpr std::string_view kName = "Timestamp";
    static constexpr Moment kMinimumPeriodMs = config::kSlotDurationMs / 2;
    static constexpr Moment kDriftMaxMs = 30'000;
    static constexpr std::string_view kInherent = "timstap0";

    static constexpr StorageValue<Moment> now{kName, "Now", "The time of the current block."};
    static constexpr StorageValue<bool> did_update{
        kName, "DidUpdate", "Whether the time was set in the current block."};
    static constexpr auto storage = list(now, did_update);

    static DispatchResult set(const Origin& origin, Compact<Moment> moment);
    static constexpr auto calls =
        list(call<0>("set", &set, {"now"}, mandatory(work(50, 3, 1)), "Set the current time."));

    static constexpr auto constants = list(constant(
        "MinimumPeriod", [] { return kMinimumPeriodMs; }, "The least time between blocks."));

    static std::optional<RuntimeCall> create_inherent(const InherentData& data);
    static std::optional<InherentError> check_inherent(const RuntimeCall& call,
                                                       const InherentData& data);
    static bool is_inherent(const RuntimeCall& call) { return call.call() == 0; }
    static void on_finalize(BlockNumber number);
};

}  // namespace stipple::runtime
