#include "consensus/grandpa/round.hpp"

#include "base/check.hpp"

namespace stipple::grandpa {

Bytes encode_equivocation_proof(const Equivocation& equivocation, AuthoritySetId set) {
    // {set_id, enum 0 prevote / 1 precommit {round, id, (vote, signature) twice}}
    Bytes out;
    scale::encode_to(out, set);
    out.push_back(static_cast<std::uint8_t>(equivocation.phase));
    scale::encode_to(out, equivocation.round);
    scale::encode_to(out, equivocation.id);
    for (const SignedTarget* vote : {&equivocation.first, &equivocation.second}) {
        scale::encode_to(out, vote->target);
        scale::encode_to(out, vote->signature);
    }
    return out;
}

Round::Round(RoundNumber number, std::shared_ptr<const VoterSet> voters, const BlockRef& base)
    : number_(number), voters_(std::move(voters)), graph_(base) {
    for (Tally& tally : tallies_) {
        tally.ballots.resize(voters_->size());
    }
}

VoteOutcome Round::import(Phase phase, const SignedTarget& vote, const BlockTree& tree,
                          const std::optional<crypto::Hash64>& message) {
    const auto voter = voters_->find(vote.id);
    if (!voter) {
        return VoteOutcome::unknown_voter;
    }
    Tally& tally = tallies_[index(phase)];
    Ballot& ballot = tally.ballots[*voter];
    const std::uint64_t voter_weight = voters_->weight(*voter);
    if (ballot.has(vote)) {
        return VoteOutcome::duplicate;
    }
    if (ballot.second) {
        return VoteOutcome::surplus;
    }
    if (!ballot.first) {
        if (!graph_.add(phase, vote.target, voter_weight, tree)) {
            return VoteOutcome::outside;
        }
        ballot.first = CastVote{vote, message};
        ++tally.votes;
        tally.cast += voter_weight;
        update();
        return VoteOutcome::counted;
    }
    // A second vote moves the weight from the first target to all blocks. Another signature for the
    // same target does so too: the field compares the pair.
    ballot.second = CastVote{vote, message};
    ++tally.votes;
    graph_.remove(phase, ballot.first->vote.target.hash, voter_weight);
    tally.equivocated += voter_weight;
    update();
    return VoteOutcome::equivocation;
}

std::optional<Equivocation> Round::equivocation(Phase phase, const AuthorityId& id) const {
    const auto voter = voters_->find(id);
    if (!voter) {
        return std::nullopt;
    }
    const Ballot& ballot = tallies_[index(phase)].ballots[*voter];
    if (!ballot.second) {
        return std::nullopt;
    }
    return Equivocation{number_, phase, id, ballot.first->vote, ballot.second->vote};
}

CastVote* Round::find_vote(Phase phase, const SignedTarget& vote) {
    const auto voter = voters_->find(vote.id);
    if (!voter) {
        return nullptr;
    }
    Ballot& ballot = tallies_[index(phase)].ballots[*voter];
    for (auto* cast : {&ballot.first, &ballot.second}) {
        if (*cast && (*cast)->vote == vote) {
            return &**cast;
        }
    }
    return nullptr;
}

bool Round::has_voted(Phase phase, const AuthorityId& id) const {
    const auto voter = voters_->find(id);
    return voter && tallies_[index(phase)].ballots[*voter].first.has_value();
}

std::optional<BlockRef> Round::precommit_ghost() const {
    return graph_.find_ghost(std::nullopt, [this](const VoteGraph::Weights& weights) {
        return weight(weights, Phase::precommit) >= voters_->threshold();
    });
}

std::vector<SignedTarget> Round::votes(Phase phase) const {
    std::vector<SignedTarget> all;
    all.reserve(vote_count(phase));
    for (const Ballot& ballot : tallies_[index(phase)].ballots) {
        for (const auto* cast : {&ballot.first, &ballot.second}) {
            if (*cast) {
                all.push_back((*cast)->vote);
            }
        }
    }
    return all;
}

Commit Round::commit(const BlockTree& tree) const {
    CHECK(state_.finalized.has_value());
    Commit commit{*state_.finalized, {}};
    for (const Ballot& ballot : tallies_[index(Phase::precommit)].ballots) {
        for (const auto* cast : {&ballot.first, &ballot.second}) {
            if (*cast && tree.is_equal_or_descendant(commit.target, (*cast)->vote.target.hash)) {
                commit.precommits.push_back((*cast)->vote);
                break;
            }
        }
    }
    return commit;
}

void Round::update() {
    const std::uint64_t threshold = voters_->threshold();
    const std::uint64_t total = voters_->total_weight();
    if (tallies_[index(Phase::prevote)].cast < threshold) {
        return;
    }
    state_.prevote_ghost =
        graph_.find_ghost(state_.prevote_ghost, [&](const VoteGraph::Weights& weights) {
            return weight(weights, Phase::prevote) >= threshold;
        });
    if (!state_.prevote_ghost) {
        return;
    }
    const BlockRef ghost = *state_.prevote_ghost;
    const Tally& precommits = tallies_[index(Phase::precommit)];
    if (precommits.cast < threshold) {
        // Whoever has not precommitted, and f equivocators, can still lift any block.
        state_.estimate = ghost;
        return;
    }
    state_.finalized = graph_.find_ancestor(ghost, [&](const VoteGraph::Weights& weights) {
        return weight(weights, Phase::precommit) >= threshold;
    });
    const std::uint64_t tolerated = total - threshold;
    const std::uint64_t further =
        tolerated > precommits.equivocated ? tolerated - precommits.equivocated : 0;
    const auto may_get_supermajority = [&](const VoteGraph::Weights& weights) {
        const std::uint64_t for_it = weight(weights, Phase::precommit);
        const std::uint64_t may_equivocate = std::min(precommits.cast - for_it, further);
        return for_it + (total - precommits.cast) + may_equivocate >= threshold;
    };
    state_.estimate = graph_.find_ancestor(ghost, may_get_supermajority);
    if (!state_.estimate) {
        state_.completable = false;
        return;
    }
    state_.completable =
        *state_.estimate != ghost || graph_.find_ghost(ghost, may_get_supermajority) == ghost;
}

}  // namespace stipple::grandpa
