#include "libp2p/kademlia/lookup.hpp"

namespace stipple::libp2p::kademlia {

Lookup::Candidate* Lookup::find(const PeerId& peer) {
    const auto found = candidates_.find(distance(target_, key_of(peer)));
    return found == candidates_.end() ? nullptr : &found->second;
}

void Lookup::add(const PeerInfo& peer) {
    const auto [entry, added] = candidates_.try_emplace(distance(target_, key_of(peer.peer)),
                                                        Candidate{.info = peer, .due = {}});
    if (!added) {
        std::vector<Multiaddr>& known = entry->second.info.addresses;
        for (const Multiaddr& address : peer.addresses) {
            if (known.size() < kAddressesPerPeerMax &&
                std::find(known.begin(), known.end(), address) == known.end()) {
                known.push_back(address);
            }
        }
    } else if (candidates_.size() > kCandidatesMax) {
        drop_farthest();
    }
}

void Lookup::drop_farthest() {
    for (auto entry = candidates_.end(); entry != candidates_.begin();) {
        --entry;
        if (entry->second.state == State::known || entry->second.state == State::failed) {
            candidates_.erase(entry);
            return;
        }
    }
    // Never reached: the candidate that made it one too many was not asked yet.
}

std::size_t Lookup::under_way() const {
    std::size_t count = 0;
    for (const auto& [distance, candidate] : candidates_) {
        count += candidate.state == State::asked ? 1 : 0;
    }
    return count;
}

std::optional<PeerInfo> Lookup::to_ask(Instant now) {
    const bool stalled = answers_without_progress_ >= kParallelism;
    const std::size_t parallel = stalled ? std::max(results_, kParallelism) : kParallelism;
    if (requests_ >= kRequestsPerLookupMax || under_way() >= parallel) {
        return std::nullopt;
    }
    std::size_t hopeful = 0;  // nearer ones that answered or still may
    for (auto& [distance, candidate] : candidates_) {
        if (hopeful >= results_) {
            return std::nullopt;
        }
        if (candidate.state == State::known) {
            candidate.state = State::asked;
            candidate.due = now + kPeerTimeout;
            ++requests_;
            return candidate.info;
        }
        hopeful += candidate.state == State::asked || candidate.state == State::answered ? 1 : 0;
    }
    return std::nullopt;
}

void Lookup::on_answer(const PeerId& peer, std::span<const PeerInfo> closer) {
    Candidate* asked = find(peer);
    if (asked == nullptr || (asked->state != State::asked && asked->state != State::late)) {
        return;
    }
    asked->state = State::answered;
    const Distance nearest = candidates_.begin()->first;
    for (const PeerInfo& info : closer.first(std::min(closer.size(), kBucketSize))) {
        add(info);
    }
    answers_without_progress_ =
        candidates_.begin()->first < nearest ? 0 : answers_without_progress_ + 1;
}

bool Lookup::on_failure(const PeerId& peer) {
    Candidate* asked = find(peer);
    if (asked == nullptr || (asked->state != State::asked && asked->state != State::late)) {
        return false;
    }
    const bool expected = asked->state == State::asked;
    asked->state = State::failed;
    return expected;
}

std::vector<PeerId> Lookup::expire(Instant now) {
    std::vector<PeerId> late;
    for (auto& [distance, candidate] : candidates_) {
        if (candidate.state == State::asked && candidate.due <= now) {
            candidate.state = State::late;
            late.push_back(candidate.info.peer);
        }
    }
    return late;
}

bool Lookup::done() const {
    std::size_t answered = 0;
    const bool may_ask = requests_ < kRequestsPerLookupMax;
    for (const auto& [distance, candidate] : candidates_) {
        if (answered >= results_) {
            return true;
        }
        if (candidate.state == State::asked || (candidate.state == State::known && may_ask)) {
            return false;
        }
        answered += candidate.state == State::answered ? 1 : 0;
    }
    return true;
}

std::optional<Instant> Lookup::wake_at() const {
    std::optional<Instant> earliest;
    for (const auto& [distance, candidate] : candidates_) {
        if (candidate.state == State::asked && (!earliest || candidate.due < *earliest)) {
            earliest = candidate.due;
        }
    }
    return earliest;
}

std::vector<PeerInfo> Lookup::closest() const {
    std::vector<PeerInfo> peers;
    for (const auto& [distance, candidate] : candidates_) {
        if (candidate.state == State::answered && peers.size() < results_) {
            peers.push_back(candidate.info);
        }
    }
    return peers;
}

}  // namespace stipple::libp2p::kademlia
