// Checking what validators signed. Pure: jobs for any worker.
//
// Spec: defn-beefy-signed-commitment. A proof holds when enough validators of the set signed its
// commitment; a signature is good when the key recovered from it is the validator's.
#pragma once

#include "primitives/beefy.hpp"

#include <span>

namespace stipple::beefy {

enum class ProofError : std::uint8_t {
    wrong_block,            ///< for another block than asked
    wrong_set,              ///< of another set, or with another number of places
    not_enough_signatures,  ///< those that hold are below the threshold
};

std::expected<void, ProofError> verify_finality_proof(const FinalityProof& proof, BlockNumber block,
                                                      const ValidatorSet& set);
bool verify_vote(const VoteMessage& vote);
/// The verdict of each vote, in order.
std::vector<bool> verify_votes(std::span<const VoteMessage> votes);
/// Same validator, block and set, different payloads, both signed.
bool check_double_voting(const DoubleVotingProof& proof);

}  // namespace stipple::beefy
