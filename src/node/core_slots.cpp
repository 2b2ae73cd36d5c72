// When this node may sign, and the slots it asks for.
#include "consensus/authoring/pace.hpp"
#include "node/core.hpp"

namespace stipple::node {
namespace {

/// How often a node that is far behind looks whether it may sign.
constexpr std::chrono::seconds kWaitWhileSyncing{1};

}  // namespace

void Core::look_at_wait(Instant now) {
    if (!silent_until_ || now < *silent_until_) {
        return;
    }
    if (peering_.is_major_syncing()) {
        silent_until_ = now + kWaitWhileSyncing;
        return;
    }
    silent_until_.reset();
    if (voter_) {
        voter_->set_silent(false);
    }
}

void Core::claim_slot(Instant now, UnixMillis wall, EffectList& effects) {
    const std::uint64_t duration = config_.slot_duration_ms;
    const Slot slot(wall.value / duration);
    const auto into_slot = std::chrono::milliseconds(wall.value % duration);
    const Instant slot_began = now - into_slot;
    next_slot_at_ = slot_began + std::chrono::milliseconds(duration);
    if (slot <= last_slot_ || authoring_) {
        return;
    }
    last_slot_ = slot;
    if (silent_until_ || peering_.takes_state() ||
        (!config_.force_authoring && peering_.is_major_syncing())) {
        return;
    }
    authoring_ = true;
    effects.emplace_back(AuthorSlot{
        .slot = slot,
        .offline = peering_.is_offline(),
        .deadline = slot_began + authoring::proposal_time(std::chrono::milliseconds(duration)),
        .transactions = pool_.ready(),
        .order = std::nullopt});
}

}  // namespace stipple::node
