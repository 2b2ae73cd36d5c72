// More validators leave for good than a set tolerates: what a forced change is for.
#include "sim/cluster.hpp"
#include "sim/toy/clockwork.hpp"
#include "sim/toy/runtime.hpp"

namespace stipple::sim {

namespace {

/// Finality as it was: what was voted for already may still become final.
constexpr std::uint64_t kLastFinalitySlots = 10;
constexpr std::uint64_t kStallSlots = 30;
constexpr BlockNumber kFirstBlocks = 5;
/// Sessions from the first note to the change: the present one, and two whose blocks may be lost.
constexpr std::uint64_t kSessionsToChange = 3;

}  // namespace

std::vector<std::uint32_t> Cluster::lose_validators() {
    std::vector<NodeIndex> honest;
    for (NodeIndex i = 0; i < parameters_.nodes; ++i) {
        if (population_.honest(i)) {
            honest.push_back(i);
        }
    }
    // Rotation may leave one of them out: so one more than it takes.
    std::vector<std::uint32_t> lost;
    for (std::size_t count = tolerated(rules_) + 2; count > 0 && honest.size() > 1; --count) {
        const std::size_t drawn = prng_.below(honest.size());
        lost.push_back(static_cast<std::uint32_t>(honest[drawn]));
        honest.erase(honest.begin() + static_cast<std::ptrdiff_t>(drawn));
    }
    for (const std::uint32_t index : lost) {
        if (nodes_[index]->is_up()) {
            nodes_[index]->crash();
        }
        gone_.insert(index);
    }
    return lost;
}

void Cluster::note_stall(const std::vector<std::uint32_t>& gone) {
    const Extrinsic note = toy::note_stalled({.finalized = lowest_finalized(), .gone = gone});
    for (const auto& node : nodes_) {
        node->handle(node::TransactionSubmitted{.request = 0,
                                                .extrinsic = note,
                                                .watch = false,
                                                .source = chain::pool::Source::external});
    }
}

bool Cluster::run_stall() {
    const std::uint64_t per_block = slots_for(1, rules_);
    const auto pass = [this](std::uint64_t slots) {
        while (slots > 0 && run_slot(false)) {
            --slots;
        }
        return slots == 0;
    };
    // 1. A chain that finalises, and then does not.
    faults_->calm();
    if (!run_until_final(kFirstBlocks)) {
        return false;
    }
    const auto lost = lose_validators();
    record_.note("validators leave for good");
    if (!pass(kLastFinalitySlots * per_block)) {
        return false;
    }
    const BlockNumber last = lowest_finalized();
    faults_->storm();
    if (!pass(kStallSlots * per_block)) {
        return false;
    }
    stalled_ = lowest_finalized() == last;
    // 2. Those who are left change the set by force.
    record_.note("the stall is noted on the chain");
    for (std::uint64_t session = 0; session < kSessionsToChange; ++session) {
        note_stall(lost);  // crashes may have lost it
        if (!pass(rules_.epoch_length_slots)) {
            return false;
        }
    }
    if (!pass(2 * toy::kForcedDelay * per_block) || !run_calm()) {
        return false;
    }
    // 3. The others come back, and follow.
    record_.note("those who had left are back");
    gone_.clear();
    return run_calm();
}

}  // namespace stipple::sim
