// Virtual time: what happens next, in one thread.
//
// Events are ordered by their time and, at one time, by the order in which they were planned; so a
// run is a function of what was planned. Time stands still while an event runs.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace stipple::sim {

class Schedule {
 public:
    using Action = std::function<void()>;

    explicit Schedule(Instant start) : now_(start) {}
    Instant now() const { return now_; }
    /// A time that has passed is taken for now.
    void at(Instant when, Action action);
    void after(Duration delay, Action action) { at(now_ + delay, std::move(action)); }
    /// Runs the next event; false when there is none.
    bool step();

    std::size_t waiting() const { return heap_.size(); }
    std::uint64_t steps() const { return steps_; }
    /// Events run without time passing: a great many mean that somebody spins.
    std::uint64_t steps_of_instant() const { return steps_of_instant_; }

 private:
    /// Small, since it moves about in the heap; the action stays where it is.
    struct Planned {
        Instant when;
        std::uint64_t sequence = 0;
        std::size_t action = 0;  ///< in actions_
    };
    static bool later(const Planned& a, const Planned& b) {
        return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
    }

    Instant now_;
    std::vector<Planned> heap_;
    std::vector<Action> actions_;
    std::vector<std::size_t> free_;  ///< places in actions_
    std::uint64_t next_sequence_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t steps_of_instant_ = 0;
};

}  // namespace stipple::sim
