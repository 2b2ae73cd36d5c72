#include "network/sync/justifications.hpp"

namespace stipple::network::sync {

void JustificationRequests::want(const BlockRef& block) {
    wanted_.try_emplace({block.number, block.hash}, WantedJustification{.block = block});
    if (wanted_.size() > kJustificationsMax) {
        wanted_.erase(std::prev(wanted_.end()));
    }
}

void JustificationRequests::settle(BlockNumber finalized) {
    const std::size_t before = wanted_.size();
    while (!wanted_.empty() && wanted_.begin()->first.first <= finalized) {
        wanted_.erase(wanted_.begin());
    }
    for (auto& [key, wanted] : wanted_) {
        if (wanted_.size() != before) {
            wanted.retry_at = {};
        }
    }
}

WantedJustification* JustificationRequests::find(const BlockHash& block) {
    for (auto& [key, wanted] : wanted_) {
        if (key.second == block) {
            return &wanted;
        }
    }
    return nullptr;
}

WantedJustification* JustificationRequests::find_job(JobId job) {
    for (auto& [key, wanted] : wanted_) {
        if (wanted.job == job) {
            return &wanted;
        }
    }
    return nullptr;
}

void JustificationRequests::release(RequestId request) {
    for (auto& [key, wanted] : wanted_) {
        if (wanted.request == request) {
            wanted.request.reset();
        }
    }
}

void JustificationRequests::remove_peer(PeerKey peer) {
    for (auto& [key, wanted] : wanted_) {
        wanted.tried.erase(peer);
    }
}

std::vector<WantedJustification*> JustificationRequests::active(Instant now) {
    std::vector<WantedJustification*> lowest;
    for (auto& [key, wanted] : wanted_) {
        if (lowest.size() == kJustificationsInFlightMax) {
            break;
        }
        if (wanted.retry_at <= now) {
            lowest.push_back(&wanted);
        }
    }
    return lowest;
}

void JustificationRequests::note_tried(WantedJustification& wanted, PeerKey peer) {
    if (wanted.tried.size() >= kJustificationPeersTriedMax) {
        wanted.tried.clear();
    }
    wanted.tried.insert(peer);
}

std::optional<Instant> JustificationRequests::retry_at(Instant now) const {
    std::optional<Instant> earliest;
    for (const auto& [key, wanted] : wanted_) {
        if (wanted.is_idle() && wanted.retry_at > now &&
            (!earliest || wanted.retry_at < *earliest)) {
            earliest = wanted.retry_at;
        }
    }
    return earliest;
}

void JustificationRequests::clear() {
    wanted_.clear();
}

}  // namespace stipple::network::sync
