#include "consensus/grandpa/voter.hpp"

#include "base/check.hpp"
#include "consensus/grandpa/justification.hpp"
#include "consensus/grandpa/voting_rule.hpp"

#include <algorithm>

namespace stipple::grandpa {
namespace {

constexpr int kPrevoteAfter = 2;    // in gossip durations
constexpr int kPrecommitAfter = 4;  // in gossip durations
constexpr int kRoundSpan = 5;       // what a round is expected to take, in gossip durations

// Round 0 of every set: complete, with its base decided.
RoundState genesis_state(const BlockRef& base) {
    return {base, base, base, true};
}

}  // namespace

Voter::Voter(VoterConfig config, AuthoritySetId set, VoterSet voters, const BlockRef& finalized,
             Seed seed)
    : config_(std::move(config)),
      set_(set),
      voters_(std::make_shared<const VoterSet>(std::move(voters))),
      prng_(seed),
      finalized_(finalized),
      best_(finalized),
      round_base_(finalized),
      tree_root_(finalized),
      gossip_(prng_.fork()) {
    tree_.finalize(finalized);
    find_key_in_set();
}

Result<> Voter::start(Instant now, const StoreReader& store, VoterEffects& effects) {
    TRY_ASSIGN(auto completed, load_completed_round(store));
    started_ = true;
    neighbor_at_ = now + kNeighborPeriod;
    // The estimate must be a block we can judge by: finalised here, or still known.
    const bool goes_on = completed && completed->set == set_ && completed->state.estimate &&
                         (completed->state.estimate->number <= finalized_.number ||
                          tree_.contains(completed->state.estimate->hash));
    if (goes_on) {
        before_restart_ = std::move(completed);
        begin_round(now, before_restart_->number + 1, before_restart_->state, effects);
    } else {
        begin_round(now, RoundNumber(1), genesis_state(finalized_), effects);
    }
    advance(now, effects);
    return {};
}

// ---- the chain ----

void Voter::on_block_imported(Instant now, const BlockRef& block, const BlockHash& parent,
                              VoterEffects& effects) {
    if (!tree_.insert(block, parent)) {
        return;
    }
    std::vector<HeldVote> votes;
    std::swap(votes, blocked_);
    for (const HeldVote& vote : votes) {
        import_vote(vote, effects);
    }
    std::vector<HeldCommit> commits;
    std::swap(commits, commits_blocked_);
    for (HeldCommit& commit : commits) {
        import_commit(commit, effects);
    }
    retry_catch_up(now, effects);
    advance(now, effects);
}

void Voter::on_best_block(Instant now, const BlockRef& best, std::optional<BlockNumber> ceiling,
                          VoterEffects& effects) {
    best_ = best;
    ceiling_ = ceiling;
    advance(now, effects);
}

void Voter::on_finalized(Instant now, const BlockRef& block, VoterEffects& effects) {
    if (block.number >= finalized_.number) {
        finalized_ = block;
    }
    if (best_.number < finalized_.number) {
        best_ = finalized_;
    }
    trim(finalized_);
    tell_view(now, effects);
    advance(now, effects);
}

// Old rounds that can finalise nothing more go, but for two: a peer that is one round behind us may
// still wait for votes of the round before its own. The tree keeps what the others stand on.
void Voter::trim(const BlockRef& final_block) {
    while (rounds_.size() > 1 &&
           (rounds_.size() > kPastRoundsMax + 1 ||
            (rounds_.size() > 3 && rounds_.back().round.state().estimate &&
             rounds_.back().round.state().estimate->number <= final_block.number))) {
        rounds_.pop_back();
    }
    BlockRef lowest = final_block.number < round_base_.number ? final_block : round_base_;
    for (const ActiveRound& active : rounds_) {
        if (active.round.base().number < lowest.number) {
            lowest = active.round.base();
        }
    }
    if (lowest != tree_root_ && tree_.contains(lowest.hash)) {
        tree_.finalize(lowest);
        tree_root_ = lowest;
    }
}

void Voter::on_new_set(Instant now, AuthoritySetId set, VoterSet voters, const BlockRef& base,
                       VoterEffects& effects) {
    send_last_commits(effects);
    set_ = set;
    voters_ = std::make_shared<const VoterSet>(std::move(voters));
    find_key_in_set();
    rounds_.clear();
    before_restart_.reset();
    unverified_.clear();
    verifying_.clear();
    blocked_.clear();
    future_.clear();
    commits_blocked_.clear();
    ask_blocks_at_.reset();
    jobs_.clear();
    votes_job_open_ = false;
    asked_.clear();
    ask_again_at_.reset();
    catch_up_blocked_.reset();
    finalized_ = base;
    round_base_ = base;
    if (best_.number < base.number) {
        best_ = base;
    }
    if (tree_.contains(base.hash)) {
        tree_.finalize(base);
        tree_root_ = base;
    }
    if (started_) {
        begin_round(now, RoundNumber(1), genesis_state(base), effects);
        advance(now, effects);
    }
}

// ---- rounds ----

void Voter::begin_round(Instant now, RoundNumber number, const RoundState& previous,
                        VoterEffects& effects) {
    ActiveRound active{
        .round = Round(number, voters_, round_base_), .previous = previous, .started = now};
    rounds_.push_front(std::move(active));
    gossip_.begin_round(now, kRoundSpan * config_.gossip_duration);
    spread_to_laggards(effects);
    // What the last round finalised becomes the base only one round later: votes cast in this one
    // before they knew must still fit.
    if (previous.finalized && previous.finalized->number > round_base_.number) {
        round_base_ = *previous.finalized;
    }
    trim(finalized_);
    std::vector<HeldVote> votes;
    std::swap(votes, future_);
    for (const HeldVote& vote : votes) {
        import_vote(vote, effects);
    }
    tell_view(now, effects);
}

Voter::ActiveRound* Voter::find_round(RoundNumber number) {
    for (ActiveRound& active : rounds_) {
        if (active.round.number() == number) {
            return &active;
        }
    }
    return nullptr;
}

// Does all that is due; each pass makes progress or ends.
void Voter::advance(Instant now, VoterEffects& effects) {
    last_now_ = now;
    if (rounds_.empty()) {
        return;
    }
    for (bool moved = true; moved;) {
        moved = false;
        for (ActiveRound& active : rounds_) {
            note_finality(now, active, effects);
        }
        ActiveRound& current = rounds_.front();
        // Late votes lower the estimate of the round before: who kept to what it was when this
        // round began would wait for the finality of a block that nobody votes for.
        if (rounds_.size() > 1 && rounds_[1].round.number() + 1 == current.round.number()) {
            current.previous = rounds_[1].round.state();
        }
        moved = advance_step(now, current, effects);
        // A round whose own votes are with the signer has not ended for us yet; others need not
        // wait, so neither does the next round.
        if (current.round.state().completable && estimate_is_final(current)) {
            const RoundState state = current.round.state();
            store_round(current.round, state, effects);
            begin_round(now, current.round.number() + 1, state, effects);
            moved = true;
        }
    }
    finish_commits(now, effects);
    ask_for_blocks(now, effects);
    if (gossip_.on_time(now)) {
        spread_again(effects);
    }
}

bool Voter::estimate_is_final(const ActiveRound& active) const {
    if (!active.previous.estimate) {
        return false;
    }
    return active.previous.estimate->number <= finalized_.number;
}

bool Voter::advance_step(Instant now, ActiveRound& active, VoterEffects& effects) {
    if (!own_key()) {
        return false;
    }
    const bool completable = active.round.state().completable;
    const auto passed = [&](int durations) {
        return now >= active.started + durations * config_.gossip_duration;
    };
    switch (active.step) {
        case Step::start:
            propose(active, effects);
            if (!passed(kPrevoteAfter) && !completable) {
                return false;
            }
            prevote(active, effects);
            active.step = Step::prevoted;
            active.prevote_open = true;
            return true;
        case Step::prevoted: {
            // The prevote goes first, also when the journal has us cast an older one again: a
            // precommit beside no prevote is hard to answer for.
            if (active.prevote_open) {
                return false;
            }
            const auto& ghost = active.round.state().prevote_ghost;
            const bool above_estimate =
                ghost && active.previous.estimate &&
                (active.previous.estimate->number <= active.round.base().number ||
                 tree_.is_equal_or_descendant(*active.previous.estimate, ghost->hash));
            if (!above_estimate || (!passed(kPrecommitAfter) && !completable)) {
                return false;
            }
            sign(active, VoteKind::precommit, *ghost, effects);
            active.step = Step::precommitted;
            return true;
        }
        case Step::precommitted:
            return false;
    }
    return false;
}

// The primary hints at the last estimate while that is not final.
void Voter::propose(ActiveRound& active, VoterEffects& effects) {
    const bool primary = voters_->find(*own_key()) == voters_->primary(active.round.number());
    if (active.proposed || !primary) {
        return;
    }
    active.proposed = true;
    const auto& estimate = active.previous.estimate;
    const auto& finalized = active.previous.finalized;
    if (estimate && (!finalized || estimate->number > finalized->number)) {
        sign(active, VoteKind::primary_proposal, *estimate, effects);
    }
}

void Voter::prevote(ActiveRound& active, VoterEffects& effects) {
    // 1. Start from the last estimate, or the primary's hint when it lies between the estimate and
    //    the last round's GHOST.
    BlockRef start = active.previous.estimate.value_or(active.round.base());
    if (start.number < active.round.base().number) {
        start = active.round.base();
    }
    const auto& ghost = active.previous.prevote_ghost;
    if (active.hint && ghost && active.hint->number > start.number &&
        active.hint->number <= ghost->number &&
        tree_.is_equal_or_descendant(start, active.hint->hash) &&
        tree_.is_equal_or_descendant(*active.hint, ghost->hash)) {
        start = *active.hint;
    }
    // 2. Go up the best chain as far as the rules allow, if it contains the start.
    BlockRef target = start;
    if (best_.number > start.number && tree_.is_equal_or_descendant(start, best_.hash)) {
        BlockNumber number = restrict_vote(start.number, best_.number);
        if (ceiling_ && number > *ceiling_) {
            number = std::max(*ceiling_, start.number);
        }
        target = tree_.ancestor_at(best_, number).value_or(start);
    }
    sign(active, VoteKind::prevote, target, effects);
}

void Voter::sign(const ActiveRound& active, VoteKind kind, const BlockRef& target,
                 VoterEffects& effects) {
    const auto key = own_key();
    CHECK(key.has_value());
    effects.emplace_back(SignVote{*key, {kind, target}, active.round.number(), set_});
}

void Voter::set_keys(std::vector<AuthorityId> keys) {
    config_.keys = std::move(keys);
    find_key_in_set();
}

void Voter::find_key_in_set() {
    const auto key = std::ranges::find_if(
        config_.keys, [&](const auto& each) { return voters_->find(each).has_value(); });
    key_in_set_ = key == config_.keys.end() ? std::nullopt : std::optional(*key);
}

void Voter::on_signed(Instant now, const VoteClaim& vote, VoterEffects& effects) {
    if (vote.set != set_) {
        return;
    }
    import_vote({vote, std::nullopt}, effects);
    if (ActiveRound* round = find_round(vote.round); vote.vote.kind == VoteKind::prevote && round) {
        round->prevote_open = false;
    }
    advance(now, effects);
}

void Voter::look_for_own(const VoteClaim& vote, VoterEffects& effects) const {
    if (std::find(config_.keys.begin(), config_.keys.end(), vote.id) != config_.keys.end()) {
        effects.emplace_back(OwnVoteSeen{vote});
    }
}

void Voter::on_signed_before(Instant now, const SignedBefore& before, VoterEffects& effects) {
    if (before.set != set_ || rounds_.empty() || before.round != rounds_.front().round.number()) {
        return;
    }
    // A crash may have taken the block. The vote stands all the same: others may have the block,
    // and with the vote we ask for it (WantBlock). Only without its number this phase passes
    // without us.
    const BlockNumber number = tree_.number(before.target.hash).value_or(before.target.number);
    if (number > 0) {
        effects.emplace_back(
            SignVote{before.key, {before.kind, {before.target.hash, number}}, before.round, set_});
    } else if (before.kind == VoteKind::prevote) {
        rounds_.front().prevote_open = false;
    }
    advance(now, effects);
}

// Tells of what a round's votes made final, and plans the commit that tells others.
void Voter::note_finality(Instant now, ActiveRound& active, VoterEffects& effects) {
    const auto& finalized = active.round.state().finalized;
    if (!finalized || finalized->number <= finalized_.number) {
        return;
    }
    // Where only the other votes of equivocators carry it, nobody else would believe us: more votes
    // will come, or the next round says it.
    Commit proof = active.round.commit(tree_);
    if (!check_commit(proof, *voters_, tree_)) {
        return;
    }
    finalize(*finalized, active.round.number(), proof, effects);
    active.proof = std::move(proof);
    if (own_key() && !active.commit_at) {
        // At random within T, so that not everybody sends the same commit.
        const auto span = static_cast<std::uint64_t>(config_.gossip_duration.count());
        active.commit_at = now + Duration(static_cast<std::int64_t>(prng_.below(span + 1)));
    }
}

void Voter::finalize(const BlockRef& block, RoundNumber round, const Commit& commit,
                     VoterEffects& effects) {
    finalized_ = block;
    effects.emplace_back(Finalize{block, round, set_, commit});
}

void Voter::finish_commits(Instant now, VoterEffects& effects) {
    for (ActiveRound& active : rounds_) {
        if (active.commit_at && now >= *active.commit_at) {
            active.commit_at.reset();
            send_commit(active, effects);
        }
    }
}

// A commit below what our view says is final would contradict it, and peers take offence; the later
// round's commit tells them more anyway. Peers that know as much said so in their views.
void Voter::send_commit(const ActiveRound& active, VoterEffects& effects) {
    if (active.proof && active.proof->target.number >= finalized_.number) {
        relay(CommitMessage{active.round.number(), set_, *active.proof}, std::nullopt, effects);
    }
}

// Nobody speaks of a set that is over: what is planned is sent now or never.
void Voter::send_last_commits(VoterEffects& effects) {
    for (ActiveRound& active : rounds_) {
        if (active.commit_at) {
            active.commit_at.reset();
            send_commit(active, effects);
        }
    }
}

void Voter::store_round(const Round& round, const RoundState& state, VoterEffects& effects) const {
    effects.emplace_back(
        StoreRows{rows_of({set_, round.number(), round.base(), state, round.votes(Phase::prevote),
                           round.votes(Phase::precommit)})});
}

// ---- time ----

void Voter::on_wake(Instant now, VoterEffects& effects) {
    if (ask_again_at_ && now >= *ask_again_at_) {
        ask_to_catch_up(now, std::nullopt, effects);
    }
    if (neighbor_at_ && now >= *neighbor_at_) {
        neighbor_at_ = now + kNeighborPeriod;
        tell_view(now, effects, true);
    }
    advance(now, effects);
}

std::optional<Instant> Voter::wake_at() const {
    std::optional<Instant> next = neighbor_at_;
    // What has come to pass without a step waits for votes, not for time.
    const auto consider = [&](Instant at) {
        if (at > last_now_) {
            next = next ? std::min(*next, at) : at;
        }
    };
    if (ask_again_at_) {
        consider(*ask_again_at_);
    }
    if (const auto turn = gossip_.wake_at(); turn && !rounds_.empty()) {
        consider(*turn);
    }
    if (ask_blocks_at_) {
        consider(*ask_blocks_at_);
    }
    for (const ActiveRound& active : rounds_) {
        if (active.commit_at) {
            consider(*active.commit_at);
        }
    }
    if (!rounds_.empty() && own_key()) {
        const ActiveRound& current = rounds_.front();
        if (current.step == Step::start) {
            consider(current.started + kPrevoteAfter * config_.gossip_duration);
        } else if (current.step == Step::prevoted && current.round.state().prevote_ghost) {
            consider(current.started + kPrecommitAfter * config_.gossip_duration);
        }
    }
    return next;
}

}  // namespace stipple::grandpa
