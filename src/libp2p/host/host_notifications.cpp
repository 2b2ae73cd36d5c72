// Host: notifications as seen from above.
#include "libp2p/host/host.hpp"

namespace stipple::libp2p {

Host::Substream* Host::find_notifications(NotificationProtocolId protocol, Direction direction,
                                          SubstreamId* where) {
    const auto it = notifications_.find({protocol.value, direction});
    if (it == notifications_.end()) {
        return nullptr;
    }
    if (where != nullptr) {
        *where = it->second;
    }
    return &substreams_.at(it->second);
}

bool Host::open_notifications(Instant now, NotificationProtocolId protocol, Bytes handshake) {
    if (over_ || find_notifications(protocol, Direction::outbound) != nullptr) {
        return false;
    }
    const NotificationProtocol& about = protocols_->of(protocol);
    const NotificationsConfig config{.message_bytes_max = about.message_bytes_max,
                                     .queue_messages_max = about.queue_messages_max,
                                     .queue_bytes_max = about.queue_bytes_max};
    const auto id = open(now, about.names,
                         {.machine = NotificationsOut(config, std::move(handshake), now),
                          .purpose = Purpose::notifications,
                          .direction = Direction::outbound,
                          .index = protocol.value});
    if (id) {
        notifications_[{protocol.value, Direction::outbound}] = *id;
    } else {
        tell(NotificationsRefused{protocol, NotificationsFailure::overloaded});
    }
    return true;
}

bool Host::accept_notifications(NotificationProtocolId protocol, Bytes handshake) {
    SubstreamId id;
    Substream* const substream = find_notifications(protocol, Direction::inbound, &id);
    if (substream == nullptr || !std::get<NotificationsIn>(substream->machine).offered()) {
        return false;
    }
    std::get<NotificationsIn>(substream->machine).accept(std::move(handshake));
    runnable_.insert(id);
    return true;
}

bool Host::reject_notifications(NotificationProtocolId protocol) {
    SubstreamId id;
    Substream* const substream = find_notifications(protocol, Direction::inbound, &id);
    if (substream == nullptr || !std::get<NotificationsIn>(substream->machine).offered()) {
        return false;
    }
    std::get<NotificationsIn>(substream->machine).reject();
    substream->purpose = Purpose::draining;
    notifications_.erase({protocol.value, Direction::inbound});
    runnable_.insert(id);
    return true;
}

bool Host::hold_notifications(NotificationProtocolId protocol, bool held) {
    SubstreamId id;
    Substream* const substream = find_notifications(protocol, Direction::inbound, &id);
    if (substream == nullptr) {
        return false;
    }
    std::get<NotificationsIn>(substream->machine).hold(held);
    runnable_.insert(id);
    return true;
}

void Host::close_notifications(NotificationProtocolId protocol, Direction direction) {
    SubstreamId id;
    Substream* const substream = find_notifications(protocol, direction, &id);
    if (substream == nullptr) {
        return;
    }
    notifications_.erase({protocol.value, direction});
    if (!substream->agreed) {
        connection_.reset(id);
        erase(id);
        return;
    }
    substream->purpose = Purpose::draining;
    if (auto* const out = std::get_if<NotificationsOut>(&substream->machine)) {
        out->close();
    } else {
        std::get<NotificationsIn>(substream->machine).close();
    }
    runnable_.insert(id);
}

bool Host::send_notification(NotificationProtocolId protocol, Bytes message) {
    SubstreamId id;
    Substream* const substream = find_notifications(protocol, Direction::outbound, &id);
    if (substream == nullptr || !substream->opened_told ||
        !std::get<NotificationsOut>(substream->machine).send(std::move(message))) {
        return false;
    }
    runnable_.insert(id);
    return true;
}

bool Host::notifications_open(NotificationProtocolId protocol, Direction direction) const {
    const auto it = notifications_.find({protocol.value, direction});
    return it != notifications_.end() && substreams_.at(it->second).opened_told;
}

std::size_t Host::queued_bytes(NotificationProtocolId protocol) const {
    const auto it = notifications_.find({protocol.value, Direction::outbound});
    return it == notifications_.end()
               ? 0
               : std::get<NotificationsOut>(substreams_.at(it->second).machine).queued_bytes();
}

void Host::on_notifications_ended(Substream& substream, NotificationsFailure reason) {
    if (substream.purpose != Purpose::notifications) {
        return;  // closed from above
    }
    const NotificationProtocolId protocol(substream.index);
    notifications_.erase({substream.index, substream.direction});
    substream.purpose = Purpose::draining;
    if (substream.direction == Direction::outbound && !substream.opened_told) {
        tell(NotificationsRefused{protocol, reason});
    } else if (substream.opened_told || substream.offered_told) {
        tell(NotificationsClosed{protocol, substream.direction, reason});
    }
}

}  // namespace stipple::libp2p
