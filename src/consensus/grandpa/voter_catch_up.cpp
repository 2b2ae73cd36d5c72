// Catching up: who is rounds behind its peers in the same set asks one of them for the votes of a
// round that is over, and goes on behind it.
//
//     a peer is ahead ─▶ ask it ─ answer ─▶ verify ─▶ all blocks here? ─ yes ─▶ the round is over
//                          │ ▲                             │ no: kept, the blocks are asked for
//                          ▼ │ nothing within kCatchUpPatience, or a bad answer
//                        ask another one that is ahead
//
// Spec: sect-grandpa-catchup. A peer that was asked may answer until kCatchUpTimeout, also when
// another one was asked meanwhile.
#include "consensus/grandpa/voter.hpp"

#include <algorithm>

namespace stipple::grandpa {
// ---- asking ----

void Voter::ask_to_catch_up(Instant now, std::optional<PeerKey> found, VoterEffects& effects) {
    std::erase_if(asked_, [&](const auto& each) { return now >= each.at + kCatchUpTimeout; });
    if (rounds_.empty() || (ask_again_at_ && now < *ask_again_at_)) {
        return;
    }
    const RoundNumber enough = rounds_.front().round.number() + kCatchUpThresholdRounds;
    std::vector<PeerKey> ahead = found ? std::vector{*found} : gossip_.ahead(set_, enough);
    std::erase_if(ahead, [&](PeerKey peer) {
        return std::ranges::find(asked_, peer, &CatchUpAsked::peer) != asked_.end();
    });
    ask_again_at_.reset();
    if (ahead.empty() || asked_.size() >= kCatchUpAskedMax) {
        if (!asked_.empty()) {
            ask_again_at_ = asked_.front().at + kCatchUpTimeout;
        }
        return;
    }
    // Not the one furthest ahead: a liar would be that.
    const PeerKey peer = ahead[prng_.below(ahead.size())];
    const CatchUpRequest request{gossip_.view(peer)->round - 1, set_};
    asked_.push_back({peer, request.round, now});
    ask_again_at_ = now + kCatchUpPatience;
    effects.emplace_back(SendMessage{{peer}, request});
}

/// An answer was of no use: nobody waits for more patience.
void Voter::ask_another(Instant now, VoterEffects& effects) {
    ask_again_at_.reset();
    ask_to_catch_up(now, std::nullopt, effects);
}

// ---- answering ----

void Voter::on_catch_up_request(PeerKey peer, const CatchUpRequest& request,
                                VoterEffects& effects) {
    if (request.set != set_) {
        return;
    }
    CatchUp answer;
    if (rounds_.size() > 1) {
        const Round& completed = rounds_[1].round;
        if (!completed.state().completable) {
            return;
        }
        answer = {set_, completed.number(), completed.votes(Phase::prevote),
                  completed.votes(Phase::precommit), completed.base()};
    } else if (before_restart_ && !before_restart_->precommits.empty()) {
        answer = before_restart_->catch_up();
    } else {
        return;
    }
    if (answer.round >= request.round && gossip_.offer(peer, answer)) {  // once for each answer
        effects.emplace_back(SendMessage{{peer}, answer});
    }
}

// ---- the answer ----

void Voter::on_catch_up(Instant now, PeerKey peer, const CatchUp& message, VoterEffects& effects) {
    if (message.set < set_) {
        return;  // the set has changed since we asked
    }
    const auto place = std::ranges::find(asked_, peer, &CatchUpAsked::peer);
    if (place == asked_.end() || message.set != set_) {
        effects.emplace_back(ReportPeer{peer, PeerFault::bad_catch_up});
        return;
    }
    const RoundNumber asked = place->round;
    asked_.erase(place);
    if (message.round <= rounds_.front().round.number()) {
        return;  // we got there ourselves
    }
    const auto prevotes = voters_->weight_of(message.prevotes);
    const auto precommits = voters_->weight_of(message.precommits);
    const std::size_t votes_max = 2 * voters_->size();
    if (message.round < asked || !prevotes || !precommits || *prevotes < voters_->threshold() ||
        *precommits < voters_->threshold() || message.prevotes.size() > votes_max ||
        message.precommits.size() > votes_max) {
        effects.emplace_back(ReportPeer{peer, PeerFault::bad_catch_up});
        ask_another(now, effects);
        return;
    }
    last_now_ = std::max(last_now_, now);
    VerifyClaims verify;
    const auto claim = [&](VoteKind kind, const std::vector<SignedTarget>& votes) {
        for (const SignedTarget& vote : votes) {
            verify.claims.push_back(
                {{kind, vote.target}, vote.signature, vote.id, message.round, set_});
        }
    };
    claim(VoteKind::prevote, message.prevotes);
    claim(VoteKind::precommit, message.precommits);
    verify.job = add_job(CatchUpJob{message, peer});
    effects.emplace_back(std::move(verify));
}

/// Once its blocks may be here.
void Voter::retry_catch_up(Instant now, VoterEffects& effects) {
    if (const auto held = std::exchange(catch_up_blocked_, std::nullopt)) {
        import_catch_up(now, *held, effects);
    }
}

void Voter::import_catch_up(Instant now, const CatchUpJob& job, VoterEffects& effects) {
    const CatchUp& message = job.message;
    if (message.set != set_ || message.round <= rounds_.front().round.number()) {
        return;  // we moved on
    }
    if (!tree_.contains_all(message.prevotes) || !tree_.contains_all(message.precommits)) {
        catch_up_blocked_ = job;  // the newest is as good as the one before
        return;
    }
    const BlockRef base = tree_.contains(message.base.hash) ? message.base : finalized_;
    Round round(message.round, voters_, base);
    for (const SignedTarget& vote : message.prevotes) {
        round.import(Phase::prevote, vote, tree_);
    }
    for (const SignedTarget& vote : message.precommits) {
        round.import(Phase::precommit, vote, tree_);
    }
    if (!round.state().completable) {
        effects.emplace_back(ReportPeer{job.from, PeerFault::bad_catch_up});
        ask_another(now, effects);
        return;
    }
    ask_again_at_.reset();
    const RoundState state = round.state();
    ActiveRound completed{.round = std::move(round),
                          .previous = {},
                          .started = now,
                          .step = Step::precommitted,
                          .proposed = true};
    rounds_.push_front(std::move(completed));
    note_finality(now, rounds_.front(), effects);
    store_round(rounds_.front().round, state, effects);
    begin_round(now, message.round + 1, state, effects);
}

}  // namespace stipple::grandpa
