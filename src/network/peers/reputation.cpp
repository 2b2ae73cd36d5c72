#include "network/peers/reputation.hpp"

#include <algorithm>

namespace stipple::network {
namespace {

std::uint64_t whole_second(Instant now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.since_origin).count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0));
}

}  // namespace

std::int32_t decayed(std::int32_t value, std::uint64_t seconds) {
    constexpr std::int32_t kInverseDecrement = 200;
    for (; seconds > 0 && value != 0; --seconds) {
        const std::int32_t step = value / kInverseDecrement;
        value -= step != 0 ? step : (value < 0 ? -1 : 1);
    }
    return value;
}

std::int32_t Reputation::value(Instant now) const {
    const std::uint64_t second = whole_second(now);
    return second <= second_ ? value_ : decayed(value_, second - second_);
}

void Reputation::settle(Instant now) {
    value_ = value(now);
    second_ = std::max(second_, whole_second(now));
}

void Reputation::change(Instant now, std::int32_t by) {
    settle(now);
    const std::int64_t sum = std::int64_t{value_} + by;
    value_ = static_cast<std::int32_t>(
        std::clamp<std::int64_t>(sum, kReputationLowest, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace stipple::network
