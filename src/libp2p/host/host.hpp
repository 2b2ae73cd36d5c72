// One connection to a peer with everything spoken on it: the unit a network thread runs.
//
//     socket ─ Connection ─┬ ping, identify        by itself
//                          ├ requests              send_request / RequestReceived, respond
//                          ├ notifications         open, accept, send / Notification
//                          └ Kademlia              send_kademlia / KademliaRequest, respond
//
// To drive it: exchange() with the socket's bytes, then take_events(); repeat while there were
// events. Call exchange() again when bytes or room come, at `wake_at`, and after any command.
// Commands take effect at the next exchange; what becomes of them is told by events.
//
// Notifications. Each direction of a protocol is a substream of its own, at most one per direction
// and connection. A peer counts as connected on a protocol when both are open; who accepts an offer
// therefore opens the other direction too. The peer may open its direction on another connection.
//
// Bounds (limits.hpp): events, requests each way, bytes of requests and answers, queues. A slow
// owner closes windows, a slow peer has its messages refused and its substreams reset after a time;
// neither makes memory grow. Pings that fail in silence end the connection.
//
// Spec: sect-networking. libp2p: connections, ping, identify.
#pragma once

#include "libp2p/host/host_events.hpp"
#include "libp2p/host/limits.hpp"
#include "libp2p/substreams/notifications.hpp"
#include "libp2p/substreams/ping.hpp"
#include "libp2p/substreams/request.hpp"

#include <deque>
#include <map>
#include <set>

namespace stipple::libp2p {

struct HostConfig {
    ConnectionConfig connection;
    std::shared_ptr<const ProtocolTable> protocols;
    /// What identify tells, but for the observed address and the protocols.
    std::shared_ptr<const IdentifyInfo> identify;
    /// The peer's address as the socket has it: told to it as its observed address.
    std::optional<Multiaddr> remote;
    PingConfig ping = {};
};

class Host {
 public:
    /// `local` outlives the host.
    Host(const HostConfig& config, const noise::LocalIdentity& local);

    void exchange(ByteExchange& socket);
    std::vector<HostEvent> take_events();

    // ---- requests ----
    /// Answered by ResponseReceived or RequestFailed with this id, always.
    void send_request(Instant now, RequestId id, RequestProtocolId protocol, Bytes request);
    /// `one_way`: no answer belongs to it.
    void send_kademlia(Instant now, RequestId id, Bytes request, bool one_way);
    /// The answer is not wanted any more; no event follows.
    void cancel_request(RequestId id);
    /// False when the peer does not wait any more, or the answer is too long or one too many (it
    /// is refused then).
    bool respond(InboundRequestId id, Bytes response);
    bool refuse(InboundRequestId id);
    /// Answers not read yet, and their end: the owner needs the room for other peers.
    std::size_t answer_bytes() const { return answer_bytes_; }
    void drop_answers();

    // ---- notifications ----
    /// Answered by NotificationsOpened or NotificationsRefused. False when our direction is open or
    /// being opened.
    bool open_notifications(Instant now, NotificationProtocolId protocol, Bytes handshake);
    /// False when the offer is gone. NotificationsOpened follows when the handshake is sent.
    bool accept_notifications(NotificationProtocolId protocol, Bytes handshake);
    bool reject_notifications(NotificationProtocolId protocol);
    /// Messages of the peer wait with it while held, for the time until the owner can make use of
    /// them. False when the peer's direction is neither open nor being opened.
    bool hold_notifications(NotificationProtocolId protocol, bool held);
    /// Ends a direction, opened or not; no event follows.
    void close_notifications(NotificationProtocolId protocol, Direction direction);
    /// False when our direction is not open, the message is too long, or the queue is full.
    bool send_notification(NotificationProtocolId protocol, Bytes message);

    /// News of ourselves: pushed to the peer, and told from now on.
    void set_identify(Instant now, std::shared_ptr<const IdentifyInfo> identify);
    /// Resets every substream and closes; `Closed` follows.
    void close();

    const std::optional<PeerId>& peer() const { return connection_.peer(); }
    bool is_over() const { return over_; }
    /// Something more than ping and identify goes on.
    bool in_use() const;
    bool notifications_open(NotificationProtocolId protocol, Direction direction) const;
    std::size_t queued_bytes(NotificationProtocolId protocol) const;
    std::size_t substream_count() const { return substreams_.size(); }
    /// Bytes held in substreams and events, not counting the connection's own buffers.
    std::size_t held_bytes() const;

 private:
    /// A substream that is done here: waits for the peer's end.
    struct Drain {
        std::optional<Instant> since;
        SubstreamStep exchange(ByteExchange& exchange);
    };
    using Machine = std::variant<PingOut, PingIn, IdentifySend, IdentifyReceive, RequestOut,
                                 RequestIn, NotificationsOut, NotificationsIn, Drain>;
    enum class Purpose : std::uint8_t {
        ping,
        identify,
        request,
        kademlia,
        notifications,
        draining,  ///< nobody above cares any more
    };
    struct Substream {
        Machine machine;
        Purpose purpose{};
        Direction direction{};
        std::uint16_t index = 0;    ///< of the protocol
        std::uint64_t request = 0;  ///< RequestId or InboundRequestId
        bool agreed = false;        ///< its protocol is negotiated
        bool offered_told = false;  ///< of inbound notifications
        bool opened_told = false;   ///< of notifications
        std::size_t answer_bytes = 0;
        std::optional<Instant> wake = std::nullopt;
    };

    // host.cpp: the connection, commands
    void on_connection_event(Instant now, const ConnectionEvent& event);
    void on_open_failed(Instant now, const OpenFailed& failed);
    void end(HostEvent last);
    void tell(HostEvent event);
    bool may_tell() const;
    std::expected<SubstreamId, OpenError> open(Instant now, std::span<const std::string> names,
                                               Substream substream);
    void start_ping(Instant now);
    void on_ping_failed(Instant now);
    void send(Instant now, std::span<const std::string> names, Substream request);
    IdentifyInfo own_info() const;
    Substream* find_notifications(NotificationProtocolId protocol, Direction direction,
                                  SubstreamId* where = nullptr);

    // host_inbound.cpp: substreams the peer opens
    void on_opened(Instant now, const Opened& opened);
    std::optional<Substream> accept(Instant now, const ProtocolTable::Entry& entry);
    std::optional<Substream> accept_request(Instant now, const ProtocolTable::Entry& entry);
    std::optional<Substream> accept_offer(Instant now, std::uint16_t index);
    std::size_t count_inbound(Purpose purpose) const;

    // host_substreams.cpp: what machines report
    bool run(Instant now);
    void wake_due(Instant now);
    void set_wake(SubstreamId id, Substream& substream, std::optional<Instant> wake);
    void drive(Instant now, SubstreamId id);
    bool settle(Instant now, SubstreamId id, Substream& substream, SubstreamStep step);
    void on_event(SubstreamId id, Substream& substream);
    void on_finished(Substream& substream);
    void on_failed(Instant now, Substream& substream, SubstreamFailure failure);
    void on_lost(Instant now, SubstreamId id);
    void on_notifications_ended(Substream& substream, NotificationsFailure reason);
    void on_request_failed(Substream& substream, RequestFailure reason);
    void release_answer(Substream& substream);
    void drain(SubstreamId id, Substream& substream);
    void erase(SubstreamId id);
    std::size_t request_bytes_held() const;

    std::shared_ptr<const ProtocolTable> protocols_;
    std::shared_ptr<const IdentifyInfo> identify_;
    std::optional<Multiaddr> remote_;
    PingConfig ping_;
    Connection connection_;
    Prng prng_;

    std::map<SubstreamId, Substream> substreams_;
    std::set<SubstreamId> runnable_;
    SubstreamId turn_{};  ///< whose turn it is among the runnable ones
    std::set<std::pair<Instant, SubstreamId>> wakes_;
    std::map<std::pair<std::uint16_t, Direction>, SubstreamId> notifications_;
    std::map<std::uint64_t, SubstreamId> requests_out_;
    std::map<std::uint64_t, SubstreamId> requests_in_;  ///< waiting for their answer
    std::deque<SubstreamId> draining_;
    std::uint64_t next_inbound_ = 1;
    std::size_t answer_bytes_ = 0;

    std::vector<HostEvent> events_;
    std::size_t event_bytes_ = 0;
    std::optional<Instant> ping_again_at_;
    bool pushes_ = false;  ///< the peer takes pushes of identify
    bool ready_ = false;
    bool close_wanted_ = false;
    bool over_ = false;
};

}  // namespace stipple::libp2p
