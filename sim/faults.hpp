// What goes wrong in a run, and when: drawn from the seed while a storm lasts.
//
// A storm begins with its weather and then, every few slots, one fault: a connection breaks, a node
// crashes and comes back, a clock is set, a disk is slow, the network parts. Each fault ends by
// itself; `calm` ends all.
#pragma once

#include "sim/parameters.hpp"

#include <fmt/format.h>

namespace stipple::sim {

/// What faults act on; the cluster.
class Victims {
 public:
    virtual ~Victims() = default;
    virtual std::size_t node_count() const = 0;
    virtual Node& node(NodeIndex index) = 0;
    virtual Network& network() = 0;
    virtual Schedule& schedule() = 0;
    virtual void start_node(NodeIndex index) = 0;
    virtual void crash_node(NodeIndex index) = 0;
    virtual void note(std::string line) = 0;
};

class Faults {
 public:
    Faults(Victims& victims, FaultLevel level, Duration slot, Seed seed)
        : victims_(victims), level_(level), slot_(slot), prng_(seed) {}

    void storm();
    /// Everybody up, everybody connected, clocks right.
    void calm();

 private:
    void plan_next();
    void strike();
    void crash_one();
    void part();
    void set_clock(NodeIndex node);
    Duration slots(std::uint64_t low, std::uint64_t high);

    Victims& victims_;
    const FaultLevel level_;
    const Duration slot_;
    Prng prng_;
    std::uint64_t storm_ = 0;  ///< even: calm; what an earlier storm planned is void
};

}  // namespace stipple::sim
