#include "sim/faults.hpp"

#include <numeric>

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
    cuts_.clear();
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
        switch (prng_.below(4)) {
            case 0:
            case 1:
                victims_.network().break_one();
                break;
            case 2:
                crash_one();
                break;
            default:
                cuts_[some] = static_cast<Moment>(prng_.below(4));
                break;
        }
        return;
    }
    switch (prng_.below(7)) {
        case 0:
            crash_one();
            break;
        case 1:
        case 2:
            cuts_[some] = static_cast<Moment>(prng_.below(4));
            break;
        case 3:
            part();
            break;
        case 4:
            set_clock(some);
            break;
        case 5:
            victims_.node(some).set_pace(pace_of(level_, prng_));
            break;
        default:
            victims_.network().break_one();
            break;
    }
}

bool Faults::may_crash(NodeIndex node) {
    std::size_t down = 0;
    for (NodeIndex i = 0; i < victims_.node_count(); ++i) {
        down += victims_.node(i).is_up() ? 0U : 1U;
    }
    const std::size_t tolerated = (victims_.node_count() - 1) / 3;
    return victims_.node(node).is_up() && (level_ == FaultLevel::heavy || down < tolerated);
}

void Faults::crash_one() {
    const NodeIndex some = prng_.below(victims_.node_count());
    if (may_crash(some)) {
        cut_power(some);
    }
}

bool Faults::on_moment(NodeIndex node, Moment moment) {
    const auto waiting = cuts_.find(node);
    if (waiting == cuts_.end() || waiting->second != moment || !may_crash(node)) {
        return false;
    }
    cuts_.erase(waiting);
    // Its core is at work just now: the power goes before anything else happens.
    victims_.schedule().after(Duration::zero(), [this, node, storm = storm_] {
        if (storm == storm_ && victims_.node(node).is_up()) {
            cut_power(node);
        }
    });
    return moment == Moment::at_work;
}

void Faults::cut_power(NodeIndex node) {
    victims_.crash_node(node);
    // Some come back before anybody has noticed.
    const Duration away = prng_.chance(1, 3) ? slot_ / 10 : slots(0, 15);
    victims_.schedule().after(away, [this, node, storm = storm_] {
        if (storm == storm_ && !victims_.node(node).is_up()) {
            victims_.start_node(node);
        }
    });
}

// As many of the honest on each side, and one of each pair of twins.
std::vector<std::uint32_t> Faults::even_sides() {
    std::vector<std::uint32_t> sides(victims_.node_count());
    std::vector<NodeIndex> others(victims_.node_count());
    std::iota(others.begin(), others.end(), NodeIndex{0});
    for (const auto& [first, second] : victims_.twins()) {
        sides[second] = 1;
        std::erase(others, first);
        std::erase(others, second);
    }
    for (std::size_t i = 0; i < others.size(); ++i) {
        std::swap(others[i], others[i + prng_.below(others.size() - i)]);
        sides[others[i]] = static_cast<std::uint32_t>(i % 2);
    }
    return sides;
}

void Faults::part() {
    const bool evenly = prng_.chance(1, 2);
    std::vector<std::uint32_t> sides = even_sides();
    if (!evenly) {
        for (auto& side : sides) {
            side = static_cast<std::uint32_t>(prng_.below(2));
        }
    }
    std::string text = "the network parts:";
    for (const auto& side : sides) {
        text += side == 0 ? " a" : " b";
    }
    victims_.note(std::move(text));
    victims_.network().part(std::move(sides));
    victims_.schedule().after(slots(evenly ? 10 : 1, 25), [this, storm = storm_] {
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
