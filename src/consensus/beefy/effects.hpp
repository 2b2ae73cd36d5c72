// What the voter asks of the node.
#pragma once

#include "base/key_value_store.hpp"
#include "base/peer.hpp"
#include "base/time.hpp"
#include "consensus/beefy/justification.hpp"

#include <memory>
#include <variant>

namespace stipple::beefy {

struct JobTag;
using JobId = StrongNumber<std::uint64_t, JobTag>;
struct FetchTag;
using FetchId = StrongNumber<std::uint64_t, FetchTag>;

/// A notification on `beefy/2` to each of the peers.
struct SendMessage {
    std::vector<PeerKey> to;
    GossipMessage message;
};
/// Answer with Voter::on_verified(job, verify_votes(votes)).
struct VerifyVotes {
    JobId job;
    std::vector<VoteMessage> votes;
};
/// Answer with Voter::on_verified and the one verdict of verify_finality_proof.
struct VerifyProof {
    JobId job;
    FinalityProof proof;
    BlockNumber block = 0;
    std::shared_ptr<const ValidatorSet> set;
    std::vector<bool> verdict() const {
        return {verify_finality_proof(proof, block, *set).has_value()};
    }
};
/// Vote for the finalised block of this number: its payload is the mountain range's root after it.
/// Sign through the signing journal; answer with Voter::on_signed, or with on_not_signed when there
/// is no root or the journal refuses.
struct SignVote {
    AuthorityId key;
    BlockNumber block = 0;
    ValidatorSetId set;
};
/// The finalised block of this number has a proof: keep it with the block, tell subscribers.
struct Conclude {
    BlockNumber block = 0;
    FinalityProof proof;
};
/// Ask on `beefy/justifications/1`; answer with Voter::on_fetched, always.
struct FetchProof {
    FetchId fetch;
    PeerKey peer;
    BlockNumber block = 0;
};
/// Report through BeefyApi when check_double_voting says so.
struct ReportDoubleVoting {
    DoubleVotingProof proof;
};
enum class PeerFault : std::uint8_t {
    past_message,    ///< for a round that is over: races make honest peers send a few
    future_message,  ///< for a set or block that is not here yet
    unknown_voter,   ///< a vote of somebody outside the set
    bad_signature,   ///< a vote that is not signed as it says
    bad_proof,       ///< a proof that does not hold
    refused_proof,   ///< a peer that is further did not have the proof asked for
};
struct ReportPeer {
    PeerKey peer;
    PeerFault fault = PeerFault::past_message;
};
/// Rows of column `consensus`, to commit when convenient.
struct StoreRows {
    WriteBatch rows;
};
using VoterEffect = std::variant<SendMessage, VerifyVotes, VerifyProof, SignVote, Conclude,
                                 FetchProof, ReportDoubleVoting, ReportPeer, StoreRows>;
/// One event gives a handful of effects, but for a peer that connects or a rebroadcast: those give
/// one for each open vote.
using VoterEffects = std::vector<VoterEffect>;

}  // namespace stipple::beefy
