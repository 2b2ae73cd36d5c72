// MmrLeaf: what a leaf of the Merkle mountain range says, and BEEFY's sets as bridges know them.
//
// Spec: sect-beefy. A leaf names the parent block, the set of validators that signs in the next
// session and whatever this chain adds (`wiring::mmr_leaf_extra`: on a relay chain the root of the
// heads of its parachains). A set is told by its id, its size and the root of the binary Merkle
// tree over the Ethereum addresses of its keys.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/beefy/types.hpp"

namespace stipple::runtime {

namespace wiring {
Hash mmr_leaf_extra();
}  // namespace wiring

struct BeefyAuthoritySet {
    std::uint64_t id = 0;
    std::uint32_t len = 0;
    Hash keyset_commitment;
    friend bool operator==(const BeefyAuthoritySet&, const BeefyAuthoritySet&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.len, self.keyset_commitment); }
    static constexpr TypeName kType{"sp_consensus_beefy::mmr::BeefyAuthoritySet",
                                    {"id", "len", "keyset_commitment"}};
};

struct MmrLeafData {
    std::uint8_t version = 0;  ///< three bits of major, five of minor version
    std::tuple<BlockNumber, Hash> parent_number_and_hash;
    BeefyAuthoritySet beefy_next_authority_set;
    Hash leaf_extra;
    static auto fields(auto& self) {
        return std::tie(self.version, self.parent_number_and_hash, self.beefy_next_authority_set,
                        self.leaf_extra);
    }
    static constexpr TypeName kType{
        "sp_consensus_beefy::mmr::MmrLeaf",
        {"version", "parent_number_and_hash", "beefy_next_authority_set", "leaf_extra"}};
};

/// keccak-256 over the hashes of the leaves, pair by pair; one without a partner moves up as it is.
/// 32 zeros without leaves.
Hash binary_merkle_root(const std::vector<Bytes>& leaves);

struct MmrLeaf : Pallet<MmrLeaf> {
    static constexpr std::string_view kName = "MmrLeaf";

    static constexpr StorageValue<BeefyAuthoritySet> beefy_authorities{
        kName, "BeefyAuthorities", "Details of current BEEFY authority set."};
    static constexpr StorageValue<BeefyAuthoritySet> beefy_next_authorities{
        kName, "BeefyNextAuthorities", "Details of next BEEFY authority set."};
    static constexpr auto storage = list(beefy_authorities, beefy_next_authorities);

    // ---- for other pallets ----
    static MmrLeafData leaf();
    static void on_new_validator_set(const BeefyValidatorSet& now, const BeefyValidatorSet& next);
};

}  // namespace stipple::runtime
