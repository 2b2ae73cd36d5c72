// The GRANDPA voter between the chain, the network and the jobs.
#include "node/core.hpp"

namespace stipple::node {
namespace {

/// What a fault of a voter is worth as conduct of the peer that passed it on.
network::Conduct conduct_of(grandpa::PeerFault fault) {
    switch (fault) {
        case grandpa::PeerFault::bad_commit:
        case grandpa::PeerFault::bad_catch_up:
            return network::Conduct::bad_justification;
        case grandpa::PeerFault::bad_signature:
        case grandpa::PeerFault::wrong_number:
            return network::Conduct::bad_message;
        case grandpa::PeerFault::unknown_voter:
        case grandpa::PeerFault::out_of_range:
        case grandpa::PeerFault::view_going_back:
            return network::Conduct::not_requested;
    }
    return network::Conduct::bad_message;
}

grandpa::PeerRole role_for_votes(network::Role role) {
    switch (role) {
        case network::Role::authority:
            return grandpa::PeerRole::authority;
        case network::Role::light:
            return grandpa::PeerRole::light;
        default:
            return grandpa::PeerRole::full;
    }
}

}  // namespace

std::vector<grandpa::AuthorityId> Core::keys_now(std::vector<grandpa::AuthorityId> keys) {
    if (!peering_.takes_state()) {
        return keys;
    }
    held_keys_ = std::move(keys);
    return {};
}

void Core::give_keys() {
    if (!held_keys_.empty() && !peering_.takes_state()) {
        voter_->set_keys(std::exchange(held_keys_, {}));
    }
}

void Core::enter_set(Instant now, const SetView& set, const BlockRef& base, EffectList& effects) {
    peering_.on_new_session(effects);
    if (!voter_) {
        return;
    }
    auto voters = grandpa::VoterSet::create(set.authorities);
    CHECK(voters.has_value());  // AuthoritySet keeps no list that VoterSet refuses
    grandpa::VoterEffects voting;
    voter_->set_keys(keys_now(set.own_keys));
    voter_->on_new_set(now, set.id, *std::move(voters), base, voting);
    take(now, std::move(voting), effects);
}

void Core::on_event(Instant now, VotesVerified& event, EffectList& effects) {
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_job_done(now, event.job, event.verdicts, voting);
        take(now, std::move(voting), effects);
    }
}

void Core::on_event(Instant now, VoteSigned& event, EffectList& effects) {
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_signed(now, event.claim, voting);
        take(now, std::move(voting), effects);
    }
}

void Core::on_event(Instant now, VoteSignedBefore& event, EffectList& effects) {
    if (voter_) {
        grandpa::VoterEffects voting;
        voter_->on_signed_before(now, event.before, voting);
        take(now, std::move(voting), effects);
    }
}

void Core::on_grandpa(Instant now, const NetworkEvent& event, EffectList& effects) {
    grandpa::VoterEffects voting;
    if (const auto* opened = std::get_if<ProtocolOpened>(&event)) {
        if (opened->protocol == network::Protocol::grandpa) {
            voter_->on_peer_connected(now, opened->peer,
                                      role_for_votes(peering_.role(opened->peer)), voting);
        }
    } else if (const auto* closed = std::get_if<ProtocolClosed>(&event)) {
        if (closed->protocol == network::Protocol::grandpa) {
            voter_->on_peer_disconnected(closed->peer);
        }
    } else if (const auto* left = std::get_if<PeerLeft>(&event)) {
        voter_->on_peer_disconnected(left->peer);
    } else if (const auto* note = std::get_if<NotificationReceived>(&event);
               note != nullptr && note->protocol == network::Protocol::grandpa) {
        if (const auto message = grandpa::decode_gossip(note->message)) {
            voter_->on_message(now, note->peer, *message, voting);
        } else {
            effects.emplace_back(NetworkCommand{
                network::ReportPeer{note->peer, network::Conduct::bad_message, false}});
        }
    }
    take(now, std::move(voting), effects);
}

void Core::take(Instant now, grandpa::VoterEffects&& effects, EffectList& out) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                using What = std::decay_t<decltype(what)>;
                if constexpr (std::is_same_v<What, grandpa::SendMessage>) {
                    out.emplace_back(NetworkCommand{SendNotification{std::move(what.to),
                                                                     network::Protocol::grandpa,
                                                                     scale::encode(what.message)}});
                } else if constexpr (std::is_same_v<What, grandpa::ReportPeer>) {
                    out.emplace_back(NetworkCommand{
                        network::ReportPeer{what.peer, conduct_of(what.fault), false}});
                } else if constexpr (std::is_same_v<What, grandpa::WantBlock>) {
                    peering_.want_block(now, what.block, what.peers, out);
                } else {
                    out.emplace_back(std::move(what));
                }
            },
            effect);
    }
}

}  // namespace stipple::node
