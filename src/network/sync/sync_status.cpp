// What others see of sync: how far it is, and whether it is far behind.
#include "network/sync/sync.hpp"

#include <algorithm>

namespace stipple::network::sync {

std::optional<BlockNumber> Sync::median_best() const {
    std::vector<BlockNumber> numbers;
    for (const auto& [key, peer] : peers_) {
        if (peer.is_usable()) {
            numbers.push_back(peer.best.number);
        }
    }
    if (numbers.empty()) {
        return std::nullopt;
    }
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
    std::ranges::nth_element(numbers, middle);
    return *middle;
}

bool Sync::is_major_syncing() const {
    if (phase_ != Phase::following || takes_state()) {
        return true;
    }
    return median_is_ahead_by(kMajorSyncBlocks + 1);
}

// Without looking for the median: this is asked at every event.
bool Sync::median_is_ahead_by(BlockNumber blocks) const {
    std::size_t count = 0;
    std::size_t ahead = 0;
    for (const auto& [key, peer] : peers_) {
        if (peer.is_usable()) {
            const BlockNumber best = std::max(peer.best.number, best_.number);
            ++count;
            ahead += best - best_.number >= blocks ? 1U : 0U;
        }
    }
    return count > 0 && ahead >= count - count / 2;
}

SyncStatus Sync::status() const {
    SyncStatus status;
    status.best = best_.number;
    status.peers = peers_.size();
    status.queued_blocks = queue_.size();
    status.fork_targets = fetches_.size();
    status.wanted_justifications = justifications_.size();
    status.warp_fragments = warp_fragments_;
    status.warp_bytes = warp_bytes_;
    status.is_major = is_major_syncing();
    status.takes_state = takes_state();
    if (const auto median = median_best(); median && *median > best_.number) {
        status.target = median;
    }
    if (state_) {
        status.state_bytes = state_->bytes;
        status.state_percent = state_->percent();
    }
    if (history_) {
        status.history_remaining = history_->remaining();
    }
    switch (phase_) {
        case Phase::waiting_for_peers:
            status.state = SyncState::waiting_for_peers;
            break;
        case Phase::warp_proofs:
            status.state = SyncState::warp_proofs;
            break;
        case Phase::state_target:
            status.state = SyncState::state_target;
            break;
        case Phase::state:
            status.state = SyncState::state;
            break;
        case Phase::state_finishing:
            status.state = SyncState::state_finishing;
            break;
        case Phase::following:
            if (status.is_major) {
                const bool all_here = status.target && line_.tip().number >= *status.target;
                status.state =
                    line_.active() && all_here ? SyncState::importing : SyncState::downloading;
            }
            break;
    }
    return status;
}

std::optional<BlockRef> Sync::best_of(PeerKey key) const {
    const Peer* peer = peers_.find(key);
    return peer == nullptr ? std::nullopt : std::optional(peer->best);
}

std::size_t Sync::open_work() const {
    return requests_.size() + header_jobs_.size() + line_.ready_blocks() + queue_.size() +
           fetches_.size() + (state_ ? 1 : 0);
}

}  // namespace stipple::network::sync
