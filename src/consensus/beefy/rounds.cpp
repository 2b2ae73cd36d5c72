#include "consensus/beefy/rounds.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace stipple::beefy {

std::size_t threshold(std::size_t validators) {
    return validators - (validators == 0 ? 0 : (validators - 1) / 3);
}

Rounds::Rounds(BlockNumber session_start, std::shared_ptr<const ValidatorSet> set)
    : session_start_(session_start), set_(std::move(set)) {
    CHECK(!set_->validators.empty());
    for (const AuthorityId& id : set_->validators) {
        ++weights_[id];
    }
}

Rounds::Imported Rounds::add(const VoteMessage& vote) {
    const BlockNumber block = vote.commitment.block;
    if (block < session_start_ || (best_done_ && block <= *best_done_)) {
        return {VoteVerdict::stale, {}, {}};
    }
    const auto weight = weights_.find(vote.id);
    if (vote.commitment.set != set_->id || weight == weights_.end()) {
        return {VoteVerdict::invalid, {}, {}};
    }
    if (const auto known = votes_.find({block, vote.id}); known != votes_.end()) {
        Voted& first = known->second;
        if (first.vote.commitment.payload == vote.commitment.payload) {
            return {VoteVerdict::counted, {}, {}};
        }
        Imported imported{VoteVerdict::double_voted, {}, {}};
        if (!first.reported) {
            first.reported = true;
            imported.equivocation = DoubleVotingProof{first.vote, vote};
        }
        return imported;
    }
    std::size_t& open = open_[vote.id];
    if (open == kOpenVotesPerValidatorMax) {
        return {VoteVerdict::too_many, {}, {}};
    }
    ++open;
    votes_.emplace(std::pair(block, vote.id), Voted{vote, false});
    const auto round = rounds_.try_emplace({block, vote.commitment.payload}).first;
    round->second.signatures.emplace(vote.id, vote.signature);
    round->second.weight += weight->second;
    if (round->second.weight < threshold(set_->validators.size())) {
        return {VoteVerdict::counted, {}, {}};
    }
    Imported imported{VoteVerdict::concluded, proof_of(vote.commitment, round->second), {}};
    rounds_.erase(round);
    return imported;
}

FinalityProof Rounds::proof_of(const Commitment& commitment, const Round& round) const {
    FinalityProof proof{{commitment, {}}};
    for (const AuthorityId& id : set_->validators) {
        const auto signature = round.signatures.find(id);
        proof.signed_commitment.signatures.push_back(
            signature == round.signatures.end() ? std::nullopt : std::optional(signature->second));
    }
    return proof;
}

void Rounds::conclude(BlockNumber block) {
    std::erase_if(rounds_, [&](const auto& round) { return round.first.first <= block; });
    while (!votes_.empty() && votes_.begin()->first.first <= block) {
        const auto open = open_.find(votes_.begin()->first.second);
        if (--open->second == 0) {
            open_.erase(open);
        }
        votes_.erase(votes_.begin());
    }
    mandatory_done_ = mandatory_done_ || block == session_start_;
    best_done_ = std::max(best_done_.value_or(block), block);
}

bool Rounds::has(const VoteMessage& vote) const {
    const auto known = votes_.find({vote.commitment.block, vote.id});
    return known != votes_.end() && known->second.vote == vote;
}

std::vector<VoteMessage> Rounds::open_votes() const {
    std::vector<VoteMessage> votes;
    votes.reserve(votes_.size());
    for (const auto& [key, voted] : votes_) {
        votes.push_back(voted.vote);
    }
    return votes;
}

bool Rounds::is_member(const AuthorityId& id) const {
    return weights_.contains(id);
}

}  // namespace stipple::beefy
