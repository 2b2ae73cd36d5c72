#include "chain/pool/ban_list.hpp"

namespace stipple::chain::pool {

void BanList::ban(Instant now, const ExtrinsicHash& hash) {
    if (time_ <= Duration::zero() || count_max_ == 0) {
        return;
    }
    lift(hash);
    if (until_.size() >= count_max_) {
        lift(ExtrinsicHash(by_order_.begin()->second));
    }
    until_.emplace(hash, Ban{now + time_, ++orders_});
    by_order_.emplace_hint(by_order_.end(), orders_, hash);
}

void BanList::lift(const ExtrinsicHash& hash) {
    if (const auto found = until_.find(hash); found != until_.end()) {
        by_order_.erase(found->second.order);
        until_.erase(found);
    }
}

bool BanList::is_banned(Instant now, const ExtrinsicHash& hash) const {
    const auto found = until_.find(hash);
    return found != until_.end() && now < found->second.until;
}

void BanList::expire(Instant now) {
    while (!by_order_.empty()) {
        const auto oldest = until_.find(by_order_.begin()->second);
        if (now < oldest->second.until) {
            return;
        }
        by_order_.erase(by_order_.begin());
        until_.erase(oldest);
    }
}

}  // namespace stipple::chain::pool
