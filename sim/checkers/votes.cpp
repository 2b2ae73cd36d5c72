#include "sim/checkers/votes.hpp"

#include "sim/node.hpp"

namespace stipple::sim {

void VotesChecker::on_import(NodeIndex /*node*/, const chain::Chain& /*chain*/,
                             const node::AnnounceImport& import) {
    const BlockRef& block = import.outcome.block;
    const auto [found, added] = places_.try_emplace({block.number, block.hash});
    if (!added) {
        return;
    }
    Place& place = found->second;
    const auto parent = block.number == 0
                            ? places_.end()
                            : places_.find({block.number - 1, import.header.parent_hash});
    if (parent != places_.end()) {
        place = parent->second;
    }
    while (!place.ends.empty() && place.ends.front() < block.number) {
        place.ends.erase(place.ends.begin());
        ++place.sets_over;
    }
    if (const auto change = grandpa::find_change(import.header)) {
        if (const auto* scheduled = std::get_if<grandpa::ScheduledChange>(&*change)) {
            place.ends.push_back(block.number + scheduled->delay);
        } else {
            forced_ = true;
        }
    }
    if (places_.size() > kBlocksKept) {
        places_.erase(places_.begin());
    }
}

void VotesChecker::on_sent(NodeIndex node, const node::SendNotification& message) {
    if (message.protocol != network::Protocol::grandpa || !population_.honest(node)) {
        return;
    }
    const auto gossip = grandpa::decode_gossip(message.message);
    const auto* sent = gossip ? std::get_if<grandpa::VoteMessage>(&*gossip) : nullptr;
    if (sent == nullptr || sent->vote.id != population_.validators[node].grandpa) {
        return;
    }
    const BlockRef& target = sent->vote.vote.target;
    const auto place = places_.find({target.number, target.hash});
    if (place != places_.end() && !forced_ && place->second.sets_over > sent->set.value) {
        verdict_.fail("node {} votes in set {} for #{} {}, where {} sets are over", node,
                      sent->set.value, target.number, target.hash.hex(), place->second.sets_over);
    }
    if (sent->vote.vote.kind == grandpa::VoteKind::prevote) {
        prevotes_.insert_or_assign(Position{sent->set.value, sent->round.value, node}, target);
        if (prevotes_.size() > kVotesKept) {
            prevotes_.erase(prevotes_.begin());
        }
    }
}

void VotesChecker::on_signed(NodeIndex node, const grandpa::VoteClaim& vote) {
    if (population_.honest(node) && vote.vote.kind == grandpa::VoteKind::precommit) {
        signed_ = Precommit{vote.set, vote.round, vote.id};
    }
}

void VotesChecker::on_step(NodeIndex node, const Node& state) {
    const auto precommit = std::exchange(signed_, std::nullopt);
    const auto* voter = state.core().voter();
    if (!precommit || voter == nullptr || voter->set() != precommit->set ||
        voter->round().number() != precommit->round ||
        voter->round().has_voted(grandpa::Phase::prevote, precommit->id)) {
        return;
    }
    const auto said = prevotes_.find(Position{precommit->set.value, precommit->round.value, node});
    // A block that a crash took away can not be voted for again, nor one below the round's base.
    if (said != prevotes_.end() && voter->tree().contains(said->second.hash) &&
        voter->tree().is_equal_or_descendant(voter->round().base(), said->second.hash)) {
        verdict_.fail(
            "node {} precommits in round {} of set {} and keeps its prevote for #{} {} "
            "to itself",
            node, precommit->round.value, precommit->set.value, said->second.number,
            said->second.hash.hex());
    }
}

}  // namespace stipple::sim
