// What a Host reports. Bytes in events are whole messages, at most as long as the protocol allows.
//
// Spec: sect-networking. Bounds: kHostEventsMax and kHostEventBytesMax wait to be taken.
#pragma once

#include "libp2p/connection/connection.hpp"
#include "libp2p/host/protocol_table.hpp"
#include "libp2p/substreams/identify.hpp"

namespace stipple::libp2p {

struct RequestIdTag;
/// Of a request of ours: given by whoever asks, never used twice on a connection.
using RequestId = StrongNumber<std::uint64_t, RequestIdTag>;
struct InboundRequestIdTag;
/// Of a request of the peer: counted per connection.
using InboundRequestId = StrongNumber<std::uint64_t, InboundRequestIdTag>;

/// The peer tells of itself; again whenever it pushes news.
struct Identified {
    IdentifyInfo info;
    friend bool operator==(const Identified&, const Identified&) = default;
};
struct RoundTrip {
    Duration time{};
    friend bool operator==(const RoundTrip&, const RoundTrip&) = default;
};

/// Answer by respond() or refuse(). After the protocol's timeout an answer has no effect.
struct RequestReceived {
    InboundRequestId id;
    RequestProtocolId protocol;
    Bytes request;
    friend bool operator==(const RequestReceived&, const RequestReceived&) = default;
};
/// Answer by respond(); refuse() where the message has no answer.
struct KademliaRequest {
    InboundRequestId id;
    Bytes request;
    friend bool operator==(const KademliaRequest&, const KademliaRequest&) = default;
};

struct ResponseReceived {
    RequestId id;
    Bytes response;  ///< empty of a one-way message: it was sent
    friend bool operator==(const ResponseReceived&, const ResponseReceived&) = default;
};
enum class RequestFailure : std::uint8_t {
    timed_out,     ///< no whole answer in the protocol's time
    refused,       ///< the substream was closed or reset without an answer
    unsupported,   ///< the peer does not speak the protocol
    malformed,     ///< an answer that is too long, cut short or no message; or no negotiation
    overloaded,    ///< too many of our requests are under way; the peer has no part in it
    disconnected,  ///< the connection is not ready, closes, or has ended
};
struct RequestFailed {
    RequestId id;
    RequestFailure reason{};
    friend bool operator==(const RequestFailed&, const RequestFailed&) = default;
};

/// The peer wants to send us notifications: accept_notifications() or reject_notifications().
struct NotificationsOffered {
    NotificationProtocolId protocol;
    Bytes handshake;
    friend bool operator==(const NotificationsOffered&, const NotificationsOffered&) = default;
};
/// One direction is open; `outbound` with the handshake the peer answered.
struct NotificationsOpened {
    NotificationProtocolId protocol;
    Direction direction{};
    Bytes handshake;
    friend bool operator==(const NotificationsOpened&, const NotificationsOpened&) = default;
};
enum class NotificationsFailure : std::uint8_t {
    refused,      ///< closed or reset by the peer
    unsupported,  ///< the peer does not speak the protocol
    timed_out,    ///< no handshake in time
    stalled,      ///< the peer does not read
    malformed,    ///< a message too long, cut short, or where none may be
    overloaded,   ///< no substream could be opened
};
/// Our open_notifications() came to nothing.
struct NotificationsRefused {
    NotificationProtocolId protocol;
    NotificationsFailure reason{};
    friend bool operator==(const NotificationsRefused&, const NotificationsRefused&) = default;
};
/// A direction that was open, or offered by the peer, has ended; not by close_notifications().
struct NotificationsClosed {
    NotificationProtocolId protocol;
    Direction direction{};
    NotificationsFailure reason{};
    friend bool operator==(const NotificationsClosed&, const NotificationsClosed&) = default;
};
struct Notification {
    NotificationProtocolId protocol;
    Bytes message;
    friend bool operator==(const Notification&, const Notification&) = default;
};

/// `Ready` is the first; `Failed` or `Closed` is the last and ends everything but requests, which
/// fail one by one before it.
using HostEvent =
    std::variant<Ready, Identified, RoundTrip, RequestReceived, KademliaRequest, ResponseReceived,
                 RequestFailed, NotificationsOffered, NotificationsOpened, NotificationsRefused,
                 NotificationsClosed, Notification, Failed, Closed>;

/// Bytes an event holds.
std::size_t bytes_of(const HostEvent& event);

}  // namespace stipple::libp2p
