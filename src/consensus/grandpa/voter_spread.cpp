// What is offered once more when others get a turn: the votes of the live rounds and the last
// commit.
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
        if (active.committed && active.round.state().finalized) {
            relay(CommitMessage{active.round.number(), set_, active.round.commit(tree_)}, effects);
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

}  // namespace stipple::grandpa
