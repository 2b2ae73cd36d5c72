// What is offered once more, when others get a turn or tell a new view: the votes of the live
// rounds and the last commit.
#include "consensus/grandpa/voter.hpp"

namespace stipple::grandpa {

void Voter::spread_votes(Round& round, std::optional<RoundNumber> behind, VoterEffects& effects) {
    for (const Phase phase : {Phase::prevote, Phase::precommit}) {
        const auto kind = phase == Phase::prevote ? VoteKind::prevote : VoteKind::precommit;
        round.for_each_vote(phase, [&](CastVote& cast) {
            const VoteMessage message{
                round.number(),
                set_,
                {{kind, cast.vote.target}, cast.vote.signature, cast.vote.id}};
            if (auto to = gossip_.recipients(message, cast.message, behind); !to.empty()) {
                effects.emplace_back(SendMessage{std::move(to), message});
            }
        });
    }
}

// The round lasts: more peers have a turn.
void Voter::spread_again(VoterEffects& effects) {
    for (ActiveRound& active : rounds_) {
        spread_votes(active.round, std::nullopt, effects);
    }
    for (const ActiveRound& active : rounds_) {
        if (active.proof) {
            send_commit(active, effects);
            return;  // it makes the earlier ones final, too
        }
    }
}

// A new round has other lucky peers. Those who are still in the last one may lack votes of it that
// they had no turn for.
void Voter::spread_to_laggards(VoterEffects& effects) {
    if (rounds_.size() > 1) {
        spread_votes(rounds_[1].round, rounds_[1].round.number(), effects);
    }
}

// What the peer's view wants and we have.
void Voter::offer_votes(PeerKey peer, const NeighborMessage& view, VoterEffects& effects) {
    for (ActiveRound& active : rounds_) {
        for (const Phase phase : {Phase::prevote, Phase::precommit}) {
            for (VoteMessage& vote : gossip_.votes_for(peer, set_, active.round, phase)) {
                effects.emplace_back(SendMessage{{peer}, std::move(vote)});
            }
        }
    }
    offer_votes_before_restart(peer, view, effects);
    for (const ActiveRound& active : rounds_) {
        if (active.proof && view.commit_finalized_height < active.proof->target.number) {
            if (active.proof->target.number >= finalized_.number) {  // as in send_commit
                const CommitMessage offered{active.round.number(), set_, *active.proof};
                if (gossip_.offer(peer, offered)) {
                    effects.emplace_back(SendMessage{{peer}, offered});
                }
            }
            break;
        }
    }
}

void Voter::offer_votes_before_restart(PeerKey peer, const NeighborMessage& view,
                                       VoterEffects& effects) {
    if (!before_restart_ || before_restart_->number.value + 1 < view.round.value) {
        return;
    }
    const CompletedRound& before = *before_restart_;
    const auto offer = [&](VoteKind kind, const std::vector<SignedTarget>& votes) {
        for (const SignedTarget& vote : votes) {
            const VoteMessage offered{
                before.number, set_, {{kind, vote.target}, vote.signature, vote.id}};
            if (gossip_.offer(peer, offered)) {
                effects.emplace_back(SendMessage{{peer}, offered});
            }
        }
    };
    offer(VoteKind::prevote, before.prevotes);
    offer(VoteKind::precommit, before.precommits);
}

}  // namespace stipple::grandpa
