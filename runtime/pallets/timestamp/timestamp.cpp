#include "pallets/timestamp/timestamp.hpp"

namespace stipple::runtime {

namespace {
std::optional<Moment> moment_in(const InherentData& data) {
    const auto found = data.values.find(inherent_id(Timestamp::kInherent));
    if (found == data.values.end()) {
        return std::nullopt;
    }
    const auto moment = scale::decode<Moment>(found->second);
    return moment ? std::optional(*moment) : std::nullopt;
}

enum class Problem : std::uint8_t { too_early, too_far_in_future };
InherentError problem(Problem what) {
    return {inherent_id(Timestamp::kInherent), {static_cast<std::uint8_t>(what)}, true};
}
}  // namespace

DispatchResult Timestamp::set(const Origin& origin, Compact<Moment> moment) {
    TRY(ensure_none(origin));
    if (did_update.exists()) {
        host::panic("the time is set twice in one block");
    }
    const Moment before = now.get();
    if (before != 0 && moment.value < before + kMinimumPeriodMs) {
        host::panic("the time of the block is too close to its parent's");
    }
    now.set(moment.value);
    did_update.set(true);
    wiring::on_timestamp_set(moment.value);
    return {};
}

std::optional<RuntimeCall> Timestamp::create_inherent(const InherentData& data) {
    const auto moment = moment_in(data);
    if (!moment) {
        return std::nullopt;
    }
    const Moment next = std::max(*moment, now.get() + kMinimumPeriodMs);
    return RuntimeCall::make(index(), 0, Compact<Moment>{next});
}

std::optional<InherentError> Timestamp::check_inherent(const RuntimeCall& call,
                                                       const InherentData& data) {
    const auto claimed = scale::decode<Compact<Moment>>(call.arguments());
    const auto ours = moment_in(data);
    if (!claimed || !ours) {
        return std::nullopt;
    }
    if (claimed->value > *ours + kDriftMaxMs) {
        return problem(Problem::too_far_in_future);
    }
    if (claimed->value < now.get() + kMinimumPeriodMs) {
        return problem(Problem::too_early);
    }
    return std::nullopt;
}

void Timestamp::on_finalize(BlockNumber) {
    if (!did_update.exists()) {
        host::panic("the time of the block was not set");
    }
    did_update.clear();
}

}  // namespace stipple::runtime
