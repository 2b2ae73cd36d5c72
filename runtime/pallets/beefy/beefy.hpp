// BEEFY: who signs commitments for bridges, session by session.
//
// Spec: sect-beefy. Every session has a set of its own with the next id, announced in the digest of
// its first block, whether or not the validators changed. Signing begins at the genesis block that
// Root names; until then the sets are only kept.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/session/session.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct BeefyValidatorSet {
    std::vector<crypto::EcdsaPublic> validators;
    std::uint64_t id = 0;
    friend bool operator==(const BeefyValidatorSet&, const BeefyValidatorSet&) = default;
    static auto fields(auto& self) { return std::tie(self.validators, self.id); }
    static constexpr TypeName kType{"sp_consensus_beefy::ValidatorSet", {"validators", "id"}};
};

struct Beefy : Pallet<Beefy> {
    static constexpr std::string_view kName = "Beefy";
    static constexpr std::uint64_t kMaxSetIdSessionEntries = config::kHistoricalSessions;
    using Authorities = BoundedVec<crypto::EcdsaPublic, config::kMaxAuthorities>;

    // ---- storage ----
    static constexpr StorageValue<Authorities> authorities{kName, "Authorities",
                                                           "The keys that sign now."};
    static constexpr StorageValue<std::uint64_t> validator_set_id{kName, "ValidatorSetId",
                                                                  "The id of their set."};
    static constexpr StorageValue<Authorities> next_authorities{
        kName, "NextAuthorities", "The keys that sign in the next session."};
    static constexpr StorageMap<Twox64Concat<std::uint64_t>, Optional<SessionIndex>> set_id_session{
        kName, "SetIdSession", "The session of each of the last sets."};
    static constexpr StorageValue<std::optional<BlockNumber>> genesis_block{
        kName, "GenesisBlock", "The block at which signing begins."};
    static constexpr auto storage =
        list(authorities, validator_set_id, next_authorities, set_id_session, genesis_block);

    // ---- errors ----
    static constexpr ModuleErrorInfo kInvalidConfiguration{
        6, "InvalidConfiguration", "The new genesis block is not in the future."};
    static constexpr auto errors = list(kInvalidConfiguration);

    // ---- calls ----
    static DispatchResult set_new_genesis(const Origin& origin, BlockNumber delay_in_blocks);
    static constexpr auto calls =
        list(call<2>("set_new_genesis", &set_new_genesis, {"delay_in_blocks"}, work(5, 0, 1),
                     "Begin, or begin anew, to sign after so many blocks."));

    // ---- constants ----
    static constexpr auto constants = list(
        constant(
            "MaxAuthorities", [] { return config::kMaxAuthorities; }, "Keys of a set, at most."),
        constant(
            "MaxSetIdSessionEntries", [] { return kMaxSetIdSessionEntries; },
            "Sets whose sessions are kept."));

    // ---- for other pallets and APIs ----
    static void on_genesis_session(const ValidatorKeys& validators);
    static void on_new_session(const ValidatorKeys& validators, const ValidatorKeys& queued,
                               SessionIndex session);
    static void on_disabled(std::uint32_t validator);
    /// Absent while nobody can sign.
    static std::optional<BeefyValidatorSet> validator_set();
};

}  // namespace stipple::runtime
