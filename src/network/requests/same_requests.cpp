#include "network/requests/same_requests.hpp"

namespace stipple::network::requests {

bool SameRequests::is_too_often(Instant now, PeerKey peer, const QuestionKey& key) {
    const Key full{peer, key};
    const auto [found, is_new] = seen_.try_emplace(full);
    Seen& seen = found->second;
    // The newest stands last.
    if (is_new) {
        by_order_.emplace_hint(by_order_.end(), next_order_, full);
    } else {
        auto entry = by_order_.extract(seen.order);
        entry.key() = next_order_;
        by_order_.insert(by_order_.end(), std::move(entry));
    }
    seen.order = next_order_++;
    if (seen_.size() > kSeenRequestsMax) {
        seen_.erase(by_order_.begin()->second);
        by_order_.erase(by_order_.begin());
    }
    if (seen.requests == 0) {
        return false;
    }
    if (now - seen.since > kSameRequestWindow) {
        seen.requests = 0;
        return false;
    }
    if (seen.requests < kSameRequestsMax) {
        ++seen.requests;
        return false;
    }
    return true;
}

void SameRequests::on_answered(Instant now, PeerKey peer, const QuestionKey& key) {
    const auto found = seen_.find({peer, key});
    if (found != seen_.end() && found->second.requests == 0) {
        found->second.requests = 1;
        found->second.since = now;
    }
}

void SameRequests::remove_peer(PeerKey peer) {
    const auto begin = seen_.lower_bound({peer, QuestionKey{}});
    const auto end = seen_.lower_bound({peer + 1, QuestionKey{}});
    for (auto entry = begin; entry != end; ++entry) {
        by_order_.erase(entry->second.order);
    }
    seen_.erase(begin, end);
}

}  // namespace stipple::network::requests
