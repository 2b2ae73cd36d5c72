#include "sim/faults.hpp"

namespace stipple::sim {

Duration Faults::slots(std::uint64_t low, std::uint64_t high) {
    const std::uint64_t count = low + prng_.below(high - low + 1);
    return slot_ * static_cast<std::int64_t>(count) +
           Duration(
               static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(slot_.count()))));
}

void Faults::storm() {
    ++storm_;
    victims_.network().set_weather(weather_of(level_, prng_));
    for (NodeIndex i = 0; i < victims_.node_count(); ++i) {
        victims_.node(i).set_pace(pace_of(level_, prng_));
    }
    if (level_ != FaultLevel::none) {
        plan_next();
    }
}

void Faults::calm() {
    ++storm_;
    victims_.network().set_weather(calm_weather());
    for (NodeIndex i = 0; i < victims_.node_count(); ++i) {
        victims_.node(i).set_skew({});
        victims_.node(i).set_pace({});
        if (!victims_.node(i).is_up()) {
            victims_.start_node(i);
        }
    }
    victims_.network().heal();
}

void Faults::plan_next() {
    victims_.schedule().after(slots(1, level_ == FaultLevel::heavy ? 10 : 20),
                              [this, storm = storm_] {
                                  if (storm == storm_) {
                                      strike();
                                      plan_next();
                                  }
                              });
}

void Faults::strike() {
    const NodeIndex some = prng_.below(victims_.node_count());
    if (level_ == FaultLevel::light) {
        if (prng_.chance(1, 2)) {
            victims_.network().break_one();
        } else {
            crash_one();
        }
        return;
    }
    switch (prng_.below(6)) {
        case 0:
        case 1:
            crash_one();
            break;
        case 2:
            part();
            break;
        case 3:
            set_clock(some);
            break;
        case 4:
            victims_.node(some).set_pace(pace_of(level_, prng_));
            break;
        default:
            victims_.network().break_one();
            break;
    }
}

void Faults::crash_one() {
    const NodeIndex some = prng_.below(victims_.node_count());
    std::size_t down = 0;
    for (NodeIndex i = 0; i < victims_.node_count(); ++i) {
        down += victims_.node(i).is_up() ? 0U : 1U;
    }
    const std::size_t tolerated = (victims_.node_count() - 1) / 3;
    if (!victims_.node(some).is_up() || (level_ == FaultLevel::light && down >= tolerated)) {
        return;
    }
    victims_.crash_node(some);
    // Some come back before anybody has noticed.
    const Duration away = prng_.chance(1, 3) ? slot_ / 10 : slots(0, 15);
    victims_.schedule().after(away, [this, some, storm = storm_] {
        if (storm == storm_ && !victims_.node(some).is_up()) {
            victims_.start_node(some);
        }
    });
}

void Faults::part() {
    std::vector<std::uint32_t> sides(victims_.node_count());
    std::string text = "the network parts:";
    for (auto& side : sides) {
        side = static_cast<std::uint32_t>(prng_.below(2));
        text += side == 0 ? " a" : " b";
    }
    victims_.note(std::move(text));
    victims_.network().part(std::move(sides));
    victims_.schedule().after(slots(1, 25), [this, storm = storm_] {
        if (storm == storm_) {
            victims_.note("the network is whole again");
            victims_.network().heal();
        }
    });
}

void Faults::set_clock(NodeIndex node) {
    const auto slot_ms = std::chrono::duration_cast<std::chrono::milliseconds>(slot_).count();
    const auto skew =
        static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(2 * slot_ms))) - slot_ms;
    victims_.note(fmt::format("the clock of node {} is {} ms wrong", node, skew));
    victims_.node(node).set_skew(std::chrono::milliseconds(skew));
}

}  // namespace stipple::sim
