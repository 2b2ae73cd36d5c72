// The rules of the toy chain: who the validators are, how slots and epochs run, and how authority
// sets change. They are its code: the blob under `:code` is a magic word and these rules, encoded.
#pragma once

#include "primitives/babe.hpp"
#include "primitives/beefy.hpp"
#include "primitives/grandpa.hpp"

namespace stipple::sim::toy {

struct Validator {
    crypto::Sr25519Public babe;
    grandpa::AuthorityId grandpa;
    beefy::AuthorityId beefy;
    friend bool operator==(const Validator&, const Validator&) = default;
    static auto fields(auto& self) { return std::tie(self.babe, self.grandpa, self.beefy); }
};

struct Rules {
    std::vector<Validator> validators;
    std::uint64_t slot_duration_ms = 6000;
    std::uint64_t epoch_length_slots = 20;
    babe::SlotShare share;
    babe::AllowedSlots allowed_slots = babe::AllowedSlots::primary_and_secondary_vrf;
    /// With rotation each session leaves one validator out, another one each time (of five or
    /// more), and lists the rest from another place.
    bool rotate = true;
    /// Blocks between the signal of a GRANDPA change and the block that enacts it.
    BlockNumber change_delay = 0;
    /// Every third session the share of primary slots changes.
    bool change_config = true;
    /// BEEFY from block 1 on, with the validators of the session.
    bool beefy = false;
    static auto fields(auto& self) {
        return std::tie(self.validators, self.slot_duration_ms, self.epoch_length_slots, self.share,
                        self.allowed_slots, self.rotate, self.change_delay, self.change_config,
                        self.beefy);
    }

    /// Indices of the validators of a session; those who are gone serve in none.
    std::vector<std::size_t> active(std::uint64_t session,
                                    const std::vector<std::uint32_t>& gone = {}) const;
    babe::AuthorityList babe_authorities(std::uint64_t session,
                                         const std::vector<std::uint32_t>& gone = {}) const;
    grandpa::AuthorityList grandpa_authorities(std::uint64_t session,
                                               const std::vector<std::uint32_t>& gone = {}) const;
    beefy::ValidatorSet beefy_validators(std::uint64_t session,
                                         const std::vector<std::uint32_t>& gone = {}) const;
    babe::EpochConfig epoch_config(std::uint64_t session) const;
};

Bytes encode_code(const Rules& rules);
/// Absent for any other blob.
std::optional<Rules> decode_code(ByteView code);

}  // namespace stipple::sim::toy
