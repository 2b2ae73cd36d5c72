// Who seals or votes twice before honest eyes is reported on the chain: within kReportSlots calm
// slots (times the slots per block) from when an honest node saw it, as long as a node that saw it
// has not crashed since. A crash takes the report with it: it lies in the pool, which no disk
// holds.
//
// Bounds: the newest kOffencesKept that are not on the chain yet.
#pragma once

#include "sim/checkers/checker.hpp"

#include <map>
#include <set>

namespace stipple::sim {

/// A report is in the blocks of its witness alone; with seven validators one has no block in this
/// many slots once in a million years of them.
inline constexpr std::uint64_t kReportSlots = 100;

class ReportsChecker final : public Checker {
 public:
    static constexpr std::size_t kOffencesKept = 2000;

    ReportsChecker(Verdict& verdict, const Population& population, std::uint64_t slots_per_block)
        : Checker(verdict, population), slots_max_(kReportSlots * slots_per_block) {}

    void on_reported(NodeIndex node, const Offence& offence) override;
    void on_crash(NodeIndex node) override;
    void on_slot(bool calm, Nodes nodes) override;

    /// Offences that came to be on the chain.
    std::uint64_t punished() const { return punished_; }
    /// Most calm slots that took.
    std::uint64_t slots_to_report() const { return slots_to_report_; }

 private:
    struct Seen {
        std::set<NodeIndex> witnesses;
        std::uint64_t calm_slots = 0;
    };
    const std::uint64_t slots_max_;
    std::map<Bytes, Seen> seen_;  ///< by place, not on the chain yet
    std::set<Bytes> done_;        ///< on the chain
    std::uint64_t punished_ = 0;
    std::uint64_t slots_to_report_ = 0;
};

}  // namespace stipple::sim
