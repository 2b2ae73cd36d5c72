#include "base/check.hpp"
#include "consensus/beefy/voter.hpp"

namespace stipple::beefy {

void Voter::on_peer_connected(Instant now, PeerKey peer, VoterEffects& effects) {
    if (!gossip_.connect(peer) || !oracle_) {
        return;
    }
    for (GossipMessage& message : live_messages()) {
        gossip_.note_known(peer, message_id(message));
        effects.emplace_back(SendMessage{{peer}, std::move(message)});
    }
    act(now, effects);
}

void Voter::on_message(Instant now, PeerKey peer, const GossipMessage& message,
                       VoterEffects& effects) {
    if (!gossip_.is_connected(peer)) {
        return;
    }
    if (const auto* vote = std::get_if<VoteMessage>(&message)) {
        gossip_.note_progress(peer, vote->commitment.block);
        on_vote(peer, *vote, effects);
    } else {
        const auto& proof = std::get<FinalityProof>(message);
        gossip_.note_progress(peer, proof.commitment().block);
        on_proof(peer, proof, effects);
    }
    if (oracle_) {
        act(now, effects);
    }
}

bool Voter::is_repeated(PeerKey peer, const crypto::Hash64& id) {
    gossip_.note_known(peer, id);
    if (handled_.contains(id)) {
        return true;
    }
    if (handled_.size() >= kKnownPerPeerMax) {
        handled_.clear();
    }
    handled_.insert(id);
    return false;
}

void Voter::on_vote(PeerKey peer, const VoteMessage& vote, VoterEffects& effects) {
    if (!oracle_) {
        return;  // we cannot tell yet, which is no fault of the peer
    }
    const ValidatorSetId set = oracle_->active().set()->id;
    const Reach reach = oracle_->reach_of(vote.commitment.block);
    if (vote.commitment.set < set || (vote.commitment.set == set && reach == Reach::past)) {
        effects.emplace_back(ReportPeer{peer, PeerFault::past_message});
        return;
    }
    if (vote.commitment.set == set && reach == Reach::now) {
        take_vote(peer, vote, effects);
    } else if (!is_early(vote)) {
        effects.emplace_back(ReportPeer{peer, PeerFault::future_message});
    } else if (const crypto::Hash64 id = message_id(vote);
               early_.size() < kVotesEarlyMax && !is_repeated(peer, id)) {
        early_.push_back({vote, id, peer});
    }
}

bool Voter::is_early(const VoteMessage& vote) const {
    return vote.commitment.set.value <= oracle_->active().set()->id.value + 1 &&
           vote.commitment.block <= oracle_->best_grandpa() + std::uint64_t{kEarlyBlocksMax};
}

void Voter::take_early(VoterEffects& effects) {
    const auto now_counts = std::pair(oracle_->active().set()->id, oracle_->accepted());
    if (early_.empty() || early_seen_ == now_counts) {
        return;
    }
    early_seen_ = now_counts;
    std::vector<HeldVote> held = std::move(early_);
    early_.clear();
    for (HeldVote& one : held) {
        const Reach reach = oracle_->reach_of(one.vote.commitment.block);
        if (one.vote.commitment.set == now_counts.first && reach == Reach::now) {
            handled_.erase(one.id);
            take_vote(one.from, one.vote, effects);
        } else if (one.vote.commitment.set >= now_counts.first && reach != Reach::past) {
            early_.push_back(std::move(one));
        }
    }
}

void Voter::take_vote(PeerKey peer, const VoteMessage& vote, VoterEffects& effects) {
    if (!oracle_->active().is_member(vote.id)) {
        effects.emplace_back(ReportPeer{peer, PeerFault::unknown_voter});
        return;
    }
    const crypto::Hash64 id = message_id(vote);
    if (oracle_->active().has(vote)) {
        gossip_.note_known(peer, id);
        return;
    }
    if (is_repeated(peer, id)) {
        return;
    }
    if (unverified_.size() >= kVotesWaitingMax) {
        handled_.erase(id);
        return;
    }
    unverified_.push_back({vote, id, peer});
    send_verification(effects);
}

void Voter::on_proof(PeerKey peer, const FinalityProof& proof, VoterEffects& effects) {
    if (!oracle_) {
        return;
    }
    const Commitment& commitment = proof.commitment();
    const ValidatorSetId set = oracle_->active().set()->id;
    const auto [first, last] = oracle_->accepted();
    if (commitment.block < first || commitment.set < set) {
        effects.emplace_back(ReportPeer{peer, PeerFault::past_message});
        return;
    }
    if (commitment.set > set) {
        effects.emplace_back(ReportPeer{peer, PeerFault::future_message});
        return;
    }
    const bool proven = (last_proof_ && last_proof_->commitment().block == commitment.block) ||
                        buffered_.contains(commitment.block);
    const crypto::Hash64 id = message_id(proof);
    if (proven) {
        gossip_.note_known(peer, id);
        return;
    }
    if (is_repeated(peer, id)) {
        return;
    }
    if (jobs_.size() >= kProofJobsMax) {
        handled_.erase(id);
        return;
    }
    verify_proof({proof, Origin::gossip, peer}, effects);
}

void Voter::send_verification(VoterEffects& effects) {
    if (votes_job_open_ || unverified_.empty()) {
        return;
    }
    const std::size_t count = std::min(unverified_.size(), kVotesPerJobMax);
    const auto end = unverified_.begin() + static_cast<std::ptrdiff_t>(count);
    VotesJob job;
    job.votes.assign(unverified_.begin(), end);
    unverified_.erase(unverified_.begin(), end);
    VerifyVotes verify{JobId(next_job_++), {}};
    for (const HeldVote& held : job.votes) {
        verify.votes.push_back(held.vote);
    }
    votes_job_open_ = true;
    jobs_.emplace(verify.job, std::move(job));
    effects.emplace_back(std::move(verify));
}

void Voter::verify_proof(ProofJob job, VoterEffects& effects) {
    const JobId id(next_job_++);
    const BlockNumber block =
        job.origin == Origin::fetch ? fetch_.block() : job.proof.commitment().block;
    effects.emplace_back(VerifyProof{id, job.proof, block, oracle_->active().set()});
    jobs_.emplace(id, std::move(job));
}

void Voter::on_verified(Instant now, JobId job, const std::vector<bool>& verdicts,
                        VoterEffects& effects) {
    const auto found = jobs_.find(job);
    if (found == jobs_.end()) {
        return;
    }
    Job done = std::move(found->second);
    jobs_.erase(found);
    if (auto* votes = std::get_if<VotesJob>(&done)) {
        CHECK(verdicts.size() == votes->votes.size());
        votes_job_open_ = false;
        finish(*votes, verdicts, effects);
        send_verification(effects);
    } else {
        CHECK(verdicts.size() == 1);
        finish(now, std::get<ProofJob>(done), verdicts.front(), effects);
    }
    act(now, effects);
}

void Voter::finish(const VotesJob& job, const std::vector<bool>& verdicts, VoterEffects& effects) {
    for (std::size_t i = 0; i < job.votes.size(); ++i) {
        const HeldVote& held = job.votes[i];
        if (!verdicts[i]) {
            ++counts_.invalid_votes;
            effects.emplace_back(ReportPeer{held.from, PeerFault::bad_signature});
            continue;
        }
        if (held.vote.commitment.set == oracle_->active().set()->id &&
            oracle_->reach_of(held.vote.commitment.block) == Reach::now) {
            relay(held.vote, effects);
        }
        import_vote(held.vote, effects);
    }
}

void Voter::finish(Instant now, ProofJob& job, bool good, VoterEffects& effects) {
    if (!good) {
        if (job.origin == Origin::gossip) {
            effects.emplace_back(ReportPeer{job.from, PeerFault::bad_proof});
        } else if (job.origin == Origin::fetch) {
            ++counts_.fetched_bad;
            effects.emplace_back(ReportPeer{job.from, PeerFault::bad_proof});
            ask_next(now, effects);
        }
        return;
    }
    counts_.fetched_good += job.origin == Origin::fetch ? 1U : 0U;
    if (job.origin == Origin::gossip && job.proof.commitment().set == oracle_->active().set()->id &&
        oracle_->reach_of(job.proof.commitment().block) != Reach::past) {
        relay(job.proof, effects);
    }
    triage(std::move(job.proof), effects);
    // The session may have moved on meanwhile: then the fetch is over all the same.
    if (job.origin == Origin::fetch) {
        fetch_.done(fetch_.block());
    }
}

void Voter::on_fetched(Instant now, FetchId fetch, const std::expected<Bytes, FetchFailure>& proof,
                       VoterEffects& effects) {
    const auto peer = fetch_.on_answer(fetch);
    if (!peer || !oracle_) {
        return;
    }
    auto decoded = proof ? std::optional(decode_finality_proof(*proof)) : std::nullopt;
    if (decoded && *decoded && oracle_->mandatory_pending() == fetch_.block()) {
        verify_proof({**std::move(decoded), Origin::fetch, *peer}, effects);
        return;
    }
    if (decoded && !*decoded) {
        ++counts_.fetched_bad;
        effects.emplace_back(ReportPeer{*peer, PeerFault::bad_proof});
    } else if (!proof && proof.error() == FetchFailure::refused) {
        ++counts_.fetch_refused;
        effects.emplace_back(ReportPeer{*peer, PeerFault::refused_proof});
    } else if (!proof) {
        ++counts_.fetch_failed;
    }
    ask_next(now, effects);
    act(now, effects);
}

void Voter::ask_next(Instant now, VoterEffects& effects) {
    if (!fetch_.awaits_verdict()) {
        return;  // the block's proof came another way meanwhile
    }
    fetch_.next(now, gossip_, effects);
    counts_.fetch_no_peer += fetch_.is_busy() ? 0U : 1U;
}

// ---- gossip ----

void Voter::relay(const GossipMessage& message, VoterEffects& effects) {
    auto to = gossip_.recipients(message_id(message));
    if (!to.empty()) {
        effects.emplace_back(SendMessage{std::move(to), message});
    }
}

std::vector<GossipMessage> Voter::live_messages() const {
    std::vector<GossipMessage> messages;
    const auto [first, last] = oracle_->accepted();
    for (VoteMessage& vote : oracle_->active().open_votes()) {
        if (vote.commitment.block >= first && vote.commitment.block <= last) {
            messages.emplace_back(std::move(vote));
        }
    }
    if (last_proof_ && last_proof_->commitment().block >= first &&
        last_proof_->commitment().set == oracle_->active().set()->id) {
        messages.emplace_back(*last_proof_);
    }
    return messages;
}

// ---- time ----

void Voter::on_wake(Instant now, VoterEffects& effects) {
    if (!oracle_) {
        return;
    }
    if (rebroadcast_at_ && now >= *rebroadcast_at_) {
        rebroadcast_at_ = now + kRebroadcastInterval;
        gossip_.forget_known();
        handled_.clear();
        for (const GossipMessage& message : live_messages()) {
            relay(message, effects);
        }
    }
    act(now, effects);
}

std::optional<Instant> Voter::wake_at() const {
    std::optional<Instant> at = oracle_ ? rebroadcast_at_ : std::nullopt;
    if (const auto fetch_at = fetch_.wake_at(); oracle_ && !syncing_ && fetch_at) {
        at = at ? std::min(*at, *fetch_at) : fetch_at;
    }
    return at;
}

}  // namespace stipple::beefy
