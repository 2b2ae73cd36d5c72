// What the voter asks of the node, and how signature jobs are done.
#pragma once

#include "base/key_value_store.hpp"
#include "base/peer.hpp"
#include "base/time.hpp"
#include "consensus/grandpa/round.hpp"

namespace stipple::grandpa {

struct JobTag;
using JobId = StrongNumber<std::uint64_t, JobTag>;

/// One signature of a vote and what it claims to be over.
struct VoteClaim {
    Vote vote;
    crypto::Ed25519Signature signature;
    AuthorityId id;
    RoundNumber round;
    AuthoritySetId set;
};
/// The verdict of each claim, in order. Pure: a job for any worker. All good ones cost one batch.
std::vector<bool> verify_claims(std::span<const VoteClaim> claims);

/// A notification on `grandpa/1` to each of the peers.
struct SendMessage {
    std::vector<PeerKey> to;
    GossipMessage message;
};
/// Answer with Voter::on_job_done(job, verify_claims(claims)).
struct VerifyClaims {
    JobId job;
    std::vector<VoteClaim> claims;
};
/// Sign through the signing journal; answer with Voter::on_signed. When the journal knows another
/// vote of this phase: Voter::on_signed_before. When it refuses for another reason: no answer, the
/// voter stays silent in this phase, and does not precommit where it could not prevote.
struct SignVote {
    AuthorityId key;
    Vote vote;
    RoundNumber round;
    AuthoritySetId set;
    Bytes payload() const { return signed_payload(vote, round, set); }
};
/// The vote of a phase that was signed before a restart: it is cast again instead of a new one. The
/// target's number is zero where it is not known.
struct SignedBefore {
    AuthorityId key;
    VoteKind kind = VoteKind::prevote;
    RoundNumber round;
    AuthoritySetId set;
    BlockRef target;
};
/// The block is final, by this commit: make the chain say so, with a justification where one is
/// due, then AuthoritySet::on_finalized, then Voter::on_finalized or on_new_set.
struct Finalize {
    BlockRef block;
    RoundNumber round;
    AuthoritySetId set;
    Commit commit;
};
/// Report through GrandpaApi (encode_equivocation_proof).
struct ReportEquivocation {
    Equivocation equivocation;
    AuthoritySetId set;
};
/// A peer brought a vote that one of our keys signed: we did, or the key is used elsewhere, too.
/// Compare it with the signing journal; no answer.
struct OwnVoteSeen {
    VoteClaim vote;
};
enum class PeerFault : std::uint8_t {
    bad_signature,    ///< a vote, commit or catch-up that is not signed as it says
    bad_commit,       ///< a commit without a supermajority
    bad_catch_up,     ///< a catch-up that completes nothing, or was not asked for
    unknown_voter,    ///< a vote of somebody outside the set
    out_of_range,     ///< a message for a set or round that our view excludes
    wrong_number,     ///< a target whose number is another
    view_going_back,  ///< a neighbour message below an earlier one
};
struct ReportPeer {
    PeerKey peer;
    PeerFault fault = PeerFault::out_of_range;
};
/// Votes or commits wait for the block: fetch it, with the ancestors that are missing. `peers` have
/// passed such a vote on and are still here. No answer but on_block_imported.
struct WantBlock {
    BlockRef block;
    std::vector<PeerKey> peers;
};
/// Rows of column `consensus`: where to resume after a restart. They must be durable before a vote
/// of a later effect is signed.
struct StoreRows {
    WriteBatch rows;
};
using VoterEffect = std::variant<SendMessage, VerifyClaims, SignVote, Finalize, ReportEquivocation,
                                 OwnVoteSeen, ReportPeer, WantBlock, StoreRows>;
/// One event gives a handful of effects; those that answer a peer are bounded by limits.hpp.
using VoterEffects = std::vector<VoterEffect>;

}  // namespace stipple::grandpa
