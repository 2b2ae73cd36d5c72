// What hosts report, and what the core asks of them.
#include "base/log.hpp"
#include "node/network/switchboard.hpp"

#include <algorithm>

namespace stipple::node {

using libp2p::Direction;
using network::Protocol;

void Switchboard::on_host_event(Instant now, ConnectionId id, libp2p::HostEvent& event,
                                SwitchboardEffects& effects) {
    const auto found = links_.find(id);
    if (found == links_.end()) {
        return;
    }
    Link& link = found->second;
    if (std::holds_alternative<libp2p::Ready>(event)) {
        on_proved(now, id, link, effects);
    } else if (const auto* identified = std::get_if<libp2p::Identified>(&event)) {
        on_identified(now, id, link, identified->info, effects);
    } else if (const auto* trip = std::get_if<libp2p::RoundTrip>(&event)) {
        link.ping = trip->time;
    } else if (auto* request = std::get_if<libp2p::RequestReceived>(&event)) {
        on_request(now, id, link, *request, effects);
    } else if (const auto* asked = std::get_if<libp2p::KademliaRequest>(&event)) {
        on_kademlia_request(now, id, link, *asked, effects);
    } else if (auto* response = std::get_if<libp2p::ResponseReceived>(&event)) {
        on_answer(now, id, response->id, std::move(response->response), effects);
    } else if (const auto* failed = std::get_if<libp2p::RequestFailed>(&event)) {
        on_answer(now, id, failed->id, std::unexpected(failed->reason), effects);
    } else if (const auto* offer = std::get_if<libp2p::NotificationsOffered>(&event)) {
        on_offered(now, id, link, *offer, effects);
    } else if (const auto* opened = std::get_if<libp2p::NotificationsOpened>(&event)) {
        on_opened(now, id, link, *opened, effects);
    } else if (const auto* refused = std::get_if<libp2p::NotificationsRefused>(&event)) {
        on_channel_down(now, id, link, protocol_of(refused->protocol), true, effects);
    } else if (const auto* closed = std::get_if<libp2p::NotificationsClosed>(&event)) {
        if (closed->reason == libp2p::NotificationsFailure::malformed && link.peer) {
            report(now, *link.peer, network::Conduct::bad_message, effects);
        }
        on_channel_down(now, id, link, protocol_of(closed->protocol), false, effects);
    } else if (auto* note = std::get_if<libp2p::Notification>(&event)) {
        const auto peer = link.peer ? peers_.find(*link.peer) : peers_.end();
        if (peer != peers_.end() && peer->second.joined) {
            counts_.of(protocol_of(note->protocol))
                .received.observe(static_cast<double>(note->message.size()));
            effects.core.emplace_back(NotificationReceived{peer->first, protocol_of(note->protocol),
                                                           std::move(note->message)});
        }
    } else if (const auto* broken = std::get_if<libp2p::Failed>(&event)) {
        log(LogLevel::debug, "sub-libp2p", "connection to {} failed: {}", link.remote.text(),
            broken->detail);
    }
}

void Switchboard::on_identified(Instant now, ConnectionId /*id*/, Link& link,
                                const libp2p::IdentifyInfo& info, SwitchboardEffects& effects) {
    if (!link.id) {
        return;
    }
    link.agent = info.agent_version;
    const auto names = protocols_->kademlia();
    const bool serves_kademlia =
        kademlia_ && std::ranges::any_of(info.protocols, [&](const std::string& name) {
            return std::ranges::find(names, name) != names.end();
        });
    libp2p::kademlia::KademliaEffects found;
    for (const auto& address : info.listen_addresses) {
        slots_.store().add_address(now, *link.id, address, network::AddressSource::identify);
        if (serves_kademlia) {
            kademlia_->add_address(now, *link.id, address, found);
        }
    }
    take(now, std::move(found), effects);
    if (info.observed_address) {
        own_addresses_.on_observed(now, *link.id, *info.observed_address, !link.inbound);
        note_own_addresses(now, effects);
    }
}

// ---- notifications ----

Bytes Switchboard::handshake(Protocol protocol) const {
    if (protocol == Protocol::block_announces) {
        return network::encode(network::BlockAnnounceHandshake{
            .role = config_.role, .best = config_.best, .genesis = config_.names.genesis});
    }
    return network::encode_role_handshake(config_.role);
}

void Switchboard::open_channel(Instant now, Peer& peer, Protocol protocol,
                               SwitchboardEffects& effects) {
    Channel& channel = peer.channels[protocol];
    libp2p::Host* host = host_of(peer.connection);
    if (channel.out || host == nullptr ||
        !host->open_notifications(now, notification_id(protocol), handshake(protocol))) {
        return;
    }
    channel.out = peer.connection;
    touch(peer.connection, effects);
}

void Switchboard::on_offered(Instant now, ConnectionId id, Link& link,
                             const libp2p::NotificationsOffered& offer,
                             SwitchboardEffects& effects) {
    const Protocol protocol = protocol_of(offer.protocol);
    const auto found = link.peer ? peers_.find(*link.peer) : peers_.end();
    const auto reject = [&] {
        link.host->reject_notifications(offer.protocol);
        touch(id, effects);
    };
    if (found == peers_.end()) {
        reject();
        return;
    }
    Peer& peer = found->second;
    Channel& channel = peer.channels[protocol];
    if (protocol == Protocol::block_announces) {
        const auto shake = network::decode_block_announce_handshake(offer.handshake);
        const bool is_ours = shake && shake->genesis == config_.names.genesis;
        if (!is_ours) {
            reject();
            report(now, found->first,
                   shake ? network::Conduct::genesis_mismatch : network::Conduct::bad_message,
                   effects);
            return;
        }
        const bool light = !network::is_full(shake->role);
        if (slots_.on_slot_asked(now, found->first, light) !=
            network::PeerSlots::SlotVerdict::accept) {
            reject();
            return;
        }
        channel.handshake = offer.handshake;
    }
    if (channel.in && *channel.in != id) {
        reject();  // once is enough
        return;
    }
    channel.in = id;
    if (protocol != Protocol::block_announces && !peer.joined) {
        channel.offered = true;  // decided when the peer joins
        return;
    }
    accept_channel(id, protocol, effects);
    open_channel(now, peer, protocol, effects);
}

void Switchboard::accept_channel(ConnectionId id, Protocol protocol, SwitchboardEffects& effects) {
    if (libp2p::Host* const host = host_of(id)) {
        host->accept_notifications(notification_id(protocol), handshake(protocol));
        host->hold_notifications(notification_id(protocol), true);
        touch(id, effects);
    }
}

void Switchboard::hear(const Channel& channel, Protocol protocol, SwitchboardEffects& effects) {
    libp2p::Host* const host = channel.in ? host_of(*channel.in) : nullptr;
    if (host != nullptr && host->hold_notifications(notification_id(protocol), false)) {
        touch(*channel.in, effects);
    }
}

void Switchboard::on_opened(Instant now, ConnectionId id, Link& link,
                            const libp2p::NotificationsOpened& opened,
                            SwitchboardEffects& effects) {
    const auto found = link.peer ? peers_.find(*link.peer) : peers_.end();
    if (found == peers_.end()) {
        link.host->close_notifications(opened.protocol, opened.direction);
        touch(id, effects);
        return;
    }
    const Protocol protocol = protocol_of(opened.protocol);
    Channel& channel = found->second.channels[protocol];
    if (opened.direction == Direction::outbound) {
        channel.out = id;
        channel.out_open = true;
        channel.handshake = opened.handshake;
    } else {
        channel.in = id;
        channel.in_open = true;
    }
    if (!channel.both() || channel.told) {
        return;
    }
    if (protocol == Protocol::block_announces) {
        join(now, found->first, found->second, effects);
    } else if (found->second.joined) {
        channel.told = true;
        ++counts_.of(protocol).streams_opened;
        effects.core.emplace_back(ProtocolOpened{found->first, protocol});
        hear(channel, protocol, effects);
    }
}

void Switchboard::join(Instant now, PeerKey key, Peer& peer, SwitchboardEffects& effects) {
    Channel& channel = peer.channels[Protocol::block_announces];
    const auto shake = network::decode_block_announce_handshake(channel.handshake);
    if (!shake || shake->genesis != config_.names.genesis) {
        close_channels(peer, effects);
        slots_.on_slot_failed(now, key);
        report(now, key, shake ? network::Conduct::genesis_mismatch : network::Conduct::bad_message,
               effects);
        return;
    }
    channel.told = true;
    ++counts_.of(Protocol::block_announces).streams_opened;
    peer.joined = true;
    peer.role = shake->role;
    peer.best = shake->best;
    network::SlotEffects slot_effects;
    slots_.on_slot_open(now, key, !network::is_full(shake->role), slot_effects);
    effects.core.emplace_back(PeerJoined{key, peer.id, shake->role, shake->best});
    hear(channel, Protocol::block_announces, effects);
    for (const Protocol protocol : {Protocol::transactions, Protocol::grandpa, Protocol::beefy}) {
        if (protocol == Protocol::beefy && !config_.beefy) {
            continue;
        }
        Channel& other = peer.channels[protocol];
        if (std::exchange(other.offered, false) && other.in) {
            accept_channel(*other.in, protocol, effects);
        }
        open_channel(now, peer, protocol, effects);
    }
    take(now, std::move(slot_effects), effects);
}

void Switchboard::on_channel_down(Instant now, ConnectionId id, Link& link, Protocol protocol,
                                  bool refused, SwitchboardEffects& effects) {
    const auto found = link.peer ? peers_.find(*link.peer) : peers_.end();
    if (found == peers_.end()) {
        return;
    }
    const PeerKey key = found->first;
    Peer& peer = found->second;
    const auto at = peer.channels.find(protocol);
    if (at == peer.channels.end() || (at->second.out != id && at->second.in != id)) {
        return;
    }
    const bool told = at->second.told;
    if (refused && !told && protocol != Protocol::block_announces) {
        // The peer does not want to hear of it; what it tells us is still welcome.
        at->second.out.reset();
        at->second.out_open = false;
        hear(at->second, protocol, effects);
        return;
    }
    if (protocol == Protocol::block_announces) {
        close_channels(peer, effects);
        const bool joined = peer.joined;
        leave(key, peer, effects);
        if (joined) {
            slots_.on_slot_closed(now, key);
        } else {
            slots_.on_slot_failed(now, key);
        }
        return;
    }
    close_channel(at->second, protocol, effects);
    peer.channels.erase(at);
    if (told) {
        ++counts_.of(protocol).streams_closed;
        effects.core.emplace_back(ProtocolClosed{key, protocol});
    }
}

void Switchboard::close_channel(const Channel& channel, Protocol protocol,
                                SwitchboardEffects& effects) {
    const auto close = [&](const std::optional<ConnectionId>& where, Direction direction) {
        libp2p::Host* host = where ? host_of(*where) : nullptr;
        if (host != nullptr) {
            host->close_notifications(notification_id(protocol), direction);
            touch(*where, effects);
        }
    };
    close(channel.out, Direction::outbound);
    close(channel.in, Direction::inbound);
}

void Switchboard::close_channels(Peer& peer, SwitchboardEffects& effects) {
    for (const auto& [protocol, channel] : peer.channels) {
        close_channel(channel, protocol, effects);
        counts_.of(protocol).streams_closed += channel.told ? 1U : 0U;
    }
    peer.channels.clear();
}

void Switchboard::leave(PeerKey key, Peer& peer, SwitchboardEffects& effects) {
    if (std::exchange(peer.joined, false)) {
        effects.core.emplace_back(PeerLeft{key});
    }
}

void Switchboard::report(Instant now, PeerKey key, network::Conduct conduct,
                         SwitchboardEffects& effects) {
    if (const auto peer = peers_.find(key);
        peer != peers_.end() && log_enabled(LogLevel::debug, "peerset")) {
        log(LogLevel::debug, "peerset", "{}: {}", libp2p::to_text(peer->second.id),
            network::describe(conduct));
    }
    network::SlotEffects slot_effects;
    slots_.report(now, key, network::weight(conduct), slot_effects);
    take(now, std::move(slot_effects), effects);
}

// ---- requests ----

void Switchboard::on_request(Instant now, ConnectionId id, Link& link,
                             libp2p::RequestReceived& request, SwitchboardEffects& effects) {
    const Protocol protocol = protocol_of(request.protocol);
    if (!link.peer || waiting_.size() >= kRequestsWaitingMax) {
        ++counts_.of(protocol).refused;
        link.host->refuse(request.id);
        return;
    }
    const RequestToken token(next_token_++);
    waiting_.emplace(token, Waiting{id, request.id, protocol, now});
    if (const auto peer = peers_.find(*link.peer); peer != peers_.end()) {
        peer->second.asked = true;
    }
    effects.core.emplace_back(
        RequestReceived{*link.peer, token, protocol, std::move(request.request)});
}

void Switchboard::on_answer(Instant now, ConnectionId id, libp2p::RequestId request,
                            std::expected<Bytes, libp2p::RequestFailure> answer,
                            SwitchboardEffects& effects) {
    const auto asked = asked_.extract({id, request});
    if (asked.empty()) {
        return;
    }
    count_answer(now, asked.mapped(), answer);
    const AskedFor& purpose = asked.mapped().purpose;
    if (const auto* kademlia = std::get_if<KademliaAsked>(&purpose)) {
        on_kademlia_answer(now, kademlia->id, answer, effects);
        return;
    }
    const auto sync = std::get<network::sync::RequestId>(purpose);
    asked_by_id_.erase(sync);
    ResponseReceived event{sync, {}};
    if (answer) {
        event.answer = *std::move(answer);
    } else {
        using Failure = network::sync::RequestFailure;
        switch (answer.error()) {
            case libp2p::RequestFailure::timed_out:
                event.answer = std::unexpected(Failure::timeout);
                break;
            case libp2p::RequestFailure::disconnected:
            case libp2p::RequestFailure::overloaded:
                event.answer = std::unexpected(Failure::disconnected);
                break;
            case libp2p::RequestFailure::refused:
            case libp2p::RequestFailure::unsupported:
            case libp2p::RequestFailure::malformed:
                event.answer = std::unexpected(Failure::refused);
                break;
        }
    }
    effects.core.emplace_back(std::move(event));
}

// ---- the core ----

void Switchboard::perform(Instant now, NetworkCommand& command, SwitchboardEffects& effects) {
    std::visit([&](auto& what) { apply_command(now, what, effects); }, command);
}

void Switchboard::apply_command(Instant /*now*/, SendNotification& send,
                                SwitchboardEffects& effects) {
    for (const PeerKey key : send.to) {
        const auto peer = peers_.find(key);
        if (peer == peers_.end()) {
            continue;
        }
        const auto channel = peer->second.channels.find(send.protocol);
        if (channel == peer->second.channels.end() || !channel->second.out_open) {
            continue;
        }
        libp2p::Host* host = host_of(*channel->second.out);
        if (host != nullptr &&
            host->send_notification(notification_id(send.protocol), send.message)) {
            counts_.of(send.protocol).sent.observe(static_cast<double>(send.message.size()));
            touch(*channel->second.out, effects);
        }
    }
}

void Switchboard::apply_command(Instant now, SendRequest& send, SwitchboardEffects& effects) {
    const auto peer = peers_.find(send.peer);
    libp2p::Host* host = peer == peers_.end() ? nullptr : host_of(peer->second.connection);
    if (host == nullptr) {
        effects.core.emplace_back(ResponseReceived{
            send.request, std::unexpected(network::sync::RequestFailure::disconnected)});
        return;
    }
    const libp2p::RequestId id(next_request_++);
    const ConnectionId connection = peer->second.connection;
    asked_.emplace(std::pair(connection, id), Asked{send.request, send.protocol, now});
    asked_by_id_.emplace(send.request, std::pair(connection, id));
    host->send_request(now, id, request_id(send.protocol), std::move(send.body));
    touch(connection, effects);
}

void Switchboard::apply_command(Instant /*now*/, CancelRequest& cancel,
                                SwitchboardEffects& effects) {
    const auto asked = asked_by_id_.extract(cancel.request);
    if (asked.empty()) {
        return;
    }
    const auto [connection, id] = asked.mapped();
    asked_.erase({connection, id});
    if (libp2p::Host* host = host_of(connection)) {
        host->cancel_request(id);
        touch(connection, effects);
    }
}

void Switchboard::apply_command(Instant now, AnswerRequest& answer, SwitchboardEffects& effects) {
    const auto waiting = waiting_.extract(answer.token);
    libp2p::Host* host = waiting.empty() ? nullptr : host_of(waiting.mapped().connection);
    if (host == nullptr) {
        return;
    }
    const ConnectionId connection = waiting.mapped().connection;
    ProtocolNumbers& numbers = counts_.of(waiting.mapped().protocol);
    if (answer.answer && make_room(connection, answer.answer->size(), effects)) {
        numbers.answered.observe(in_seconds(now - waiting.mapped().since));
        numbers.bytes_answered += answer.answer->size();
        host->respond(waiting.mapped().request, *answer.answer);
    } else {
        ++numbers.refused;
        host->refuse(waiting.mapped().request);
    }
    touch(connection, effects);
}

/// For an answer of this size: whoever holds most gives way. False: that is the asker itself.
bool Switchboard::make_room(ConnectionId asker, std::size_t bytes, SwitchboardEffects& effects) {
    for (;;) {
        std::size_t held = 0;
        std::size_t most = host_of(asker)->answer_bytes();
        ConnectionId holder = asker;
        for (const auto& [id, link] : links_) {
            const std::size_t answers = link.host ? link.host->answer_bytes() : 0;
            held += answers;
            if (answers > most) {
                most = answers;
                holder = id;
            }
        }
        if (held + bytes <= config_.answer_bytes_held_max) {
            return true;
        }
        if (holder == asker) {
            return false;
        }
        host_of(holder)->drop_answers();
        touch(holder, effects);
    }
}

void Switchboard::apply_command(Instant now, network::ReportPeer& what,
                                SwitchboardEffects& effects) {
    report(now, what.peer, what.conduct, effects);
    if (what.disconnect) {
        network::SlotEffects slot_effects;
        slots_.disconnect(what.peer, slot_effects);
        take(now, std::move(slot_effects), effects);
    }
}

void Switchboard::apply_command(Instant /*now*/, TellBestBlock& tell,
                                SwitchboardEffects& /*effects*/) {
    config_.best = tell.best;
}

}  // namespace stipple::node
