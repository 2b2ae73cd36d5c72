#include "sim/checkers/beefy.hpp"

#include "sim/node.hpp"

namespace stipple::sim {
namespace {

template <class Kept>
void bound(Kept& kept) {
    if (kept.size() > BeefyChecker::kPositionsKept) {
        kept.erase(kept.begin());
    }
}

}  // namespace

void BeefyChecker::on_import(NodeIndex /*node*/, const chain::Chain& /*chain*/,
                             const node::AnnounceImport& import) {
    if (const auto root = beefy::find_mmr_root(import.header)) {
        roots_.emplace(std::pair(import.outcome.block.number, import.outcome.block.hash), *root);
        bound(roots_);
    }
}

void BeefyChecker::on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) {
    if (population_.honest(node)) {
        for (const BlockRef& block : outcome.newly_finalized) {
            final_.emplace(block.number, block.hash);
        }
        bound(final_);
    }
}

void BeefyChecker::on_proof(NodeIndex node, const beefy::Commitment& proven) {
    const auto [found, added] = proven_.emplace(proven.block, proven.payload);
    if (!added) {
        if (found->second != proven.payload) {
            verdict_.fail("conflicting BEEFY proofs: node {} has another payload for #{}", node,
                          proven.block);
        }
        return;
    }
    bound(proven_);
    const auto block = final_.find(proven.block);
    const auto root =
        block == final_.end() ? roots_.end() : roots_.find({block->first, block->second});
    if (root != roots_.end() && beefy::Payload::of(root->second) != proven.payload) {
        verdict_.fail("node {} has a BEEFY proof of #{} that is not of the final block {}", node,
                      proven.block, block->second.hex());
    }
}

void BeefyChecker::on_sent(NodeIndex node, const node::SendNotification& message) {
    if (message.protocol != network::Protocol::beefy) {
        return;
    }
    const auto gossip = beefy::decode_gossip(message.message);
    if (!gossip) {
        return;
    }
    if (const auto* proof = std::get_if<beefy::FinalityProof>(&*gossip)) {
        if (population_.honest(node)) {
            on_proof(node, proof->commitment());
        }
        return;
    }
    const auto& vote = std::get<beefy::VoteMessage>(*gossip);
    const auto owner = population_.honest_owner(vote.id);
    if (!owner || !population_.honest(node)) {
        return;
    }
    const beefy::Commitment& voted = vote.commitment;
    const auto [found, added] =
        votes_.emplace(std::tuple(voted.block, voted.set.value, *owner), voted.payload);
    if (!added && found->second != voted.payload) {
        verdict_.fail("honest equivocation: node {} signed two BEEFY payloads for #{} in set {}",
                      *owner, voted.block, voted.set.value);
    }
    bound(votes_);
}

BlockNumber best_beefy(const Node& node) {
    const auto* voter = node.core().beefy();
    const auto* oracle = voter == nullptr ? nullptr : voter->oracle();
    return oracle == nullptr ? 0 : oracle->best_beefy();
}

}  // namespace stipple::sim
