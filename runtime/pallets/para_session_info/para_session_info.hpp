// ParaSessionInfo: who the parachains' validators of the last sessions are, and how they approve.
//
// Spec: chap-parachains (session information). Validators judge candidates of the sessions of which
// a dispute may still come, so the chain keeps that many. To parachains a session begins with the
// child of the block that opens it: that block itself is of the session before, which is why the
// last session alone would not do even on a chain without parachains, such as this.
#pragma once

#include "pallets/session/session.hpp"

namespace stipple::runtime {

/// Indices are places in the list of validators.
struct SessionInfo {
    std::vector<std::uint32_t> active_validator_indices;
    Hash random_seed;
    SessionIndex dispute_period = 0;
    std::vector<crypto::Sr25519Public> validators;
    std::vector<crypto::Sr25519Public> discovery_keys;
    std::vector<crypto::Sr25519Public> assignment_keys;
    std::vector<std::vector<std::uint32_t>> validator_groups;
    std::uint32_t n_cores = 0;
    std::uint32_t zeroth_delay_tranche_width = 0;
    std::uint32_t relay_vrf_modulo_samples = 0;
    std::uint32_t n_delay_tranches = 0;
    std::uint32_t no_show_slots = 0;
    std::uint32_t needed_approvals = 0;
    friend bool operator==(const SessionInfo&, const SessionInfo&) = default;
    static auto fields(auto& self) {
        return std::tie(self.active_validator_indices, self.random_seed, self.dispute_period,
                        self.validators, self.discovery_keys, self.assignment_keys,
                        self.validator_groups, self.n_cores, self.zeroth_delay_tranche_width,
                        self.relay_vrf_modulo_samples, self.n_delay_tranches, self.no_show_slots,
                        self.needed_approvals);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::SessionInfo",
        {"active_validator_indices", "random_seed", "dispute_period", "validators",
         "discovery_keys", "assignment_keys", "validator_groups", "n_cores",
         "zeroth_delay_tranche_width", "relay_vrf_modulo_samples", "n_delay_tranches",
         "no_show_slots", "needed_approvals"}};
};

struct ParaSessionInfo : Pallet<ParaSessionInfo> {
    static constexpr std::string_view kName = "ParaSessionInfo";
    static constexpr std::string_view kPath = "polkadot_runtime_parachains::session_info";

    static constexpr StorageValue<SessionIndex> earliest_stored_session{
        kName, "EarliestStoredSession", "The earliest session for which information is kept."};
    static constexpr StorageMap<Identity<SessionIndex>, Optional<SessionInfo>> sessions{
        kName, "Sessions", "Session information in a rolling window."};
    static constexpr auto storage = list(earliest_stored_session, sessions);

    static void note_session(SessionIndex session, const ValidatorKeys& validators,
                             const Hash& random_seed);
    /// For a chain that had sessions before it had this pallet: validators must not have to wait
    /// for the next one. The keys are the last that the present validators have set.
    static Weight begin_with_present_session();
};

}  // namespace stipple::runtime
