#include "sim/checkers/reports.hpp"

#include "sim/node.hpp"
#include "sim/toy/offences.hpp"

namespace stipple::sim {

void ReportsChecker::on_reported(NodeIndex node, const Offence& offence) {
    if (!population_.honest(node) || offence.place.empty() || done_.contains(offence.place)) {
        return;
    }
    if (seen_.size() >= kOffencesKept && !seen_.contains(offence.place)) {
        return;
    }
    seen_[offence.place].witnesses.insert(node);
}

void ReportsChecker::on_crash(NodeIndex node) {
    for (auto it = seen_.begin(); it != seen_.end();) {
        it->second.witnesses.erase(node);
        it = it->second.witnesses.empty() ? seen_.erase(it) : std::next(it);
    }
}

void ReportsChecker::on_slot(bool calm, Nodes nodes) {
    for (auto it = seen_.begin(); it != seen_.end();) {
        Seen& seen = it->second;
        const NodeIndex witness = *seen.witnesses.begin();
        const chain::Chain& chain = nodes[witness]->chain();
        // Final, so that no fork takes it away again.
        if (toy::has_offence(chain, chain.heads().finalized.hash, it->first)) {
            ++punished_;
            slots_to_report_ = std::max(slots_to_report_, seen.calm_slots);
            if (done_.size() >= kOffencesKept) {
                done_.clear();
            }
            done_.insert(it->first);
            it = seen_.erase(it);
            continue;
        }
        seen.calm_slots += calm ? 1 : 0;
        if (seen.calm_slots > slots_max_) {
            verdict_.fail(
                "no report: node {} saw an equivocation {}, which is not on the chain {} calm "
                "slots later",
                witness, to_hex0x(it->first), slots_max_);
        }
        ++it;
    }
}

}  // namespace stipple::sim
