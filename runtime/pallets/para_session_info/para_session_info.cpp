#include "pallets/para_session_info/para_session_info.hpp"

#include "pallets/babe/babe.hpp"
#include "parachain_config.hpp"

namespace stipple::runtime {

void ParaSessionInfo::note_session(SessionIndex session, const ValidatorKeys& validators,
                                   const Hash& random_seed) {
    SessionIndex earliest = earliest_stored_session.get();
    for (; session - earliest > config::kDisputePeriod; ++earliest) {
        sessions.remove(earliest);
    }
    earliest_stored_session.set(earliest);

    // No cores, so no groups that back candidates; the rest is as the relay chains have it.
    SessionInfo info;
    info.random_seed = random_seed;
    info.dispute_period = config::kDisputePeriod;
    info.zeroth_delay_tranche_width = config::kZerothDelayTrancheWidth;
    info.relay_vrf_modulo_samples = config::kRelayVrfModuloSamples;
    info.n_delay_tranches = config::kDelayTranches;
    info.no_show_slots = config::kNoShowSlots;
    info.needed_approvals = config::kNeededApprovals;
    for (const auto& [who, keys] : validators) {
        info.active_validator_indices.push_back(static_cast<std::uint32_t>(info.validators.size()));
        info.validators.push_back(keys.para_validator);
        info.discovery_keys.push_back(keys.authority_discovery);
        info.assignment_keys.push_back(keys.para_assignment);
    }
    sessions.insert(session, info);
}

Weight ParaSessionInfo::begin_with_present_session() {
    const SessionIndex session = Session::current_index.get();
    const Weight looked = work(5, 2, 0);
    if (sessions.contains(session)) {
        return looked;
    }
    ValidatorKeys present;
    for (const AccountId& who : Session::validators.get()) {
        if (const auto keys = Session::next_keys.get(who)) {
            present.emplace_back(who, *keys);
        }
    }
    earliest_stored_session.set(session);
    note_session(session, present, Hash(Babe::randomness.get().bytes));
    return looked + work(20, 3, 2) + work(5, 1, 0) * present.size();
}

}  // namespace stipple::runtime
