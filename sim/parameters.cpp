#include "sim/parameters.hpp"

namespace stipple::sim {

using namespace std::chrono_literals;

const char* describe(RuntimeKind kind) {
    return kind == RuntimeKind::none ? "none" : kind == RuntimeKind::toy ? "toy" : "wasm";
}

const char* describe(FaultLevel level) {
    switch (level) {
        case FaultLevel::none:
            return "none";
        case FaultLevel::light:
            return "light";
        case FaultLevel::heavy:
            return "heavy";
    }
    return "none";
}

Weather calm_weather() {
    return {};
}

Weather weather_of(FaultLevel level, Prng& prng) {
    Weather weather;
    if (level == FaultLevel::none) {
        return weather;
    }
    weather.delay_max = std::chrono::milliseconds(50 + prng.below(400));
    weather.late = 200 + prng.below(2000);
    if (level == FaultLevel::heavy) {
        weather.delay_max = std::chrono::milliseconds(50 + prng.below(1500));
        weather.late = 20 + prng.below(500);
        weather.lost = prng.chance(1, 2) ? 50 + prng.below(500) : 0;
        weather.doubled = prng.chance(1, 2) ? 50 + prng.below(500) : 0;
        weather.unanswered = prng.chance(1, 2) ? 10 + prng.below(100) : 0;
        weather.breaks = prng.chance(1, 2) ? 5000 + prng.below(20000) : 0;
        weather.bytes_per_second = prng.chance(1, 3) ? 4096 + prng.below(65536) : 0;
    }
    return weather;
}

Pace pace_of(FaultLevel level, Prng& prng) {
    Pace pace;
    if (level != FaultLevel::none) {
        pace.job_max =
            std::chrono::milliseconds(1 + prng.below(level == FaultLevel::heavy ? 500 : 50));
        pace.slow = level == FaultLevel::heavy ? 50 + prng.below(500) : 0;
        pace.slow_max =
            std::max<Duration>(pace.job_max, std::chrono::milliseconds(prng.below(4000)));
    }
    return pace;
}

toy::Rules draw_rules(std::vector<toy::Validator> validators, Prng& prng) {
    toy::Rules rules;
    rules.validators = std::move(validators);
    rules.slot_duration_ms = prng.chance(1, 4) ? 3000 : 6000;
    rules.epoch_length_slots = 8 + prng.below(40);
    // Never 1: with everybody first in every slot all chains weigh the same and none ever wins.
    rules.share = {1, 2 + prng.below(4)};
    rules.allowed_slots = static_cast<babe::AllowedSlots>(prng.below(3));
    rules.rotate = prng.chance(3, 4);
    rules.change_delay = static_cast<BlockNumber>(prng.below(4));
    rules.change_config = prng.chance(1, 2);
    return rules;
}

std::size_t tolerated(const toy::Rules& rules) {
    return (rules.active(0).size() - 1) / 3;
}

std::uint64_t slots_per_block(const toy::Rules& rules) {
    // The changed configuration has half the share.
    return rules.allowed_slots == babe::AllowedSlots::primary
               ? rules.share.denominator * (rules.change_config ? 2 : 1)
               : 1;
}

std::uint64_t slots_for(std::uint64_t blocks, const toy::Rules& rules) {
    const auto least = static_cast<std::uint64_t>(kSlotMin.count());
    const std::uint64_t shorter = (least + rules.slot_duration_ms - 1) / rules.slot_duration_ms;
    return blocks * slots_per_block(rules) * std::max<std::uint64_t>(shorter, 1);
}

}  // namespace stipple::sim
