#include "sim/disk.hpp"

namespace stipple::sim {

Result<> ForgetfulStore::commit(const WriteBatch& batch, Durability durability) {
    ++batches_;
    if (within_) {
        within_->push_back({store_.columns(), before_});
    }
    if (forgets_) {
        if (durability == Durability::synced) {
            before_.clear();
        } else {
            before_.push_back(store_.columns());
            if (before_.size() > kUnsyncedBatchesMax) {
                before_.pop_front();
            }
        }
    }
    return store_.commit(batch, durability);
}

std::size_t ForgetfulStore::crash(Prng& prng) {
    if (const auto within = std::exchange(within_, std::nullopt)) {
        const std::size_t done = prng.below(within->size() + 1);
        if (done < within->size()) {
            store_.restore((*within)[done].columns);
            before_ = (*within)[done].before;
        }
    }
    const std::size_t lost = prng.below(before_.size() + 1);
    if (lost > 0) {
        store_.restore(before_[before_.size() - lost]);
    }
    before_.clear();
    return lost;
}

}  // namespace stipple::sim
