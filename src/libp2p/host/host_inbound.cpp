// Host: substreams, as soon as their protocol is agreed.
#include "libp2p/host/host.hpp"

namespace stipple::libp2p {

void Host::on_opened(Instant now, const Opened& opened) {
    if (opened.direction == Direction::outbound) {
        if (const auto it = substreams_.find(opened.substream); it != substreams_.end()) {
            it->second.agreed = true;
            runnable_.insert(opened.substream);
        }
        return;
    }
    const auto entry = protocols_->find(opened.protocol);
    auto substream = entry ? accept(now, *entry) : std::nullopt;
    if (!substream) {
        connection_.reset(opened.substream);
        return;
    }
    substream->direction = Direction::inbound;
    substream->agreed = true;
    if (substream->purpose == Purpose::notifications) {
        notifications_[{substream->index, Direction::inbound}] = opened.substream;
    }
    substreams_.emplace(opened.substream, std::move(*substream));
    runnable_.insert(opened.substream);
}

std::size_t Host::count_inbound(Purpose purpose) const {
    return static_cast<std::size_t>(std::ranges::count_if(substreams_, [&](const auto& entry) {
        return entry.second.purpose == purpose && entry.second.direction == Direction::inbound;
    }));
}

std::optional<Host::Substream> Host::accept(Instant now, const ProtocolTable::Entry& entry) {
    using Kind = ProtocolTable::Kind;
    switch (entry.kind) {
        case Kind::ping:
            if (count_inbound(Purpose::ping) < kSmallSubstreamsMax) {
                return Substream{.machine = PingIn(), .purpose = Purpose::ping};
            }
            break;
        case Kind::identify:
            if (count_inbound(Purpose::identify) < kSmallSubstreamsMax) {
                return Substream{.machine = IdentifySend(own_info(), now),
                                 .purpose = Purpose::identify};
            }
            break;
        case Kind::identify_push:
            if (count_inbound(Purpose::identify) < kSmallSubstreamsMax) {
                return Substream{.machine = IdentifyReceive(now), .purpose = Purpose::identify};
            }
            break;
        case Kind::request:
        case Kind::kademlia:
            return accept_request(now, entry);
        case Kind::notifications:
            return accept_offer(now, entry.index);
    }
    return std::nullopt;
}

std::optional<Host::Substream> Host::accept_request(Instant now,
                                                    const ProtocolTable::Entry& entry) {
    const bool kademlia = entry.kind == ProtocolTable::Kind::kademlia;
    const Purpose purpose = kademlia ? Purpose::kademlia : Purpose::request;
    std::size_t in_all = 0;
    std::size_t of_protocol = 0;
    for (const auto& [id, other] : substreams_) {
        if (std::holds_alternative<RequestIn>(other.machine)) {
            ++in_all;
            of_protocol += other.purpose == purpose && other.index == entry.index ? 1U : 0U;
        }
    }
    if (in_all >= kRequestsInMax || of_protocol >= kRequestsInPerProtocolMax) {
        return std::nullopt;
    }
    RequestInConfig config{.request_bytes_max = kKademliaMessageBytesMax,
                           .timeout = kKademliaTimeout,
                           .repeats = true};
    if (!kademlia) {
        const RequestProtocol& about = protocols_->of(RequestProtocolId(entry.index));
        config = {.request_bytes_max = about.request_bytes_max,
                  .timeout = about.timeout,
                  .repeats = false};
    }
    return Substream{.machine = RequestIn(config, now), .purpose = purpose, .index = entry.index};
}

/// The newest offer is refused while one stands. The one before may have ended just now, so it is
/// looked at first.
std::optional<Host::Substream> Host::accept_offer(Instant now, std::uint16_t index) {
    if (const auto before = notifications_.find({index, Direction::inbound});
        before != notifications_.end()) {
        drive(now, before->second);
    }
    if (notifications_.contains({index, Direction::inbound})) {
        return std::nullopt;
    }
    const NotificationProtocol& about = protocols_->of(NotificationProtocolId(index));
    return Substream{
        .machine = NotificationsIn({.message_bytes_max = about.message_bytes_max}, now),
        .purpose = Purpose::notifications,
        .index = index};
}

}  // namespace stipple::libp2p
