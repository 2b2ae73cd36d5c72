#include "sim/schedule.hpp"

#include <algorithm>
#include <utility>

namespace stipple::sim {

void Schedule::at(Instant when, Action action) {
    if (free_.empty()) {
        free_.push_back(actions_.size());
        actions_.emplace_back();
    }
    const std::size_t place = free_.back();
    free_.pop_back();
    actions_[place] = std::move(action);
    heap_.push_back({std::max(when, now_), next_sequence_++, place});
    std::push_heap(heap_.begin(), heap_.end(), later);
}

bool Schedule::step() {
    if (heap_.empty()) {
        return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Planned next = heap_.back();
    heap_.pop_back();
    const Action action = std::exchange(actions_[next.action], nullptr);
    free_.push_back(next.action);
    steps_of_instant_ = next.when == now_ ? steps_of_instant_ + 1 : 0;
    ++steps_;
    now_ = next.when;
    action();
    return true;
}

}  // namespace stipple::sim
