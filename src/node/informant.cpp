#include "node/informant.hpp"

#include <fmt/format.h>

namespace stipple::node {
namespace {

using network::sync::SyncState;
using network::sync::SyncStatus;

double mebibytes(std::size_t bytes) {
    return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

std::string activity(const SyncStatus& status, double blocks_per_second) {
    switch (status.state) {
        case SyncState::waiting_for_peers:
            return "Warping, waiting for peers";
        case SyncState::warp_proofs:
            return fmt::format("Warping, downloading finality proofs, {} sets, {:.2f} MiB",
                               status.warp_fragments, mebibytes(status.warp_bytes));
        case SyncState::state_target:
            return "State sync, downloading the target block";
        case SyncState::state:
            return fmt::format("State sync, {} %, {:.2f} MiB", status.state_percent,
                               mebibytes(status.state_bytes));
        case SyncState::state_finishing:
            return "State sync, importing the state";
        case SyncState::idle:
        case SyncState::downloading:
        case SyncState::importing:
            break;
    }
    if (status.is_major) {
        return fmt::format("Syncing {:.1f} bps{}", blocks_per_second,
                           status.target ? fmt::format(", target=#{}", *status.target) : "");
    }
    if (status.history_remaining && *status.history_remaining > 0) {
        return fmt::format("Block history, #{}", *status.history_remaining);
    }
    return "Idle";
}

}  // namespace

std::optional<std::string> Informant::look(Instant now, const SyncStatus& status,
                                           const chain::Heads& heads) {
    if (told_at_ && now - *told_at_ < kPeriod) {
        return std::nullopt;
    }
    double per_second = 0;
    if (told_at_ && heads.best.number > told_best_) {
        const std::chrono::duration<double> passed = now - *told_at_;
        per_second = (heads.best.number - told_best_) / passed.count();
    }
    told_at_ = now;
    told_best_ = heads.best.number;
    return fmt::format("{} ({} peers), best: #{} ({}), finalized #{} ({})",
                       activity(status, per_second), status.peers, heads.best.number,
                       heads.best.hash.hex(), heads.finalized.number, heads.finalized.hash.hex());
}

}  // namespace stipple::node
