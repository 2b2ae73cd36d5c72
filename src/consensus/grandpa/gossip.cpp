#include "consensus/grandpa/gossip.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace stipple::grandpa {

/// A vote in one block of the hash: votes are what there is most of. Of the voter's key as much as
/// there is room for: no two keys of a set begin alike, nor can they be made to.
crypto::Hash64 message_id(const VoteMessage& message) {
    constexpr std::size_t kBlockBytes = 128;
    std::array<std::uint8_t, kBlockBytes> block{};
    std::size_t used = 0;
    const auto put = [&](ByteView bytes) {
        const std::size_t count = std::min(bytes.size(), block.size() - used);
        std::copy_n(bytes.begin(), count, block.begin() + static_cast<std::ptrdiff_t>(used));
        used += count;
    };
    const auto put_number = [&](auto number) {
        for (std::size_t i = 0; i < sizeof(number); ++i) {
            block[used++] = static_cast<std::uint8_t>(number >> (8 * i));
        }
    };
    const SignedVote& vote = message.vote;
    put(vote.signature);
    put(vote.vote.target.hash);
    put_number(message.round.value);
    put_number(message.set.value);
    put_number(vote.vote.target.number);
    put_number(static_cast<std::uint8_t>(vote.vote.kind));
    put(vote.id);
    return crypto::blake2b_64(block);
}

crypto::Hash64 message_id(const GossipMessage& message) {
    const auto* vote = std::get_if<VoteMessage>(&message);
    return vote != nullptr ? message_id(*vote) : crypto::blake2b_64(scale::encode(message));
}

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

void Gossip::connect(PeerKey peer, PeerRole role) {
    if (peers_.size() >= kPeersMax) {
        return;
    }
    const auto [place, is_new] = peers_.try_emplace(peer);
    if (!is_new) {
        return;
    }
    voting_.clear();
    place->second.role = role;
    if (role == PeerRole::light) {
        place->second.light_turn = !last_light_;  // else with the next round
    } else if (count(Stage::first) < kLuckyPeers) {
        place->second.turn = Stage::first;
    } else if (count(Stage::second) < second_stage_size()) {
        place->second.turn = Stage::second;
    }
}

std::optional<PeerView> Gossip::view(PeerKey peer) const {
    const auto found = peers_.find(peer);
    return found == peers_.end() ? std::nullopt : found->second.view;
}

std::vector<PeerKey> Gossip::ahead(AuthoritySetId set, RoundNumber round) const {
    std::vector<PeerKey> found;
    for (const auto& [key, peer] : peers_) {
        if (peer.view && peer.view->set == set && peer.view->round >= round) {
            found.push_back(key);
        }
    }
    return found;
}

bool Gossip::on_neighbor(Instant now, PeerKey peer, const NeighborMessage& message) {
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
    if (view == next) {
        if (now < found->second.view_since + kNeighborRepeatMin) {
            return true;
        }
        found->second.known.clear();
    }
    found->second.view_since = now;
    view = next;
    return true;
}

bool Gossip::tell(Instant now, PeerKey peer, const NeighborMessage& ours) {
    const auto found = peers_.find(peer);
    if (found == peers_.end() ||
        (found->second.told == ours && now < found->second.told_at + kNeighborRepeatMin)) {
        return false;
    }
    found->second.told = ours;
    found->second.told_at = now;
    return true;
}

bool Gossip::wants(const Peer& peer, const GossipMessage& message) {
    if (!peer.view) {
        return false;
    }
    const PeerView& view = *peer.view;
    if (const auto* vote = std::get_if<VoteMessage>(&message)) {
        return wants_votes(peer, vote->set, vote->round);
    }
    if (const auto* commit = std::get_if<CommitMessage>(&message)) {
        return commit->set == view.set && commit->commit.target.number > view.finalized;
    }
    return true;
}

bool Gossip::wants_votes(const Peer& peer, AuthoritySetId set, RoundNumber round) {
    return peer.view && set == peer.view->set && round.value + 1 >= peer.view->round.value &&
           round.value <= peer.view->round.value + 1;
}

// ---- turns ----

std::size_t Gossip::second_stage_size() const {
    std::size_t root = kLuckyPeers;
    while ((root + 1) * (root + 1) <= peers_.size()) {
        ++root;
    }
    return root;
}

std::size_t Gossip::count(Stage turn) const {
    return static_cast<std::size_t>(
        std::count_if(peers_.begin(), peers_.end(), [&](const auto& entry) {
            return entry.second.role != PeerRole::light && entry.second.turn == turn;
        }));
}

void Gossip::begin_round(Instant now, Duration span) {
    began_ = now;
    span_ = span;
    stage_ = Stage::first;
    voting_.clear();
    draw_lucky();
    rotate_light_clients();
}

void Gossip::draw_lucky() {
    // 1. Everybody who may be lucky, in random order.
    std::vector<Peer*> drawn;
    for (auto& [key, peer] : peers_) {
        peer.turn = Stage::everybody;
        if (peer.role != PeerRole::light) {
            drawn.push_back(&peer);
        }
    }
    for (std::size_t i = drawn.size(); i > 1; --i) {
        std::swap(drawn[i - 1], drawn[prng_.below(i)]);
    }
    // 2. Authorities are sure of half of the first group and of as many places of the second as
    //    the first has: they are who can end the round.
    std::size_t authorities = 0;
    for (Peer* peer : drawn) {
        if (peer->role == PeerRole::authority && authorities < kLuckyPeers + kLuckyPeers / 2) {
            peer->turn = authorities < kLuckyPeers / 2 ? Stage::first : Stage::second;
            ++authorities;
        }
    }
    // 3. The others fill what is left, the first group first.
    std::size_t first = count(Stage::first);
    std::size_t second = count(Stage::second);
    for (Peer* peer : drawn) {
        if (peer->turn != Stage::first && first < kLuckyPeers) {
            second -= peer->turn == Stage::second ? 1 : 0;
            peer->turn = Stage::first;
            ++first;
        } else if (peer->turn == Stage::everybody && second < second_stage_size()) {
            peer->turn = Stage::second;
            ++second;
        }
    }
}

// In the order of their keys, going on after the last group.
void Gossip::rotate_light_clients() {
    std::vector<std::pair<PeerKey, Peer*>> light;
    for (auto& [key, peer] : peers_) {
        if (peer.role == PeerRole::light) {
            light.emplace_back(key, &peer);
        }
    }
    if (light.size() <= kLightGroupMin) {
        for (auto& [key, peer] : light) {
            peer->light_turn = true;
        }
        last_light_.reset();
        return;
    }
    const std::size_t group =
        std::max(kLightGroupMin, (light.size() + kLightRounds - 1) / kLightRounds);
    std::size_t begin = 0;
    while (last_light_ && begin < light.size() && light[begin].first <= *last_light_) {
        ++begin;
    }
    for (std::size_t i = 0; i < light.size(); ++i) {
        const std::size_t after = (i + light.size() - begin % light.size()) % light.size();
        light[i].second->light_turn = after < group;
        if (after + 1 == group) {
            last_light_ = light[i].first;
        }
    }
}

Gossip::Stage Gossip::stage_at(Instant now) const {
    if (now >= began_ + 3 * span_) {
        return Stage::everybody;
    }
    return now >= began_ + span_ + span_ / 2 ? Stage::second : Stage::first;
}

bool Gossip::on_time(Instant now) {
    const Stage stage = stage_at(now);
    const bool more = stage > stage_;
    if (more) {
        stage_ = stage;
        voting_.clear();
    }
    return more;
}

std::optional<Instant> Gossip::wake_at() const {
    switch (stage_) {
        case Stage::first:
            return began_ + span_ + span_ / 2;
        case Stage::second:
            return began_ + 3 * span_;
        case Stage::everybody:
            return std::nullopt;
    }
    return std::nullopt;
}

const Gossip::PeerPlaces& Gossip::with_turn_for_votes() {
    if (voting_.empty()) {
        for (auto& [key, peer] : peers_) {
            if (has_turn_for_votes(peer)) {
                voting_.emplace_back(key, &peer);
            }
        }
    }
    return voting_;
}

bool Gossip::has_turn(const Peer& peer, const GossipMessage& message) const {
    if (std::holds_alternative<VoteMessage>(message)) {
        return has_turn_for_votes(peer);
    }
    if (std::holds_alternative<CommitMessage>(message)) {
        return peer.role == PeerRole::light
                   ? peer.light_turn
                   : stage_ == Stage::everybody || peer.turn != Stage::everybody;
    }
    return true;  // said to one peer, as an answer
}

// ---- messages ----

void Gossip::note_known(PeerKey peer, const crypto::Hash64& id) {
    const auto found = peers_.find(peer);
    if (found != peers_.end()) {
        note(found->second, id);
    }
}

std::vector<PeerKey> Gossip::recipients(const GossipMessage& message,
                                        std::optional<crypto::Hash64>& id,
                                        std::optional<RoundNumber> behind) {
    PeerPlaces wanting;
    const auto ask = [&](PeerKey key, Peer& peer) {
        if (wants(peer, message) && !(behind && peer.view->round > *behind)) {
            id = id ? id : message_id(message);
            peer.known.prefetch(*id, salt_);  // of all, before the first is waited for
            wanting.emplace_back(key, &peer);
        }
    };
    if (std::holds_alternative<VoteMessage>(message)) {
        for (const auto& [key, peer] : with_turn_for_votes()) {
            ask(key, *peer);
        }
    } else {
        for (auto& [key, peer] : peers_) {
            if (has_turn(peer, message)) {
                ask(key, peer);
            }
        }
    }
    std::vector<PeerKey> chosen;
    for (const auto& [key, peer] : wanting) {
        if (note(*peer, *id)) {
            chosen.push_back(key);
        }
    }
    return chosen;
}

std::vector<PeerKey> Gossip::recipients(const GossipMessage& message) {
    std::optional<crypto::Hash64> id;  // often nobody needs it
    return recipients(message, id);
}

bool Gossip::offer(PeerKey peer, const GossipMessage& message) {
    const auto found = peers_.find(peer);
    return found != peers_.end() && has_turn(found->second, message) &&
           wants(found->second, message) && note(found->second, message_id(message));
}

std::vector<VoteMessage> Gossip::votes_for(PeerKey peer, AuthoritySetId set, Round& round,
                                           Phase phase) {
    const auto found = peers_.find(peer);
    if (found == peers_.end() || !has_turn_for_votes(found->second) ||
        !wants_votes(found->second, set, round.number())) {
        return {};
    }
    Peer& to = found->second;
    const std::uint64_t place = 2 * round.number().value + (phase == Phase::prevote ? 0 : 1);
    VotesHad& had = to.votes_had[place % to.votes_had.size()];
    const VotesHad all{set, round.number(), round.vote_count(phase), to.known.clears()};
    if (had == all && !to.known.is_full()) {
        return {};
    }
    const auto kind = phase == Phase::prevote ? VoteKind::prevote : VoteKind::precommit;
    std::vector<VoteMessage> fresh;
    round.for_each_vote(phase, [&](CastVote& cast) {
        const auto message = [&] {
            return VoteMessage{
                round.number(), set, {{kind, cast.vote.target}, cast.vote.signature, cast.vote.id}};
        };
        if (!cast.message) {
            cast.message = message_id(message());
        }
        if (note(to, *cast.message)) {
            fresh.push_back(message());
        }
    });
    had = all;  // no longer true if they filled the table: it has been cleared once more then
    return fresh;
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

void Gossip::disconnect(PeerKey peer) {
    voting_.clear();
    peers_.erase(peer);
}

bool Gossip::is_connected(PeerKey peer) const {
    return peers_.contains(peer);
}

}  // namespace stipple::grandpa
