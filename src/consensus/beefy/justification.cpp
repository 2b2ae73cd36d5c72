#include "consensus/beefy/justification.hpp"

#include "consensus/beefy/rounds.hpp"
#include "crypto/ecdsa.hpp"

namespace stipple::beefy {
namespace {

bool signed_by(const AuthorityId& id, const Signature& signature, const crypto::Hash256& digest) {
    const auto key = crypto::ecdsa_recover_compressed(signature, digest, crypto::Overflow::refuse);
    return key && *key == id;
}

}  // namespace

std::expected<void, ProofError> verify_finality_proof(const FinalityProof& proof, BlockNumber block,
                                                      const ValidatorSet& set) {
    const auto& signatures = proof.signed_commitment.signatures;
    if (proof.commitment().block != block) {
        return std::unexpected(ProofError::wrong_block);
    }
    if (proof.commitment().set != set.id || signatures.size() != set.validators.size()) {
        return std::unexpected(ProofError::wrong_set);
    }
    const std::size_t needed = threshold(set.validators.size());
    if (proof.signed_commitment.signature_count() < needed) {
        return std::unexpected(ProofError::not_enough_signatures);
    }
    const crypto::Hash256 digest = signed_digest(proof.commitment());
    std::size_t good = 0;
    for (std::size_t i = 0; i < signatures.size() && good < needed; ++i) {
        good += signatures[i] && signed_by(set.validators[i], *signatures[i], digest) ? 1U : 0U;
    }
    if (good < needed) {
        return std::unexpected(ProofError::not_enough_signatures);
    }
    return {};
}

bool verify_vote(const VoteMessage& vote) {
    return signed_by(vote.id, vote.signature, signed_digest(vote.commitment));
}

std::vector<bool> verify_votes(std::span<const VoteMessage> votes) {
    std::vector<bool> verdicts;
    verdicts.reserve(votes.size());
    for (const VoteMessage& vote : votes) {
        verdicts.push_back(verify_vote(vote));
    }
    return verdicts;
}

bool check_double_voting(const DoubleVotingProof& proof) {
    const Commitment& first = proof.first.commitment;
    const Commitment& second = proof.second.commitment;
    return proof.first.id == proof.second.id && first.block == second.block &&
           first.set == second.set && first.payload != second.payload && verify_vote(proof.first) &&
           verify_vote(proof.second);
}

}  // namespace stipple::beefy
