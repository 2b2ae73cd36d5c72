// What peers send: cheap checks, a signature job, then the effect on rounds and finality.
#include "base/check.hpp"
#include "consensus/grandpa/justification.hpp"
#include "consensus/grandpa/voter.hpp"

#include <algorithm>

namespace stipple::grandpa {
namespace {

VoteClaim precommit_claim(const SignedTarget& vote, RoundNumber round, AuthoritySetId set) {
    return {{VoteKind::precommit, vote.target}, vote.signature, vote.id, round, set};
}

}  // namespace

void Voter::on_peer_connected(Instant now, PeerKey peer, PeerRole role, VoterEffects& effects) {
    gossip_.connect(peer, role);
    const auto ours = started_ ? std::optional(own_view()) : std::nullopt;
    if (ours && gossip_.tell(now, peer, *ours)) {
        effects.emplace_back(SendMessage{{peer}, *ours});
    }
    last_now_ = std::max(last_now_, now);
}

void Voter::on_peer_disconnected(PeerKey peer) {
    gossip_.disconnect(peer);
    if (std::erase_if(asked_, [&](const auto& each) { return each.peer == peer; }) > 0) {
        ask_again_at_ = last_now_ + kCatchUpRetry;
    }
}

NeighborMessage Voter::own_view() const {
    return {rounds_.front().round.number(), set_, finalized_.number};
}

void Voter::tell_view(Instant now, VoterEffects& effects, bool again) {
    if (!started_ || (told_ == own_view() && !again)) {
        return;
    }
    told_ = own_view();
    std::vector<PeerKey> to = gossip_.all();
    std::erase_if(to, [&](PeerKey peer) { return !gossip_.tell(now, peer, *told_); });
    if (!to.empty()) {
        effects.emplace_back(SendMessage{std::move(to), *told_});
    }
}

void Voter::relay(const GossipMessage& message, std::optional<crypto::Hash64> id,
                  VoterEffects& effects) {
    auto to = gossip_.recipients(message, id);
    if (!to.empty()) {
        effects.emplace_back(SendMessage{std::move(to), message});
    }
}

void Voter::on_message(Instant now, PeerKey peer, const GossipMessage& message,
                       VoterEffects& effects) {
    if (!started_ || !gossip_.is_connected(peer)) {
        return;
    }
    if (const auto* vote = std::get_if<VoteMessage>(&message)) {
        CastVote* cast = find_cast(*vote);
        const crypto::Hash64 id =
            cast != nullptr && cast->message ? *cast->message : message_id(*vote);
        gossip_.note_known(peer, id);
        if (cast != nullptr) {
            cast->message = id;
        } else {
            on_vote(peer, *vote, id, effects);
        }
    } else if (const auto* commit = std::get_if<CommitMessage>(&message)) {
        gossip_.note_known(peer, message_id(message));
        on_commit(peer, *commit, effects);
    } else if (const auto* neighbor = std::get_if<NeighborMessage>(&message)) {
        on_neighbor(now, peer, *neighbor, effects);
    } else if (const auto* request = std::get_if<CatchUpRequest>(&message)) {
        on_catch_up_request(peer, *request, effects);
    } else {
        on_catch_up(now, peer, std::get<CatchUp>(message), effects);
    }
}

/// The vote as one of the rounds counts it already: most of what comes, each peer sending it.
CastVote* Voter::find_cast(const VoteMessage& message) {
    const SignedVote& vote = message.vote;
    ActiveRound* active = message.set == set_ ? find_round(message.round) : nullptr;
    if (active == nullptr || vote.vote.kind == VoteKind::primary_proposal) {
        return nullptr;
    }
    const auto phase = vote.vote.kind == VoteKind::prevote ? Phase::prevote : Phase::precommit;
    return active->round.find_vote(phase, {vote.vote.target, vote.signature, vote.id});
}

void Voter::on_vote(PeerKey peer, const VoteMessage& message, const crypto::Hash64& id,
                    VoterEffects& effects) {
    const RoundNumber current = rounds_.front().round.number();
    if (message.set != set_ || message.round > current + 1) {
        return;  // another set's time, or a round we have yet to reach
    }
    if (find_round(message.round) == nullptr && message.round <= current) {
        return;  // past and gone
    }
    if (!voters_->find(message.vote.id)) {
        effects.emplace_back(ReportPeer{peer, PeerFault::unknown_voter});
        return;
    }
    const auto& vote = message.vote;
    if (unverified_.size() >= kVotesWaitingMax || !verifying_.insert(id).second) {
        return;
    }
    unverified_.push_back(
        {{vote.vote, vote.signature, vote.id, message.round, message.set}, peer, id});
    send_verification(effects);
}

JobId Voter::add_job(Job job) {
    const JobId id(next_job_++);
    jobs_.emplace(id, std::move(job));
    return id;
}

// One job of votes at a time: what arrives meanwhile makes up the next batch.
void Voter::send_verification(VoterEffects& effects) {
    if (votes_job_open_ || unverified_.empty()) {
        return;
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(unverified_.size(), kClaimsPerJobMax));
    VotesJob job;
    job.votes.assign(unverified_.begin(), unverified_.begin() + count);
    unverified_.erase(unverified_.begin(), unverified_.begin() + count);
    VerifyClaims verify;
    for (const HeldVote& vote : job.votes) {
        verify.claims.push_back(vote.claim);
    }
    verify.job = add_job(std::move(job));
    votes_job_open_ = true;
    effects.emplace_back(std::move(verify));
}

void Voter::on_commit(PeerKey peer, const CommitMessage& message, VoterEffects& effects) {
    if (message.set != set_ || message.commit.target.number <= finalized_.number) {
        return;
    }
    const auto weight = voters_->weight_of(message.commit.precommits);
    if (!weight) {
        effects.emplace_back(ReportPeer{peer, PeerFault::unknown_voter});
        return;
    }
    if (*weight < voters_->threshold()) {
        effects.emplace_back(ReportPeer{peer, PeerFault::bad_commit});
        return;
    }
    // Two votes per voter are all that can count; more is padding.
    if (message.commit.precommits.size() > 2 * voters_->size()) {
        effects.emplace_back(ReportPeer{peer, PeerFault::bad_commit});
        return;
    }
    if (jobs_.size() >= kCommitsWaitingMax) {
        return;
    }
    start_commit_job({message, peer}, effects);
}

void Voter::start_commit_job(HeldCommit commit, VoterEffects& effects) {
    VerifyClaims verify;
    for (const SignedTarget& vote : commit.message.commit.precommits) {
        verify.claims.push_back(precommit_claim(vote, commit.message.round, set_));
    }
    verify.job = add_job(CommitJob{std::move(commit)});
    effects.emplace_back(std::move(verify));
}

void Voter::on_neighbor(Instant now, PeerKey peer, const NeighborMessage& message,
                        VoterEffects& effects) {
    if (!gossip_.on_neighbor(now, peer, message)) {
        effects.emplace_back(ReportPeer{peer, PeerFault::view_going_back});
        return;
    }
    if (message.set != set_) {
        return;
    }
    const RoundNumber current = rounds_.front().round.number();
    if (message.round >= current + kCatchUpThresholdRounds) {
        ask_to_catch_up(now, peer, effects);
    }
    if (gossip_.may_offer(peer, now)) {
        offer_votes(peer, message, effects);
    }
}

// A fork that nobody builds on is announced no more: who missed it learns of it by the votes alone,
// and without its blocks they count for nothing.
void Voter::ask_for_blocks(Instant now, VoterEffects& effects) {
    if (blocked_.empty() && commits_blocked_.empty() && !catch_up_blocked_) {
        ask_blocks_at_.reset();
        return;
    }
    if (!ask_blocks_at_ || now < *ask_blocks_at_) {
        ask_blocks_at_ = ask_blocks_at_.value_or(now + kMissingBlockPatience);
        return;
    }
    ask_blocks_at_ = now + kMissingBlockPatience;
    std::vector<WantBlock> wanted;
    const auto want = [&](const BlockRef& block, std::optional<PeerKey> from) {
        if (tree_.contains(block.hash) || block.number <= finalized_.number) {
            return;
        }
        auto known = std::ranges::find(wanted, block, &WantBlock::block);
        if (known == wanted.end()) {
            if (wanted.size() >= kMissingBlocksMax) {
                return;
            }
            known = wanted.insert(known, {block, {}});
        }
        const bool is_source = from && gossip_.is_connected(*from);
        if (is_source && std::ranges::find(known->peers, *from) == known->peers.end()) {
            known->peers.push_back(*from);
        }
    };
    for (const HeldVote& vote : blocked_) {
        want(vote.claim.vote.target, vote.from);
    }
    for (const HeldCommit& commit : commits_blocked_) {
        want(commit.message.commit.target, commit.from);
        for (const SignedTarget& vote : commit.message.commit.precommits) {
            want(vote.target, commit.from);
        }
    }
    if (catch_up_blocked_) {
        for (const auto* votes :
             {&catch_up_blocked_->message.prevotes, &catch_up_blocked_->message.precommits}) {
            for (const SignedTarget& vote : *votes) {
                want(vote.target, catch_up_blocked_->from);
            }
        }
    }
    for (WantBlock& each : wanted) {
        effects.emplace_back(std::move(each));
    }
}

// ---- verdicts ----

void Voter::on_job_done(Instant now, JobId id, const std::vector<bool>& verdicts,
                        VoterEffects& effects) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) {
        return;  // of an earlier set
    }
    const Job job = std::move(found->second);
    jobs_.erase(found);
    const bool all_good = std::find(verdicts.begin(), verdicts.end(), false) == verdicts.end();
    if (const auto* votes = std::get_if<VotesJob>(&job)) {
        CHECK(verdicts.size() == votes->votes.size());
        votes_job_open_ = false;
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            const HeldVote& vote = votes->votes[i];
            verifying_.erase(*vote.id);
            if (verdicts[i]) {
                look_for_own(vote.claim, effects);
                import_vote(vote, effects);
            } else if (vote.from) {
                effects.emplace_back(ReportPeer{*vote.from, PeerFault::bad_signature});
            }
        }
        send_verification(effects);
    } else if (const auto* commit = std::get_if<CommitJob>(&job)) {
        if (all_good) {
            const CommitMessage& message = commit->commit.message;
            for (const SignedTarget& vote : message.commit.precommits) {
                look_for_own(precommit_claim(vote, message.round, message.set), effects);
            }
            import_commit(commit->commit, effects);
        } else {
            effects.emplace_back(ReportPeer{commit->commit.from, PeerFault::bad_signature});
        }
    } else {
        const auto& catch_up = std::get<CatchUpJob>(job);
        if (all_good) {
            import_catch_up(now, catch_up, effects);
        } else {
            effects.emplace_back(ReportPeer{catch_up.from, PeerFault::bad_signature});
            ask_another(now, effects);
        }
    }
    advance(now, effects);
}

void Voter::import_vote(const HeldVote& held, VoterEffects& effects) {
    const VoteClaim& claim = held.claim;
    if (claim.set != set_ || rounds_.empty()) {
        return;
    }
    const RoundNumber current = rounds_.front().round.number();
    if (claim.round == current + 1) {
        if (future_.size() < kVotesWaitingMax) {
            future_.push_back(held);
        }
        return;
    }
    ActiveRound* active = find_round(claim.round);
    if (active == nullptr) {
        return;
    }
    const auto number = tree_.number(claim.vote.target.hash);
    if (!number) {
        if (blocked_.size() < kVotesWaitingMax) {
            blocked_.push_back(held);
        }
        return;
    }
    if (*number != claim.vote.target.number) {
        if (held.from) {
            effects.emplace_back(ReportPeer{*held.from, PeerFault::wrong_number});
        }
        return;
    }
    const VoteMessage message{claim.round, claim.set, {claim.vote, claim.signature, claim.id}};
    if (claim.vote.kind == VoteKind::primary_proposal) {
        if (voters_->find(claim.id) == voters_->primary(claim.round) && !active->hint) {
            active->hint = claim.vote.target;
            relay(message, held.id, effects);
        }
        return;
    }
    const auto phase = claim.vote.kind == VoteKind::prevote ? Phase::prevote : Phase::precommit;
    const crypto::Hash64 id = held.id ? *held.id : message_id(message);
    const VoteOutcome outcome =
        active->round.import(phase, {claim.vote.target, claim.signature, claim.id}, tree_, id);
    if (outcome == VoteOutcome::equivocation) {
        effects.emplace_back(
            ReportEquivocation{*active->round.equivocation(phase, claim.id), set_});
    }
    if (outcome == VoteOutcome::equivocation || outcome == VoteOutcome::counted) {
        relay(message, id, effects);
    }
}

void Voter::import_commit(const HeldCommit& held, VoterEffects& effects) {
    const CommitMessage& message = held.message;
    if (message.set != set_ || message.commit.target.number <= finalized_.number) {
        return;
    }
    if (!tree_.contains(message.commit.target.hash) ||
        !tree_.contains_all(message.commit.precommits)) {
        if (commits_blocked_.size() < kCommitsWaitingMax) {
            commits_blocked_.push_back(held);
        }
        return;
    }
    if (tree_.number(message.commit.target.hash) != message.commit.target.number ||
        !check_commit(message.commit, *voters_, tree_)) {
        effects.emplace_back(ReportPeer{held.from, PeerFault::bad_commit});
        return;
    }
    if (ActiveRound* active = find_round(message.round)) {
        for (const SignedTarget& vote : message.commit.precommits) {
            if (active->round.import(Phase::precommit, vote, tree_) == VoteOutcome::equivocation) {
                effects.emplace_back(ReportEquivocation{
                    *active->round.equivocation(Phase::precommit, vote.id), set_});
            }
        }
        active->commit_at.reset();  // somebody was faster
        active->proof = message.commit;
    }
    finalize(message.commit.target, message.round, message.commit, effects);
    relay(message, std::nullopt, effects);
}

}  // namespace stipple::grandpa
