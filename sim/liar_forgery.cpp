// What a liar makes up: votes, commits, justifications, blocks, floods.
#include "network/messages/block_announce.hpp"
#include "network/messages/transactions.hpp"
#include "primitives/babe.hpp"
#include "sim/liar.hpp"
#include "sim/toy/runtime.hpp"

#include <algorithm>

namespace stipple::sim {

using grandpa::SignedTarget;
using grandpa::VoteKind;
using network::Protocol;

namespace {

constexpr std::uint64_t kFloodMax = 40;
constexpr EngineId kMark = engine_id("liar");

crypto::Ed25519Signature garbage_signature(Prng& prng) {
    return crypto::Ed25519Signature::copy(prng.bytes(64));
}

}  // namespace

grandpa::VoteMessage Liar::vote_for(VoteKind kind, const BlockRef& target, RoundNumber round,
                                    AuthoritySetId set) const {
    const grandpa::Vote vote{kind, target};
    return {
        round,
        set,
        {vote, grandpa_->sign(grandpa::signed_payload(vote, round, set)), grandpa_->public_key}};
}

BlockRef Liar::any_block() {
    return blocks_.empty() ? BlockRef{} : blocks_[prng_.below(blocks_.size())];
}

std::optional<BlockRef> Liar::other_block(const BlockRef& than) {
    constexpr std::size_t kRecent = 24;
    const std::size_t most = std::min(kRecent, blocks_.size());
    for (std::size_t tries = 0; tries < most; ++tries) {
        const BlockRef& block = blocks_[blocks_.size() - 1 - prng_.below(most)];
        if (block != than) {
            return block;
        }
    }
    return std::nullopt;
}

grandpa::Commit Liar::forged_commit(const BlockRef& target, RoundNumber round, AuthoritySetId set) {
    grandpa::Commit commit{target, {}};
    const std::uint64_t way = prng_.below(5);
    const auto add = [&](const BlockRef& block, const crypto::Ed25519Signature& signature,
                         const grandpa::AuthorityId& id) {
        commit.precommits.push_back(SignedTarget{block, signature, id});
    };
    const auto add_own = [&](const BlockRef& block) {
        const auto vote = vote_for(VoteKind::precommit, block, round, set);
        add(block, vote.vote.signature, vote.vote.id);
    };
    if (way < 3) {
        // 0: votes as they were heard, for whatever they are; 1: their signatures under other
        // targets; 2: of any round and phase.
        std::set<grandpa::AuthorityId> seen;
        for (const grandpa::VoteMessage& vote : votes_) {
            const bool fits = vote.round == round && vote.set == set &&
                              vote.vote.vote.kind == VoteKind::precommit;
            if ((way == 2 || fits) && seen.insert(vote.vote.id).second) {
                add(way == 1 ? target : vote.vote.vote.target, vote.vote.signature, vote.vote.id);
            }
        }
    } else if (way == 3) {
        // Everybody's, made up.
        for (const auto& validator : parts_.population.validators) {
            if (validator.grandpa != grandpa_->public_key) {
                add(target, garbage_signature(prng_), validator.grandpa);
            }
        }
    } else {
        // Its own, again and again.
        for (std::size_t i = 0; i < parts_.population.validators.size(); ++i) {
            add_own(other_block(target).value_or(target));
        }
    }
    add_own(target);
    return commit;
}

void Liar::forge_commits() {
    const auto other = other_block({});
    if (!other || votes_.empty()) {
        return;
    }
    const std::uint64_t back = prng_.chance(1, 3) ? prng_.below(3) : 0;
    const RoundNumber round(round_.value > back ? round_.value - back : round_.value);
    const AuthoritySetId signed_in(set_.value > 0 && prng_.chance(1, 4) ? set_.value - 1
                                                                        : set_.value);
    send(all(), Protocol::grandpa,
         scale::encode(grandpa::GossipMessage(
             grandpa::CommitMessage{round, set_, forged_commit(*other, round, signed_in)})));
}

Bytes Liar::forged_justification(const BlockRef& target) {
    const grandpa::GrandpaJustification forged{round_, forged_commit(target, round_, set_), {}};
    return scale::encode(Justifications{{kGrandpaEngine, scale::encode(forged)}});
}

// Enough for whoever counts signatures wrongly: those of the liars; in everybody's place; beside
// those that others gave to the true payload; made up.
std::optional<beefy::FinalityProof> Liar::forged_proof(BlockNumber block) {
    if (beefy_set_.validators.empty()) {
        return std::nullopt;
    }
    beefy::FinalityProof proof{
        {{beefy::Payload::of(beefy::MmrRoot::copy(prng_.bytes(32))), block, beefy_set_.id}, {}}};
    const crypto::Hash256 digest = beefy::signed_digest(proof.commitment());
    const std::uint64_t way = prng_.below(4);
    for (const beefy::AuthorityId& id : beefy_set_.validators) {
        const auto fellow = fellows_.find(id);
        const auto heard = std::ranges::find_if(beefy_votes_, [&](const beefy::VoteMessage& vote) {
            return vote.id == id && vote.commitment.block == block;
        });
        auto& signature = proof.signed_commitment.signatures.emplace_back();
        if (fellow != fellows_.end()) {
            signature = fellow->second.sign_prehashed(digest);
        } else if (way == 1) {
            signature = beefy_->sign_prehashed(digest);
        } else if (way == 2 && heard != beefy_votes_.end()) {
            signature = heard->signature;
        } else if (way == 3) {
            signature = beefy::Signature::copy(prng_.bytes(65));
        }
    }
    return proof;
}

void Liar::forge_proofs() {
    if (beefy_votes_.empty()) {
        return;
    }
    const BlockNumber ahead = prng_.chance(1, 4) ? 1 : 0;
    const BlockNumber block = beefy_votes_.back().commitment.block + ahead;
    if (const auto proof = forged_proof(block)) {
        send(all(), Protocol::beefy, scale::encode(beefy::GossipMessage(*proof)));
    }
}

const Liar::Made& Liar::make_variant(const Made& of, Flaw flaw) {
    Made made = of;
    made.header = of.header.without_seal();
    const auto behind_first = made.header.digest.begin() + (made.header.digest.empty() ? 0 : 1);
    made.header.digest.insert(behind_first, PreRuntimeDigest{kMark, prng_.bytes(8)});
    if (flaw == Flaw::state_root) {
        made.header.state_root = HeaderStateRoot::copy(prng_.bytes(32));
    }
    const auto seal = flaw == Flaw::seal ? crypto::Sr25519Signature::copy(prng_.bytes(64))
                                         : babe_->sign(made.header.hash());
    made.header.digest.push_back(babe::seal_item(seal));
    made.data.hash = made.header.hash();
    made.data.header = scale::encode(made.header);
    const BlockHash hash = made.data.hash;
    made_order_.push_back(hash);
    if (made_order_.size() > kNotesMax) {
        made_.erase(made_order_.front());
        made_order_.pop_front();
    }
    return made_.insert_or_assign(hash, std::move(made)).first->second;
}

void Liar::announce(const Made& block, std::vector<PeerKey> to) {
    send(std::move(to), Protocol::block_announces,
         network::encode(network::BlockAnnounce{block.header, true, {}}));
    blocks_.push_back(block.header.ref());
}

void Liar::revive_old() {
    if (!own_.empty()) {
        announce(make_variant(own_[prng_.below(own_.size())], Flaw::none), all());
    }
}

void Liar::flood() {
    const std::uint64_t count = 1 + prng_.below(kFloodMax);
    const std::uint64_t what = prng_.below(6);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto gossip = [&](const grandpa::GossipMessage& message) {
            send(all(), Protocol::grandpa, scale::encode(message));
        };
        switch (what) {
            case 0:
                gossip(grandpa::NeighborMessage{RoundNumber(round_.value + prng_.below(1000)),
                                                AuthoritySetId(set_.value + prng_.below(2)),
                                                static_cast<BlockNumber>(prng_.below(10'000))});
                break;
            case 1:
                gossip(vote_for(static_cast<VoteKind>(prng_.below(3)),
                                prng_.chance(1, 2)
                                    ? any_block()
                                    : BlockRef{BlockHash::copy(prng_.bytes(32)),
                                               static_cast<BlockNumber>(prng_.below(1000))},
                                RoundNumber(round_.value + prng_.below(3)), set_));
                break;
            case 2:
                send(all(), Protocol::grandpa, prng_.bytes(prng_.below(200)));
                break;
            case 3:
                gossip(grandpa::CatchUpRequest{RoundNumber(prng_.below(round_.value + 1)), set_});
                break;
            case 4:
                send(all(), Protocol::transactions,
                     network::encode_transaction_message(
                         prng_.chance(1, 8)
                             ? Extrinsic{prng_.bytes(1 + prng_.below(100))}
                             : toy::transfer(static_cast<std::uint32_t>(1000 + prng_.below(20)),
                                             static_cast<std::uint32_t>(prng_.below(100)), {})));
                break;
            default: {
                Header header;
                header.parent_hash =
                    prng_.chance(1, 2) ? any_block().hash : BlockHash::copy(prng_.bytes(32));
                header.number = static_cast<BlockNumber>(prng_.below(100'000));
                send(all(), Protocol::block_announces,
                     network::encode(network::BlockAnnounce{header, true, {}}));
                break;
            }
        }
    }
}

}  // namespace stipple::sim
