#include "consensus/grandpa/gossip.hpp"

#include "crypto/hash.hpp"

namespace stipple::grandpa {
namespace {

crypto::Hash64 message_id(const GossipMessage& message) {
    return crypto::blake2b_64(scale::encode(message));
}

}  // namespace

std::vector<bool> verify_claims(std::span<const VoteClaim> claims) {
    std::vector<Bytes> payloads;
    std::vector<crypto::Ed25519Claim> signatures;
    payloads.reserve(claims.size());
    signatures.reserve(claims.size());
    for (const VoteClaim& claim : claims) {
        payloads.push_back(signed_payload(claim.vote, claim.round, claim.set));
        signatures.push_back({claim.signature, claim.id, payloads.back()});
    }
    if (crypto::ed25519_verify_batch(signatures)) {
        return std::vector<bool>(claims.size(), true);
    }
    std::vector<bool> verdicts;
    for (const auto& one : signatures) {
        verdicts.push_back(crypto::ed25519_verify(one.signature, one.message, one.public_key));
    }
    return verdicts;
}

void Gossip::connect(PeerKey peer) {
    if (peers_.size() < kPeersMax) {
        peers_.try_emplace(peer);
    }
}

std::optional<PeerView> Gossip::view(PeerKey peer) const {
    const auto found = peers_.find(peer);
    return found == peers_.end() ? std::nullopt : found->second.view;
}

bool Gossip::on_neighbor(PeerKey peer, const NeighborMessage& message) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) {
        return true;
    }
    const PeerView next{message.round, message.set, message.commit_finalized_height};
    auto& view = found->second.view;
    if (view) {
        const bool back = std::tie(next.set, next.round) < std::tie(view->set, view->round) ||
                          next.finalized < view->finalized;
        if (back) {
            return false;
        }
    }
    view = next;
    return true;
}

bool Gossip::wants(const Peer& peer, const GossipMessage& message) {
    if (!peer.view) {
        return false;
    }
    const PeerView& view = *peer.view;
    if (const auto* vote = std::get_if<VoteMessage>(&message)) {
        return vote->set == view.set && vote->round.value + 1 >= view.round.value &&
               vote->round.value <= view.round.value + 1;
    }
    if (const auto* commit = std::get_if<CommitMessage>(&message)) {
        return commit->set == view.set && commit->commit.target.number > view.finalized;
    }
    return true;
}

bool Gossip::note(Peer& peer, const crypto::Hash64& id) {
    if (peer.known.size() >= kKnownPerPeerMax) {
        peer.known.clear();
    }
    return peer.known.insert(id).second;
}

void Gossip::note_known(PeerKey peer, const GossipMessage& message) {
    const auto found = peers_.find(peer);
    if (found != peers_.end()) {
        note(found->second, message_id(message));
    }
}

std::vector<PeerKey> Gossip::recipients(const GossipMessage& message) {
    const crypto::Hash64 id = message_id(message);
    std::vector<PeerKey> chosen;
    for (auto& [key, peer] : peers_) {
        if (wants(peer, message) && note(peer, id)) {
            chosen.push_back(key);
        }
    }
    return chosen;
}

bool Gossip::offer(PeerKey peer, const GossipMessage& message) {
    const auto found = peers_.find(peer);
    return found != peers_.end() && wants(found->second, message) &&
           note(found->second, message_id(message));
}

bool Gossip::may_offer(PeerKey peer, Instant now) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) {
        return false;
    }
    auto& offered_at = found->second.offered_at;
    if (offered_at && now < *offered_at + kOfferInterval) {
        return false;
    }
    offered_at = now;
    return true;
}

std::vector<PeerKey> Gossip::all() const {
    std::vector<PeerKey> keys;
    for (const auto& [key, peer] : peers_) {
        keys.push_back(key);
    }
    return keys;
}

}  // namespace stipple::grandpa
