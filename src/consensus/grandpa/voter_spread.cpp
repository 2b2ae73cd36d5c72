// What is offered once more, when others get a turn or tell a new view: the votes of the live
// rounds and the last commit.
#include "consensus/grandpa/voter.hpp"

namespace stipple::grandpa {

void Voter::spread_votes(const Round& round, std::optional<RoundNumber> behind,
                         VoterEffects& effects) {
    for (const Phase phase : {Phase::prevote, Phase::precommit}) {
        const auto kind = phase == Phase::prevote ? VoteKind::prevote : VoteKind::precommit;
        for (const SignedTarget& vote : round.votes(phase)) {
            const VoteMessage message{
                round.number(), set_, {{kind, vote.target}, vote.signature, vote.id}};
            if (auto to = gossip_.recipients(message, behind); !to.empty()) {
                effects.emplace_back(SendMessage{std::move(to), message});
            }
        }
    }
}

// The round lasts: more peers have a turn.
void Voter::spread_again(VoterEffects& effects) {
    for (const ActiveRound& active : rounds_) {
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
    for (const ActiveRound& active : rounds_) {
        for (const Phase phase : {Phase::prevote, Phase::precommit}) {
            offer_votes(peer, view, active.round.number(), phase, active.round.votes(phase),
                        effects);
        }
    }
    if (before_restart_) {
        const CompletedRound& before = *before_restart_;
        offer_votes(peer, view, before.number, Phase::prevote, before.prevotes, effects);
        offer_votes(peer, view, before.number, Phase::precommit, before.precommits, effects);
    }
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

void Voter::offer_votes(PeerKey peer, const NeighborMessage& view, RoundNumber round, Phase phase,
                        const std::vector<SignedTarget>& votes, VoterEffects& effects) {
    if (round.value + 1 < view.round.value || round.value > view.round.value + 1) {
        return;
    }
    const auto kind = phase == Phase::prevote ? VoteKind::prevote : VoteKind::precommit;
    for (const SignedTarget& vote : votes) {
        const VoteMessage offered{round, set_, {{kind, vote.target}, vote.signature, vote.id}};
        if (gossip_.offer(peer, offered)) {
            effects.emplace_back(SendMessage{{peer}, offered});
        }
    }
}

}  // namespace stipple::grandpa
