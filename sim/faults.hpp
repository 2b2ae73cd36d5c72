// What goes wrong in a run, and when: drawn from the seed while a storm lasts.
//
// A storm begins with its weather and then, every few slots, one fault: a connection breaks, a node
// crashes and comes back, a clock is set, a disk is slow, the network parts. Each fault ends by
// itself; `calm` ends all.
//
// Chance seldom finds the worst moment, so that some faults look for it: the power goes right after
// a node has finalised, voted or imported, or within a job that writes the chain; the network parts
// so that both halves have as many honest validators and one of each pair of twins, long enough for
// forks that voters would vote for.
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
    /// Nodes that sign with the same keys.
    virtual const std::vector<std::pair<NodeIndex, NodeIndex>>& twins() const = 0;
};

/// What a power cut waits for.
enum class Moment : std::uint8_t { finalized, voted, imported, at_work };

class Faults {
 public:
    Faults(Victims& victims, FaultLevel level, Duration slot, Seed seed)
        : victims_(victims), level_(level), slot_(slot), prng_(seed) {}

    void storm();
    /// Everybody up, everybody connected, clocks right.
    void calm();
    /// A node has just done something, or is about to write (at_work); the power may go now. True
    /// when it does, within the work.
    bool on_moment(NodeIndex node, Moment moment);

 private:
    void plan_next();
    void strike();
    void crash_one();
    void cut_power(NodeIndex node);
    bool may_crash(NodeIndex node);
    void part();
    std::vector<std::uint32_t> even_sides();
    void set_clock(NodeIndex node);
    Duration slots(std::uint64_t low, std::uint64_t high);

    Victims& victims_;
    const FaultLevel level_;
    const Duration slot_;
    Prng prng_;
    std::map<NodeIndex, Moment> cuts_;  ///< power cuts that wait for their moment
    std::uint64_t storm_ = 0;           ///< even: calm; what an earlier storm planned is void
};

}  // namespace stipple::sim
