#include "node/checkpoint.hpp"

#include "chain/spec/light_sync_state.hpp"
#include "consensus/grandpa/voter_set.hpp"

#include <algorithm>

namespace stipple::node {
namespace {

Error fault(std::string_view member, std::string_view what) {
    return Error("the chain specification's checkpoint is wrong: lightSyncState." +
                 std::string(member) + ": " + std::string(what));
}

/// Sets end one after another, the last of them before the one in force. Their last blocks need not
/// rise: on Westend a forced change ended set 5674 at a lower block than 5673.
bool are_in_line(const chain::StoredAuthoritySet& set, BlockNumber finalized) {
    const auto& ended = set.ended;
    for (std::size_t n = 0; n < ended.size(); ++n) {
        const auto next = n + 1 < ended.size() ? ended[n + 1].first : set.id;
        if (ended[n].first.value + 1 != next.value) {
            return false;
        }
    }
    return ended.empty() || ended.back().second <= finalized;
}

Result<> check_set(const chain::LightSyncState& state) {
    const auto& set = state.authorities;
    constexpr std::string_view kMember = "grandpaAuthoritySet";
    if (!grandpa::VoterSet::create(set.authorities)) {
        return std::unexpected(fault(kMember, "authorities that form no set"));
    }
    if (!are_in_line(set, state.finalized.number)) {
        return std::unexpected(fault(kMember, "ended sets that do not lead to the one in force"));
    }
    // Changes may be pending that blocks above the finalised one announced: they are not ours yet.
    const auto change = grandpa::find_change(state.finalized);
    const auto* now = change ? std::get_if<grandpa::ScheduledChange>(&*change) : nullptr;
    if (now != nullptr && now->delay == 0 && now->next_authorities != set.authorities) {
        return std::unexpected(
            fault(kMember, "not the set that the finalised block hands over to"));
    }
    return {};
}

Result<> check_epochs(const chain::LightSyncState& state) {
    const auto digest = babe::find_pre_digest(state.finalized);
    if (!digest) {
        return std::unexpected(fault("finalizedBlockHeader", "no BABE slot"));
    }
    const Slot slot = babe::slot_of(*digest);
    const auto holds = [slot](const babe::Epoch& epoch) {
        return epoch.start <= slot && slot < epoch.end() && !epoch.authorities.empty();
    };
    const bool known = std::ranges::any_of(state.epochs.epochs, [&](const auto& each) {
        return holds(each.second.last) || (each.second.first && holds(*each.second.first));
    });
    if (!known) {
        return std::unexpected(fault("babeEpochChanges", "no epoch of the finalised block's slot"));
    }
    return {};
}

}  // namespace

Result<std::optional<Checkpoint>> checkpoint_of(const chain::ChainSpec& spec) {
    if (spec.light_sync_state.is_null()) {
        return std::nullopt;
    }
    const auto state = chain::read_light_sync_state(spec.light_sync_state);
    if (!state) {
        return fail("the chain specification's checkpoint is wrong: " + state.error());
    }
    if (state->finalized.number == 0) {
        return std::nullopt;
    }
    TRY(check_set(*state));
    TRY(check_epochs(*state));
    const auto& set = state->authorities;
    // The newest proof may be of the checkpoint itself: it need only be above the set's beginning.
    const BlockNumber after = set.ended.empty() ? 0 : set.ended.back().second;
    Checkpoint checkpoint{state->finalized.ref(), {set.id, set.authorities, after}, {}};
    for (const auto& [id, last] : set.ended) {
        checkpoint.past.push_back({id, last});
    }
    return checkpoint;
}

}  // namespace stipple::node
