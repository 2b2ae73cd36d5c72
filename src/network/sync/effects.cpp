#include "network/sync/effects.hpp"

namespace stipple::network::sync {

Protocol SendRequest::protocol() const {
    if (std::holds_alternative<BlockRequest>(body)) {
        return Protocol::sync;
    }
    return std::holds_alternative<StateRequest>(body) ? Protocol::state : Protocol::warp;
}

Bytes SendRequest::payload() const {
    return std::visit([](const auto& request) { return encode(request); }, body);
}

const char* describe(SyncState state) {
    switch (state) {
        case SyncState::idle:
            return "idle";
        case SyncState::waiting_for_peers:
            return "waiting for peers";
        case SyncState::warp_proofs:
            return "downloading finality proofs";
        case SyncState::state_target:
            return "downloading target block";
        case SyncState::state:
            return "downloading state";
        case SyncState::state_finishing:
            return "importing state";
        case SyncState::downloading:
            return "downloading blocks";
        case SyncState::importing:
            return "importing blocks";
    }
    return "unknown";
}

}  // namespace stipple::network::sync
