// The GRANDPA voter: rounds of voting over the blocks this node knows.
//
// Spec: algo-grandpa-round, algo-initiate-grandpa, sect-grandpa-catchup. In each round a voter, T
// being the gossip duration:
//
//   start ──▶ (the primary proposes the last round's estimate, if it is not final yet)
//     │ 2T passed, or the round is completable
//   prevote   head of the best chain that contains the last estimate or the primary's hint
//     │ (4T passed, or completable) and the prevote GHOST is at or above the last estimate
//   precommit the prevote GHOST
//     │ completable, and the last estimate is final
//   next round
//
// Sans-I/O: events in, effects out (effects.hpp), the next deadline is a question. Signatures are
// verified by jobs, made by the node, and blocks are what on_block_imported has told. A node
// without a key in the set follows along without voting. Bounds: limits.hpp. Not thread-safe.
#pragma once

#include "base/prng.hpp"
#include "consensus/grandpa/completed_round.hpp"
#include "consensus/grandpa/gossip.hpp"

#include <deque>

namespace stipple::grandpa {

struct VoterConfig {
    /// T: 1 s on the networks.
    Duration gossip_duration = std::chrono::milliseconds(1000);
    /// Session keys this node may sign with, by preference; empty: an observer.
    std::vector<AuthorityId> keys;
};

class Voter {
 public:
    /// `finalized` is the chain's last finalised block; every unfinalised block is to follow by
    /// on_block_imported, parents first. Voting starts with start().
    Voter(VoterConfig config, AuthoritySetId set, VoterSet voters, const BlockRef& finalized,
          Seed seed);
    /// Resumes after the last completed round of this set that `store` knows, else at round 1.
    Result<> start(Instant now, const StoreReader& store, VoterEffects& effects);

    // ---- the chain ----
    void on_block_imported(Instant now, const BlockRef& block, const BlockHash& parent,
                           VoterEffects& effects);
    /// `ceiling`: highest number to vote for (AuthoritySet::vote_limit, approvals, disputes).
    void on_best_block(Instant now, const BlockRef& best, std::optional<BlockNumber> ceiling,
                       VoterEffects& effects);
    /// The chain has the block final, by our Finalize or by a justification.
    void on_finalized(Instant now, const BlockRef& block, VoterEffects& effects);
    /// The set changed at `base` (finalised, or a forced change's median). Everything of the old
    /// set is dropped; round 1 begins.
    void on_new_set(Instant now, AuthoritySetId set, VoterSet voters, const BlockRef& base,
                    VoterEffects& effects);
    void set_keys(std::vector<AuthorityId> keys);
    /// Silent, a voter with keys follows as an observer does, and tells of votes by its keys.
    void set_silent(bool silent) { silent_ = silent; }

    // ---- peers ----
    void on_peer_connected(Instant now, PeerKey peer, PeerRole role, VoterEffects& effects);
    void on_peer_disconnected(PeerKey peer);
    void on_message(Instant now, PeerKey peer, const GossipMessage& message, VoterEffects& effects);

    // ---- answers ----
    void on_job_done(Instant now, JobId job, const std::vector<bool>& verdicts,
                     VoterEffects& effects);
    void on_signed(Instant now, const VoteClaim& vote, VoterEffects& effects);
    /// The journal refused: before a restart something else was signed. That is asked for again.
    void on_signed_before(Instant now, const SignedBefore& before, VoterEffects& effects);

    // ---- time ----
    void on_wake(Instant now, VoterEffects& effects);
    std::optional<Instant> wake_at() const;

    const BlockTree& tree() const { return tree_; }
    AuthoritySetId set() const { return set_; }
    const VoterSet& voters() const { return *voters_; }
    const BlockRef& finalized() const { return finalized_; }
    /// The present round (grandpa_roundState). REQUIRES start().
    const Round& round() const { return rounds_.front().round; }
    std::size_t peer_count() const { return gossip_.peer_count(); }
    /// Votes, commits and jobs waiting, all told: for metrics and tests of bounds.
    std::size_t waiting() const {
        return unverified_.size() + blocked_.size() + future_.size() + commits_blocked_.size() +
               jobs_.size() + (catch_up_blocked_ ? 1U : 0U);
    }

 private:
    enum class Step : std::uint8_t { start, prevoted, precommitted };
    struct ActiveRound {
        Round round;
        RoundState previous;  ///< of the round before, with what it has learnt since
        Instant started;
        Step step = Step::start;
        bool proposed = false;
        bool prevote_open = false;       ///< our prevote is with the signer
        std::optional<BlockRef> hint{};  ///< the primary's proposal
        std::optional<Instant> commit_at{};
        std::optional<Commit> proof{};  ///< of the highest block that this round made final
    };
    struct HeldVote {
        VoteClaim claim;
        std::optional<PeerKey> from{};
        std::optional<crypto::Hash64> id{};  ///< of the message, for votes of peers
    };
    struct HeldCommit {
        CommitMessage message;
        PeerKey from;
    };
    struct VotesJob {
        std::vector<HeldVote> votes;
    };
    struct CommitJob {
        HeldCommit commit;
    };
    struct CatchUpJob {
        CatchUp message;
        PeerKey from;
    };
    using Job = std::variant<VotesJob, CommitJob, CatchUpJob>;
    struct CatchUpAsked {
        PeerKey peer;
        RoundNumber round;
        Instant at;
    };

    // voter.cpp: rounds
    void begin_round(Instant now, RoundNumber number, const RoundState& previous,
                     VoterEffects& effects);
    void advance(Instant now, VoterEffects& effects);
    bool advance_step(Instant now, ActiveRound& active, VoterEffects& effects);
    void propose(ActiveRound& active, VoterEffects& effects);
    void prevote(ActiveRound& active, VoterEffects& effects);
    void finish_commits(Instant now, VoterEffects& effects);
    void send_commit(const ActiveRound& active, VoterEffects& effects);
    void send_last_commits(VoterEffects& effects);
    void ask_for_blocks(Instant now, VoterEffects& effects);
    bool estimate_is_final(const ActiveRound& active) const;
    void note_finality(Instant now, ActiveRound& active, VoterEffects& effects);
    void finalize(const BlockRef& block, RoundNumber round, const Commit& commit,
                  VoterEffects& effects);
    void sign(const ActiveRound& active, VoteKind kind, const BlockRef& target,
              VoterEffects& effects);
    void find_key_in_set();
    std::optional<AuthorityId> own_key() const { return silent_ ? std::nullopt : key_in_set_; }
    void look_for_own(const VoteClaim& vote, VoterEffects& effects) const;
    void store_round(const Round& round, const RoundState& state, VoterEffects& effects) const;
    void trim(const BlockRef& base);
    NeighborMessage own_view() const;
    /// When it is another one, or `again`.
    void tell_view(Instant now, VoterEffects& effects, bool again = false);
    ActiveRound* find_round(RoundNumber number);

    // voter_spread.cpp: what is offered once more
    void offer_votes(PeerKey peer, const NeighborMessage& view, VoterEffects& effects);
    void offer_votes_before_restart(PeerKey peer, const NeighborMessage& view,
                                    VoterEffects& effects);
    void spread_again(VoterEffects& effects);
    void spread_to_laggards(VoterEffects& effects);
    void spread_votes(Round& round, std::optional<RoundNumber> behind, VoterEffects& effects);

    // voter_messages.cpp: what peers send
    void on_vote(PeerKey peer, const VoteMessage& message, const crypto::Hash64& id,
                 VoterEffects& effects);
    void on_commit(PeerKey peer, const CommitMessage& message, VoterEffects& effects);
    void on_neighbor(Instant now, PeerKey peer, const NeighborMessage& message,
                     VoterEffects& effects);
    void send_verification(VoterEffects& effects);
    void start_commit_job(HeldCommit commit, VoterEffects& effects);
    void import_vote(const HeldVote& vote, VoterEffects& effects);
    void import_commit(const HeldCommit& commit, VoterEffects& effects);
    void relay(const GossipMessage& message, std::optional<crypto::Hash64> id,
               VoterEffects& effects);
    CastVote* find_cast(const VoteMessage& message);
    JobId add_job(Job job);

    // voter_catch_up.cpp
    /// `found` is ahead; absent: any peer that is.
    void ask_to_catch_up(Instant now, std::optional<PeerKey> found, VoterEffects& effects);
    void ask_another(Instant now, VoterEffects& effects);
    void on_catch_up_request(PeerKey peer, const CatchUpRequest& request, VoterEffects& effects);
    void on_catch_up(Instant now, PeerKey peer, const CatchUp& message, VoterEffects& effects);
    void import_catch_up(Instant now, const CatchUpJob& job, VoterEffects& effects);
    void retry_catch_up(Instant now, VoterEffects& effects);

    VoterConfig config_;
    AuthoritySetId set_;
    std::shared_ptr<const VoterSet> voters_;
    Prng prng_;
    BlockTree tree_;
    BlockRef finalized_;  ///< as far as we know, whether or not the chain has confirmed it
    BlockRef best_;
    std::optional<BlockNumber> ceiling_;
    BlockRef round_base_;  ///< base of the next round: what was final before the last one
    BlockRef tree_root_;   ///< lowest block of tree_
    std::deque<ActiveRound> rounds_;  ///< newest first
    /// The round before the oldest of rounds_, as a restart found it.
    std::optional<CompletedRound> before_restart_;
    bool started_ = false;
    bool silent_ = false;
    std::optional<AuthorityId> key_in_set_;  ///< the first of our keys that votes in this set
    Instant last_now_;                       ///< deadlines at or before it have been looked at

    Gossip gossip_;
    std::optional<Instant> neighbor_at_;
    std::optional<NeighborMessage> told_;  ///< the newest view; who came later was told it then
    std::vector<CatchUpAsked> asked_;      ///< kCatchUpAskedMax, oldest first
    std::optional<Instant> ask_again_at_;  ///< nobody is asked to help us catch up before it
    std::vector<HeldVote> unverified_;     ///< kVotesWaitingMax
    /// Votes of unverified_ and of the open job: the same vote comes from many peers at once.
    std::unordered_set<crypto::Hash64> verifying_;  ///< iteration order is never seen
    std::vector<HeldVote> blocked_;  ///< verified, their block is not here: kVotesWaitingMax
    std::vector<HeldVote> future_;   ///< verified, of the next round: kVotesWaitingMax
    std::vector<HeldCommit> commits_blocked_;     ///< kCommitsWaitingMax
    std::optional<CatchUpJob> catch_up_blocked_;  ///< verified, its blocks are not here
    std::optional<Instant> ask_blocks_at_;        ///< while anything is blocked
    std::map<JobId, Job> jobs_;
    std::uint64_t next_job_ = 1;
    bool votes_job_open_ = false;
};

}  // namespace stipple::grandpa
