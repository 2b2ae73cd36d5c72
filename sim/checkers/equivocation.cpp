#include "sim/checkers/equivocation.hpp"

#include "crypto/repeatable.hpp"
#include "primitives/babe.hpp"

namespace stipple::sim {

namespace {

constexpr std::uint8_t kBlockKind = 0xff;

}  // namespace

void EquivocationChecker::note(ByteView key, std::uint8_t kind, std::uint64_t set,
                               std::uint64_t number, const BlockHash& target) {
    const auto owner = population_.honest_owner(key);
    if (!owner) {
        return;
    }
    auto& kept = kind == kBlockKind ? blocks_ : votes_;
    const auto [found, added] = kept.try_emplace(Position{set, number, *owner, kind}, target);
    if (!added && found->second != target) {
        verdict_.fail("honest equivocation: node {} signed {} and {} as {} {} of set {}", *owner,
                      found->second.hex(), target.hex(),
                      kind == kBlockKind ? "header of slot" : "vote in round", number, set);
    }
    if (added && kept.size() > kPositionsKept) {
        kept.erase(kept.begin());
    }
}

std::optional<ByteView> EquivocationChecker::author_of(const Header& header) const {
    const auto seal = babe::find_seal(header);
    if (!seal) {
        return std::nullopt;
    }
    const BlockHash message = header.without_seal().hash();
    auto* const memory = crypto::Repeatable::here();
    for (const auto& validator : population_.validators) {
        // Whoever imported it has verified it with the right key: mostly this is remembered.
        if (memory != nullptr &&
            memory->find(crypto::Repeatable::claim(crypto::kSr25519Scheme, validator.babe, message,
                                                   *seal)) == true) {
            return validator.babe.view();
        }
    }
    for (const auto& validator : population_.validators) {
        if (crypto::sr25519_verify(*seal, message, validator.babe)) {
            return validator.babe.view();
        }
    }
    return std::nullopt;
}

void EquivocationChecker::on_import(NodeIndex node, const chain::Chain& /*chain*/,
                                    const node::AnnounceImport& import) {
    const BlockHash& hash = import.outcome.block.hash;
    if (!seen_.emplace(import.outcome.block.number, hash).second) {
        return;
    }
    if (seen_.size() > kPositionsKept) {
        seen_.erase(seen_.begin());
    }
    const auto digest = babe::find_pre_digest(import.header);
    const auto author = author_of(import.header);
    if (!author && population_.honest(node)) {
        verdict_.fail("node {} takes #{} {}, which no validator has sealed", node,
                      import.outcome.block.number, hash.hex());
    }
    if (digest && author) {
        note(*author, kBlockKind, 0, babe::slot_of(*digest).value, hash);
    }
}

void EquivocationChecker::on_sent(NodeIndex /*node*/, const node::SendNotification& message) {
    if (message.protocol != network::Protocol::grandpa) {
        return;
    }
    const auto gossip = grandpa::decode_gossip(message.message);
    const auto* vote = gossip ? std::get_if<grandpa::VoteMessage>(&*gossip) : nullptr;
    if (vote != nullptr) {
        note(vote->vote.id, static_cast<std::uint8_t>(vote->vote.vote.kind), vote->set.value,
             vote->round.value, vote->vote.vote.target.hash);
    }
}

void EquivocationChecker::on_reported(NodeIndex node, const Offence& offence) {
    if (const auto owner = population_.honest_owner(offence.key)) {
        verdict_.fail("node {} reports an equivocation of node {}, which is honest", node, *owner);
    }
}

}  // namespace stipple::sim
