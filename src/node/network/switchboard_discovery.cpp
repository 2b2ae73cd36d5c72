// Kademlia over the connections there are, and those it wants.
#include "base/log.hpp"
#include "libp2p/kademlia/messages.hpp"
#include "node/network/switchboard.hpp"

namespace stipple::node {

namespace kad = libp2p::kademlia;

std::shared_ptr<const libp2p::IdentifyInfo> Switchboard::identify_info(Instant now) const {
    libp2p::IdentifyInfo info;
    info.public_key = libp2p::public_key(public_key_);
    info.listen_addresses = own_addresses_.told(now);
    info.protocol_version = "/substrate/1.0";
    info.agent_version = config_.agent;
    return std::make_shared<const libp2p::IdentifyInfo>(std::move(info));
}

void Switchboard::take(Instant now, kad::KademliaEffects&& found, SwitchboardEffects& effects) {
    for (auto& effect : found) {
        if (const auto* send = std::get_if<kad::SendRequest>(&effect)) {
            deliver(now, *send, effects);
        } else if (const auto* contact = std::get_if<kad::ContactFound>(&effect)) {
            for (const auto& address : contact->contact.addresses) {
                slots_.store().add_address(now, contact->contact.peer, address,
                                           network::AddressSource::discovery);
            }
        } else if (auto* done = std::get_if<kad::QueryDone>(&effect)) {
            if (const auto* peers = std::get_if<kad::FoundPeers>(&done->result)) {
                for (const auto& peer : peers->peers) {
                    for (const auto& address : peer.addresses) {
                        slots_.store().add_address(now, peer.peer, address,
                                                   network::AddressSource::discovery);
                    }
                }
            }
            if (const auto query = record_queries_.extract(done->query); !query.empty()) {
                on_record_query_done(query.mapped(), done->result, effects);
            }
        } else if (const auto* offer = std::get_if<kad::RecordOffered>(&effect)) {
            on_record_offered(*offer, effects);
        }
    }
}

void Switchboard::on_local_peer(Instant now, const PeerId& peer,
                                std::span<const Multiaddr> addresses) {
    for (const auto& address : addresses) {
        slots_.store().add_address(now, peer, address, network::AddressSource::discovery);
    }
}

void Switchboard::deliver(Instant now, const kad::SendRequest& request,
                          SwitchboardEffects& effects) {
    if (const auto key = slots_.find(request.peer)) {
        if (const auto peer = peers_.find(*key); peer != peers_.end()) {
            ask_kademlia(now, peer->second.connection, request, effects);
            return;
        }
    }
    for (const auto& address : request.addresses) {
        slots_.store().add_address(now, request.peer, address, network::AddressSource::discovery);
    }
    network::SlotEffects slot_effects;
    const bool wanted =
        slots_.dialling(request.peer) || slots_.want_connection(now, request.peer, slot_effects);
    if (wanted) {
        undelivered_[request.peer].push_back(request);
    }
    take(now, std::move(slot_effects), effects);
    if (!wanted) {
        kad::KademliaEffects more;
        kademlia_->on_failure(now, request.request, more);
        take(now, std::move(more), effects);
    }
}

void Switchboard::ask_kademlia(Instant now, ConnectionId id, const kad::SendRequest& request,
                               SwitchboardEffects& effects) {
    libp2p::Host* host = host_of(id);
    if (host == nullptr) {
        kad::KademliaEffects more;
        kademlia_->on_failure(now, request.request, more);
        take(now, std::move(more), effects);
        return;
    }
    const libp2p::RequestId number(next_request_++);
    asked_.emplace(std::pair(id, number),
                   Asked{KademliaAsked{request.request}, network::Protocol::kademlia, now});
    host->send_kademlia(now, number, kad::encode_message(request.message), !request.expects_answer);
    touch(id, effects);
}

void Switchboard::release_waiting(Instant now, const PeerId& peer, bool connected,
                                  SwitchboardEffects& effects) {
    const auto waiting = undelivered_.extract(peer);
    if (waiting.empty()) {
        return;
    }
    for (const auto& request : waiting.mapped()) {
        if (connected) {
            deliver(now, request, effects);
        } else {
            kad::KademliaEffects more;
            kademlia_->on_failure(now, request.request, more);
            take(now, std::move(more), effects);
        }
    }
}

void Switchboard::on_kademlia_answer(Instant now, kad::RequestId request,
                                     const std::expected<Bytes, libp2p::RequestFailure>& answer,
                                     SwitchboardEffects& effects) {
    kad::KademliaEffects more;
    if (!answer) {
        kademlia_->on_failure(now, request, more);
    } else if (answer->empty()) {
        kademlia_->on_response(now, request, std::nullopt, more);
    } else if (auto message = kad::decode_message(*answer)) {
        kademlia_->on_response(now, request, *std::move(message), more);
    } else {
        kademlia_->on_failure(now, request, more);
    }
    take(now, std::move(more), effects);
}

void Switchboard::on_kademlia_request(Instant now, ConnectionId id, Link& link,
                                      const libp2p::KademliaRequest& request,
                                      SwitchboardEffects& effects) {
    const auto message = kad::decode_message(request.request);
    if (!kademlia_ || !link.id || !message) {
        link.host->refuse(request.id);
        touch(id, effects);
        return;
    }
    kad::KademliaEffects more;
    const auto answer = kademlia_->on_request(now, *link.id, *message, more);
    if (answer) {
        link.host->respond(request.id, kad::encode_message(*answer));
    } else {
        link.host->refuse(request.id);
    }
    touch(id, effects);
    take(now, std::move(more), effects);
}

}  // namespace stipple::node
