#include "sim/liar.hpp"

#include "base/check.hpp"
#include "chain/signing/keystore.hpp"
#include "network/messages/beefy_request.hpp"
#include "primitives/babe.hpp"

namespace stipple::sim {

using network::Protocol;

namespace {

template <class T>
void keep(std::deque<T>& notes, T note) {
    notes.push_back(std::move(note));
    if (notes.size() > Liar::kNotesMax) {
        notes.pop_front();
    }
}

}  // namespace

Liar::Liar(const LiarParts& parts, Seed seed) : parts_(parts), prng_(seed) {
    chain::Keystore keys;
    const auto& own = parts.population.validators[parts.index];
    for (const auto& [type, scheme] : {std::pair(chain::kBabeKey, chain::KeyScheme::sr25519),
                                       std::pair(chain::kGrandpaKey, chain::KeyScheme::ed25519),
                                       std::pair(chain::kBeefyKey, chain::KeyScheme::ecdsa)}) {
        CHECK(keys.insert_in_memory(type, scheme, parts.suri).has_value());
    }
    babe_ = keys.sr25519(chain::kBabeKey, own.babe);
    grandpa_ = keys.ed25519(chain::kGrandpaKey, own.grandpa);
    beefy_ = keys.ecdsa(chain::kBeefyKey, own.beefy);
    CHECK(babe_.has_value() && grandpa_.has_value() && beefy_.has_value());
    for (const std::string& suri : parts.fellows) {
        chain::Keystore theirs;
        const auto id = theirs.insert_in_memory(chain::kBeefyKey, chain::KeyScheme::ecdsa, suri);
        CHECK(id.has_value());
        const auto key = beefy::AuthorityId::copy(*id);
        fellows_.emplace(key, *theirs.ecdsa(chain::kBeefyKey, key));
    }
}

void Liar::start() {
    change_mood();
    act();
}

void Liar::change_mood() {
    for (const Trick trick : kTricks) {
        const bool is_possible = trick != Trick::forge_proofs || parts_.beefy;
        moods_[static_cast<std::size_t>(trick)] = is_possible && prng_.chance(1, 3);
    }
    const auto slots = static_cast<std::int64_t>(10 + prng_.below(40));
    parts_.schedule.after(parts_.slot * slots, [this] { change_mood(); });
}

// Deep enough a fork that finality has gone past where it began.
void Liar::seclude() {
    const Duration span = parts_.slot * static_cast<std::int64_t>(10 + prng_.below(40));
    alone_until_ = hold_until_ = parts_.schedule.now() + span;
}

void Liar::act() {
    if (is_at(Trick::hermit) && !is_alone() && prng_.chance(1, 16)) {
        seclude();
    }
    if (is_at(Trick::hold_blocks) && hold_until_ <= parts_.schedule.now() && prng_.chance(1, 8)) {
        hold_until_ =
            parts_.schedule.now() + parts_.slot * static_cast<std::int64_t>(1 + prng_.below(8));
    }
    if (hold_until_ <= parts_.schedule.now()) {
        release_held();
    }
    if (is_at(Trick::forge_commits)) {
        forge_commits();
    }
    if (is_at(Trick::forge_proofs)) {
        forge_proofs();
    }
    if (is_at(Trick::old_forks) && prng_.chance(1, 4)) {
        revive_old();
    }
    if (is_at(Trick::flood) && prng_.chance(1, 2)) {
        flood();
    }
    const auto span = static_cast<std::uint64_t>(2 * parts_.slot.count());
    parts_.schedule.after(Duration(static_cast<std::int64_t>(prng_.below(span))),
                          [this] { act(); });
}

void Liar::send(std::vector<PeerKey> to, Protocol protocol, Bytes message) {
    if (!to.empty()) {
        parts_.network.perform(parts_.index,
                               node::SendNotification{std::move(to), protocol, std::move(message)});
    }
}

// ---- what the core says ----

void Liar::say(node::NetworkCommand command, const chain::Chain& chain) {
    if (const auto* message = std::get_if<node::SendNotification>(&command)) {
        if (message->protocol == Protocol::grandpa && say_vote(*message)) {
            return;
        }
        if (message->protocol == Protocol::beefy && say_commitment(*message)) {
            return;
        }
        if (message->protocol == Protocol::block_announces && say_block(*message, chain)) {
            return;
        }
    }
    if (auto* answer = std::get_if<node::AnswerRequest>(&command)) {
        say_answer(std::move(*answer));
        return;
    }
    parts_.network.perform(parts_.index, std::move(command));
}

// True: it has been said, in the liar's way.
bool Liar::say_vote(const node::SendNotification& command) {
    const auto gossip = grandpa::decode_gossip(command.message);
    const auto* own = gossip ? std::get_if<grandpa::VoteMessage>(&*gossip) : nullptr;
    if (own == nullptr || own->vote.id != grandpa_->public_key || !is_at(Trick::double_votes)) {
        return false;
    }
    const auto other = other_block(own->vote.vote.target);
    if (!other) {
        return false;
    }
    const Bytes second = scale::encode(
        grandpa::GossipMessage(vote_for(own->vote.vote.kind, *other, own->round, own->set)));
    send_both(command.to, Protocol::grandpa, command.message, second);
    return true;
}

bool Liar::say_commitment(const node::SendNotification& command) {
    const auto gossip = beefy::decode_gossip(command.message);
    const auto* own = gossip ? std::get_if<beefy::VoteMessage>(&*gossip) : nullptr;
    if (own != nullptr) {
        keep(beefy_votes_, *own);
    }
    if (own == nullptr || own->id != beefy_->public_key || !is_at(Trick::double_commitments)) {
        return false;
    }
    beefy::VoteMessage second = *own;
    second.commitment.payload = beefy::Payload::of(beefy::MmrRoot::copy(prng_.bytes(32)));
    second.signature = beefy_->sign_prehashed(beefy::signed_digest(second.commitment));
    send_both(command.to, Protocol::beefy, command.message,
              scale::encode(beefy::GossipMessage(second)));
    return true;
}

void Liar::send_both(const std::vector<PeerKey>& to, Protocol protocol, const Bytes& first,
                     const Bytes& second) {
    std::vector<PeerKey> first_to;
    std::vector<PeerKey> second_to;
    for (const PeerKey peer : to) {
        const std::uint64_t which = prng_.below(5);
        if (which != 0) {
            (which < 3 ? first_to : second_to).push_back(peer);
        } else {
            first_to.push_back(peer);
            second_to.push_back(peer);
        }
    }
    send(std::move(first_to), protocol, first);
    send(std::move(second_to), protocol, second);
}

bool Liar::say_block(const node::SendNotification& command, const chain::Chain& chain) {
    const auto announce_said = network::decode_block_announce(command.message);
    if (!announce_said) {
        return false;
    }
    const Header& header = announce_said->header;
    const BlockRef block = header.ref();
    note_header(header);
    const auto seal = babe::find_seal(header);
    const bool is_own =
        seal && crypto::sr25519_verify(*seal, header.without_seal().hash(), babe_->public_key);
    const auto body = is_own ? chain.body(block.hash) : Result<std::optional<Body>>();
    std::vector<PeerKey> to = command.to;
    if (is_own && body && *body) {
        Made made{header, {block.hash, scale::encode(header), {}, {}, false, {}, {}}};
        for (const Extrinsic& extrinsic : **body) {
            made.data.body.push_back(network::encode_body_item(extrinsic));
        }
        if (own_.empty() || own_.back().data.hash != block.hash) {
            keep(own_, made);
        }
        for (const Trick trick : {Trick::double_blocks, Trick::bad_blocks}) {
            if (!is_at(trick)) {
                continue;
            }
            std::vector<PeerKey> half;
            std::erase_if(to, [&](PeerKey peer) {
                const bool other = prng_.chance(1, 2);
                if (other) {
                    half.push_back(peer);
                }
                return other;
            });
            const Flaw flaw = trick == Trick::double_blocks ? Flaw::none
                              : prng_.chance(1, 2)          ? Flaw::seal
                                                            : Flaw::state_root;
            announce(make_variant(made, flaw), std::move(half));
        }
    }
    if (hold_until_ > parts_.schedule.now() && held_.size() < kNotesMax) {
        held_.push_back({std::move(to), command.protocol, command.message});
    } else {
        send(std::move(to), command.protocol, command.message);
    }
    return true;
}

void Liar::release_held() {
    for (node::SendNotification& each : std::exchange(held_, {})) {
        send(std::move(each.to), each.protocol, std::move(each.message));
    }
}

void Liar::say_answer(node::AnswerRequest command) {
    const bool has_blocks = asked_for_blocks_.erase(command.token) != 0 && command.answer;
    if (has_blocks && hold_until_ > parts_.schedule.now()) {
        return;  // it will have to be asked again
    }
    if (has_blocks && is_at(Trick::forge_justifications)) {
        if (auto response = network::decode_block_response(*command.answer)) {
            for (network::BlockData& block : response->blocks) {
                const auto header = scale::decode<Header>(block.header);
                if (header && prng_.chance(1, 3)) {
                    block.justifications = forged_justification(header->ref());
                }
            }
            command.answer = std::make_shared<const Bytes>(network::encode(*response));
        }
    }
    parts_.network.perform(parts_.index, std::move(command));
}

// ---- what it hears ----

bool Liar::hear(const node::NetworkEvent& event) {
    if (is_alone() && std::holds_alternative<node::NotificationReceived>(event)) {
        return false;
    }
    if (const auto* joined = std::get_if<node::PeerJoined>(&event)) {
        peers_.insert(joined->peer);
    } else if (const auto* left = std::get_if<node::PeerLeft>(&event)) {
        peers_.erase(left->peer);
    } else if (const auto* message = std::get_if<node::NotificationReceived>(&event)) {
        note_message(*message);
    } else if (const auto* request = std::get_if<node::RequestReceived>(&event)) {
        return !answer_for_made(*request) && !answer_with_proof(*request);
    }
    return true;
}

void Liar::note_header(const Header& header) {
    keep(blocks_, header.ref());
    if (auto set = beefy::find_authorities_change(header); set && set->id >= beefy_set_.id) {
        beefy_set_ = *std::move(set);
    }
}

void Liar::note_message(const node::NotificationReceived& event) {
    if (event.protocol == Protocol::block_announces) {
        if (const auto announced = network::decode_block_announce(event.message)) {
            note_header(announced->header);
        }
        return;
    }
    if (event.protocol == Protocol::beefy) {
        const auto gossip = beefy::decode_gossip(event.message);
        if (const auto* vote = gossip ? std::get_if<beefy::VoteMessage>(&*gossip) : nullptr) {
            keep(beefy_votes_, *vote);
        }
        return;
    }
    if (event.protocol != Protocol::grandpa) {
        return;
    }
    const auto gossip = grandpa::decode_gossip(event.message);
    if (const auto* vote = gossip ? std::get_if<grandpa::VoteMessage>(&*gossip) : nullptr) {
        set_ = std::max(set_, vote->set);
        round_ = vote->round;
        keep(votes_, *vote);
    }
}

// True when it was asked for a BEEFY proof and has made one up.
bool Liar::answer_with_proof(const node::RequestReceived& event) {
    if (event.protocol != Protocol::beefy_justifications || !is_at(Trick::forge_proofs)) {
        return false;
    }
    const auto request = network::decode_beefy_proof_request(event.request);
    const auto proof = request ? forged_proof(request->block) : std::nullopt;
    if (!proof) {
        return false;
    }
    parts_.network.perform(
        parts_.index,
        node::AnswerRequest{event.token, std::make_shared<const Bytes>(scale::encode(*proof))});
    return true;
}

// True when the request was for a block that only the liar has.
bool Liar::answer_for_made(const node::RequestReceived& event) {
    if (event.protocol != Protocol::sync) {
        return false;
    }
    const auto request = network::decode_block_request(event.request);
    const auto* hash = request ? std::get_if<BlockHash>(&request->from) : nullptr;
    const auto found = hash != nullptr ? made_.find(*hash) : made_.end();
    if (found == made_.end()) {
        if (asked_for_blocks_.size() >= kNotesMax) {
            asked_for_blocks_.clear();
        }
        asked_for_blocks_.insert(event.token);
        return false;
    }
    network::BlockData data = found->second.data;
    if (is_at(Trick::forge_justifications)) {
        data.justifications = forged_justification(found->second.header.ref());
    }
    parts_.network.perform(
        parts_.index,
        node::AnswerRequest{event.token, std::make_shared<const Bytes>(
                                             network::encode(network::BlockResponse{{data}}))});
    return true;
}

}  // namespace stipple::sim
