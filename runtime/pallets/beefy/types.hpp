// What BEEFY's voters sign, and proofs that they signed what they should not have.
//
// Spec: sect-beefy. Encodings are those of the votes on the network.
#pragma once

#include "pallets/mmr/types.hpp"
#include "pallets/system/types.hpp"

namespace stipple::runtime {

struct BeefyValidatorSet {
    std::vector<crypto::EcdsaPublic> validators;
    std::uint64_t id = 0;
    friend bool operator==(const BeefyValidatorSet&, const BeefyValidatorSet&) = default;
    static auto fields(auto& self) { return std::tie(self.validators, self.id); }
    static constexpr TypeName kType{"sp_consensus_beefy::ValidatorSet", {"validators", "id"}};
};

/// What is signed: values by two letters; "mh" is the root of the Merkle mountain range.
struct BeefyPayload {
    using Item = std::tuple<std::array<std::uint8_t, 2>, Bytes>;
    std::vector<Item> items;
    friend bool operator==(const BeefyPayload&, const BeefyPayload&) = default;
    static auto fields(auto& self) { return std::tie(self.items); }
    static constexpr TypeName kType{"sp_consensus_beefy::payload::Payload", {""}};
};
struct BeefyCommitment {
    BeefyPayload payload;
    BlockNumber block_number = 0;
    std::uint64_t validator_set_id = 0;
    friend bool operator==(const BeefyCommitment&, const BeefyCommitment&) = default;
    static auto fields(auto& self) {
        return std::tie(self.payload, self.block_number, self.validator_set_id);
    }
    static constexpr TypeName kType{"sp_consensus_beefy::commitment::Commitment",
                                    {"payload", "block_number", "validator_set_id"}};
};
struct BeefyVote {
    BeefyCommitment commitment;
    crypto::EcdsaPublic id;
    crypto::EcdsaSignature signature;
    static auto fields(auto& self) { return std::tie(self.commitment, self.id, self.signature); }
    static constexpr TypeName kType{"sp_consensus_beefy::VoteMessage",
                                    {"commitment", "id", "signature"}};
};

/// Two votes of one voter for one block with different payloads.
struct BeefyDoubleVotingProof {
    BeefyVote first;
    BeefyVote second;
    const BeefyVote& vote() const { return first; }
    static auto fields(auto& self) { return std::tie(self.first, self.second); }
    static constexpr TypeName kType{"sp_consensus_beefy::DoubleVotingProof", {"first", "second"}};
};
/// A vote for a root that was not the chain's at that block: the ancestry proof leads from the true
/// root of then to the one in a header of this chain.
template <class Ancestry>
struct BeefyForkVoting {
    BeefyVote offending;
    Ancestry ancestry_proof;
    Header header;
    const BeefyVote& vote() const { return offending; }
    static auto fields(auto& self) {
        return std::tie(self.offending, self.ancestry_proof, self.header);
    }
    static constexpr TypeName kType{"sp_consensus_beefy::ForkVotingProof",
                                    {"vote", "ancestry_proof", "header"}};
};
using BeefyForkVotingProof = BeefyForkVoting<AncestryProof>;
/// As the runtime API has it: the ancestry proof is opaque bytes there.
using BeefyOpaqueForkVotingProof = BeefyForkVoting<Bytes>;
/// A vote for a block that is not there yet.
struct BeefyFutureVotingProof {
    BeefyVote offending;
    const BeefyVote& vote() const { return offending; }
    static auto fields(auto& self) { return std::tie(self.offending); }
    static constexpr TypeName kType{"sp_consensus_beefy::FutureBlockVotingProof", {"vote"}};
};

}  // namespace stipple::runtime
