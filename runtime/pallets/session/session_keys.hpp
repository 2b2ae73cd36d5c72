// The keys a validator signs with, one for each job.
#pragma once

#include "kit/genesis.hpp"
#include "kit/type_info.hpp"

namespace stipple::runtime {

inline constexpr KeyTypeId kGrandpaKey = engine_id("gran");
inline constexpr KeyTypeId kBabeKey = engine_id("babe");
inline constexpr KeyTypeId kParaValidatorKey = engine_id("para");
inline constexpr KeyTypeId kParaAssignmentKey = engine_id("asgn");
inline constexpr KeyTypeId kAuthorityDiscoveryKey = engine_id("audi");
inline constexpr KeyTypeId kBeefyKey = engine_id("beef");

struct SessionKeys {
    crypto::Ed25519Public grandpa;
    crypto::Sr25519Public babe;
    crypto::Sr25519Public para_validator;
    crypto::Sr25519Public para_assignment;
    crypto::Sr25519Public authority_discovery;
    crypto::EcdsaPublic beefy;
    friend bool operator==(const SessionKeys&, const SessionKeys&) = default;
    static auto fields(auto& self) {
        return std::tie(self.grandpa, self.babe, self.para_validator, self.para_assignment,
                        self.authority_discovery, self.beefy);
    }
    static constexpr TypeName kType{
        "stipple_runtime::SessionKeys",
        {"grandpa", "babe", "para_validator", "para_assignment", "authority_discovery", "beefy"}};
    /// Calls visit(type, key bytes) for each key.
    void for_each(auto&& visit) const {
        visit(kGrandpaKey, grandpa.view());
        visit(kBabeKey, babe.view());
        visit(kParaValidatorKey, para_validator.view());
        visit(kParaAssignmentKey, para_assignment.view());
        visit(kAuthorityDiscoveryKey, authority_discovery.view());
        visit(kBeefyKey, beefy.view());
    }
};
/// From an object with a field for each key.
SessionKeys read_session_keys(const GenesisReader& config);

}  // namespace stipple::runtime
