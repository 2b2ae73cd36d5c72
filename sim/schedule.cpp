#include "sim/schedule.hpp"

#include <algorithm>

namespace stipple::sim {

void Schedule::at(Instant when, Action action) {
    heap_.push_back({std::max(when, now_), next_sequence_++, std::move(action)});
    std::push_heap(heap_.begin(), heap_.end(), later);
}

bool Schedule::step() {
    if (heap_.empty()) {
        return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Planned next = std::move(heap_.back());
    heap_.pop_back();
    steps_of_instant_ = next.when == now_ ? steps_of_instant_ + 1 : 0;
    ++steps_;
    now_ = next.when;
    next.action();
    return true;
}

}  // namespace stipple::sim
