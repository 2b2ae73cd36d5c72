// The BEEFY voter: signs roots of the Merkle mountain range for blocks GRANDPA has finalised, so
// that a light client on another chain can follow by checking few ECDSA signatures.
//
// Spec: sect-grandpa-beefy, sect-finality-beefy. A round is a block number. There is one mandatory
// block per session, its first; nothing of a session counts before that has its proof.
//
//   finality ──▶ new sessions, further reach ──┐
//   votes ─▶ (right set and block) ─▶ verified ─▶ Rounds ─ enough ─▶ proof ─┐
//   proofs of gossip, imports, fetches ─▶ verified ──────────────────────────▶ Conclude
//   after every event: buffered proofs within reach, a vote for the target, a fetch of the
//   mandatory proof
//
// Sans-I/O: events in, effects out (effects.hpp). It sleeps until begin() tells where the chain
// is. While the node is far behind it neither votes nor fetches. Bounds: limits.hpp.
// A proof that comes with a block was verified at its import, against the set that the block's
// state names; it is not verified again here. Deviation from the Rust node: our own last vote is
// stored whole and spoken again after a restart. Not thread-safe.
#pragma once

#include "consensus/beefy/oracle.hpp"
#include "consensus/beefy/proof_fetch.hpp"

namespace stipple::beefy {

struct VoterConfig {
    std::uint32_t min_block_delta = kMinBlockDelta;
    /// Session keys this node may sign with, by preference; empty: an observer.
    std::vector<AuthorityId> keys;
    bool is_validator = false;  ///< ought to have a key
};

/// What is kept across restarts (row `beefy/voter` of column `consensus`).
struct VoterState {
    BlockNumber pallet_genesis = 0;  ///< another one means that the chain began BEEFY anew
    BlockNumber best_beefy = 0;
    BlockNumber best_voted = 0;
    std::vector<Session> sessions;
    std::optional<VoteMessage> own_vote;  ///< the last one
    friend bool operator==(const VoterState&, const VoterState&) = default;
    static auto fields(auto& self) {
        return std::tie(self.pallet_genesis, self.best_beefy, self.best_voted, self.sessions,
                        self.own_vote);
    }
};
/// None when there is no row of this version.
Result<std::optional<VoterState>> load_state(const StoreReader& store);

struct VoterCounts {
    std::uint64_t votes_sent = 0;
    std::uint64_t good_votes = 0;
    std::uint64_t stale_votes = 0;
    std::uint64_t invalid_votes = 0;
    std::uint64_t equivocations = 0;
    std::uint64_t imported_proofs = 0;
    std::uint64_t stale_proofs = 0;
    std::uint64_t buffered_dropped = 0;
    std::uint64_t lagging_sessions = 0;
    std::uint64_t fetched_good = 0;
    std::uint64_t fetched_bad = 0;
    std::uint64_t fetch_refused = 0;  ///< by the peer
    std::uint64_t fetch_failed = 0;   ///< without an answer
    std::uint64_t fetch_no_peer = 0;  ///< nobody to ask, or nobody left
    std::uint64_t good_imports = 0;   ///< proofs that came with blocks
    std::uint64_t bad_imports = 0;
    std::uint64_t sessions_without_key = 0;  ///< that began while this validator had no key at all
};
/// Why a fetch gave nothing.
enum class FetchFailure : std::uint8_t {
    refused,  ///< the peer has no proof
    failed,   ///< no answer in time, or the connection ended
};

class Voter {
 public:
    explicit Voter(VoterConfig config);

    // ---- the chain ----
    /// Where the chain is: at the start, and again when the pallet's genesis moved. False when the
    /// state contradicts itself: the voter sleeps on.
    bool begin(Instant now, const VoterState& state, BlockNumber best_grandpa,
               VoterEffects& effects);
    /// The chain is final up to this block; new sessions on the way, lowest first.
    void on_finalized(Instant now, BlockNumber block, const std::vector<Session>& sessions,
                      VoterEffects& effects);
    /// A block came with this proof, which its import has verified.
    void on_imported_proof(Instant now, FinalityProof proof, VoterEffects& effects);
    /// A block came with one that does not hold; it was dropped.
    void on_bad_import() { ++counts_.bad_imports; }
    void set_major_syncing(Instant now, bool syncing, VoterEffects& effects);
    void set_keys(std::vector<AuthorityId> keys) { config_.keys = std::move(keys); }

    // ---- peers ----
    void on_peer_connected(Instant now, PeerKey peer, VoterEffects& effects);
    void on_peer_disconnected(PeerKey peer);
    void on_message(Instant now, PeerKey peer, const GossipMessage& message, VoterEffects& effects);

    // ---- answers ----
    void on_verified(Instant now, JobId job, const std::vector<bool>& verdicts,
                     VoterEffects& effects);
    void on_signed(Instant now, const VoteMessage& vote, VoterEffects& effects);
    void on_not_signed(BlockNumber block);
    void on_fetched(Instant now, FetchId fetch, const std::expected<Bytes, FetchFailure>& proof,
                    VoterEffects& effects);

    // ---- time ----
    void on_wake(Instant now, VoterEffects& effects);
    std::optional<Instant> wake_at() const;

    bool is_active() const { return oracle_.has_value(); }
    /// Nothing before begin().
    const VotingOracle* oracle() const { return oracle_ ? &*oracle_ : nullptr; }
    BlockNumber best_voted() const { return best_voted_; }
    BlockNumber pallet_genesis() const { return pallet_genesis_; }
    std::size_t peer_count() const { return gossip_.peer_count(); }
    std::size_t buffered_proofs() const { return buffered_.size(); }
    const VoterCounts& counts() const { return counts_; }
    /// Votes, proofs and jobs waiting, all told.
    std::size_t waiting() const {
        return unverified_.size() + early_.size() + buffered_.size() + jobs_.size();
    }

 private:
    struct HeldVote {
        VoteMessage vote;
        crypto::Hash64 id;
        PeerKey from;
    };
    struct VotesJob {
        std::vector<HeldVote> votes;
    };
    enum class Origin : std::uint8_t { gossip, fetch };
    struct ProofJob {
        FinalityProof proof;
        Origin origin = Origin::gossip;
        PeerKey from;
    };
    using Job = std::variant<VotesJob, ProofJob>;

    // voter.cpp: state
    void act(Instant now, VoterEffects& effects);
    void take_buffered(VoterEffects& effects);
    void vote(VoterEffects& effects);
    void import_vote(const VoteMessage& vote, VoterEffects& effects);
    void conclude(const FinalityProof& proof, VoterEffects& effects);
    /// Of a proof that holds: concludes, or keeps it until its block is final.
    void triage(FinalityProof proof, VoterEffects& effects);
    void store(VoterEffects& effects) const;
    std::optional<AuthorityId> own_key() const;

    // voter_messages.cpp: peers and jobs
    void on_vote(PeerKey peer, const VoteMessage& vote, VoterEffects& effects);
    void take_vote(PeerKey peer, const VoteMessage& vote, VoterEffects& effects);
    void take_early(VoterEffects& effects);
    bool is_early(const VoteMessage& vote) const;
    void on_proof(PeerKey peer, const FinalityProof& proof, VoterEffects& effects);
    void send_verification(VoterEffects& effects);
    void verify_proof(ProofJob job, VoterEffects& effects);
    void finish(const VotesJob& job, const std::vector<bool>& verdicts, VoterEffects& effects);
    void finish(Instant now, ProofJob& job, bool good, VoterEffects& effects);
    void ask_next(Instant now, VoterEffects& effects);
    void relay(const GossipMessage& message, VoterEffects& effects);
    std::vector<GossipMessage> live_messages() const;
    bool is_repeated(PeerKey peer, const crypto::Hash64& id);

    VoterConfig config_;
    std::optional<VotingOracle> oracle_;
    BlockNumber pallet_genesis_ = 0;
    BlockNumber best_voted_ = 0;
    std::optional<VoteMessage> own_vote_;
    std::optional<FinalityProof> last_proof_;  ///< of best_beefy, for gossip
    std::optional<BlockNumber> signing_;
    bool syncing_ = false;

    Gossip gossip_;
    ProofFetch fetch_;
    std::optional<Instant> rebroadcast_at_;
    std::vector<HeldVote> unverified_;  ///< kVotesWaitingMax
    std::vector<HeldVote> early_;       ///< kVotesEarlyMax
    /// What counted when early_ was last looked at.
    std::pair<ValidatorSetId, std::pair<BlockNumber, BlockNumber>> early_seen_;
    std::unordered_set<crypto::Hash64> handled_;     ///< kKnownPerPeerMax, cleared when full
    std::map<BlockNumber, FinalityProof> buffered_;  ///< kProofsBufferedMax, kSignaturesBufferedMax
    std::size_t buffered_signatures_ = 0;
    std::map<JobId, Job> jobs_;
    std::uint64_t next_job_ = 1;
    bool votes_job_open_ = false;
    VoterCounts counts_;
};

}  // namespace stipple::beefy
