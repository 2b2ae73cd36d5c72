#include "consensus/babe/equivocation.hpp"

#include "consensus/babe/limits.hpp"

namespace stipple::babe {

std::optional<EquivocationProof> EquivocationBook::note(const VerifiedHeader& block,
                                                        Slot slot_now) {
    while (!slots_.empty() && slots_.begin()->first + kEquivocationSlots < slot_now) {
        count_ -= slots_.begin()->second.size();
        slots_.erase(slots_.begin());
    }
    if (block.slot() + kEquivocationSlots < slot_now) {
        return std::nullopt;
    }
    auto& authors = slots_[block.slot()];
    const auto [known, added] = authors.try_emplace(block.author(), block.header());
    if (!added) {
        if (known->second == block.header()) {
            return std::nullopt;
        }
        return EquivocationProof{block.author(), block.slot(), known->second, block.header()};
    }
    ++count_;
    while (count_ > kEquivocationHeadersMax) {
        count_ -= slots_.begin()->second.size();
        slots_.erase(slots_.begin());
    }
    return std::nullopt;
}

}  // namespace stipple::babe
