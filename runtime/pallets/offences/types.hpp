// Proofs of misbehaviour, as calls and runtime APIs carry them.
#pragma once

#include "pallets/system/types.hpp"
#include "primitives/grandpa.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

/// That somebody owned a key in a session. The host sees its encoding only, as opaque bytes.
struct MembershipProof {
    SessionIndex session = 0;
    std::vector<Bytes> trie_nodes;
    std::uint32_t validator_count = 0;
    static auto fields(auto& self) {
        return std::tie(self.session, self.trie_nodes, self.validator_count);
    }
    static constexpr TypeName kType{"sp_session::MembershipProof",
                                    {"session", "trie_nodes", "validator_count"}};
};

/// What a report costs: so many microseconds for its proof, the list of validators in which the
/// owner of the key is found, and the slash of a validator with all its nominators, which may be
/// due at once.
template <std::uint64_t Micros, class Proof>
Weight cost_of_report(const Proof&, const MembershipProof& owner) {
    constexpr std::uint64_t kListBytesInMicro = 100;
    constexpr Weight kSlashOfOne{work(20, 6, 5).ref_time_ps, 1000};
    std::uint64_t list_bytes = 0;
    for (const Bytes& node : owner.trie_nodes) {
        list_bytes += node.size();
    }
    return work(Micros + list_bytes / kListBytesInMicro, 15, 10) +
           kSlashOfOne * (config::kMaxNominators + 1);
}

/// Two headers that one author sealed for one slot.
struct BabeEquivocationProof {
    crypto::Sr25519Public offender;
    Slot slot;
    Header first;
    Header second;
    static auto fields(auto& self) {
        return std::tie(self.offender, self.slot, self.first, self.second);
    }
    static constexpr TypeName kType{"sp_consensus_slots::EquivocationProof",
                                    {"offender", "slot", "first_header", "second_header"}};
};

struct GrandpaTarget {
    Hash target_hash;
    BlockNumber target_number = 0;
    friend bool operator==(const GrandpaTarget&, const GrandpaTarget&) = default;
    static auto fields(auto& self) { return std::tie(self.target_hash, self.target_number); }
    static constexpr TypeName kType{"finality_grandpa::Vote", {"target_hash", "target_number"}};
};
using GrandpaSignedVote = std::tuple<GrandpaTarget, crypto::Ed25519Signature>;
/// Two votes of one voter in one round.
struct GrandpaVotePair {
    std::uint64_t round = 0;
    crypto::Ed25519Public identity;
    GrandpaSignedVote first;
    GrandpaSignedVote second;
    static auto fields(auto& self) {
        return std::tie(self.round, self.identity, self.first, self.second);
    }
    static constexpr TypeName kType{"finality_grandpa::Equivocation",
                                    {"round_number", "identity", "first", "second"}};
};
struct GrandpaEquivocation {
    std::variant<GrandpaVotePair, GrandpaVotePair> value;
    static constexpr VariantNames kVariant{"sp_consensus_grandpa::Equivocation",
                                           {"Prevote", "Precommit"}};
    grandpa::VoteKind kind() const {
        return value.index() == 0 ? grandpa::VoteKind::prevote : grandpa::VoteKind::precommit;
    }
    const GrandpaVotePair& votes() const {
        return value.index() == 0 ? *std::get_if<0>(&value) : *std::get_if<1>(&value);
    }
};
struct GrandpaEquivocationProof {
    std::uint64_t set_id = 0;
    GrandpaEquivocation equivocation;
    static auto fields(auto& self) { return std::tie(self.set_id, self.equivocation); }
    static constexpr TypeName kType{"sp_consensus_grandpa::EquivocationProof",
                                    {"set_id", "equivocation"}};
};

}  // namespace stipple::runtime
