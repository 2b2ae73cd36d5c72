// Notifications: handshakes both ways, then messages one way.
//
//     dialer (NotificationsOut)                         accepter (NotificationsIn)
//     varint length, handshake ->                       offered: somebody above decides
//                              <- varint length, handshake        accept(), or
//                              <- end of direction                reject()
//     varint length, message   ->                       message, message, ...
//
// Each direction of a protocol between two peers is a substream of its own. After its handshake the
// accepter sends nothing; that it ends its direction means "stop", and the dialer then ends too.
//
//     NotificationsOut   offering -> open -> closing -> ended
//     NotificationsIn    reading -> offered -> accepting -> open -> closing -> ended
//
// `event` is reported once when the dialer's side opened, when the accepter was offered a
// handshake, and for every message that came: the next one is read only after this one was taken,
// so a slow owner slows the peer. While messages are held they wait unread, too.
//
// Bounds: handshakes of kHandshakeBytesMax in kHandshakeTimeout; one message being read; a queue of
// messages to send, by number and bytes. When the queue is full send() refuses the newest message;
// when the peer reads nothing for kNotificationStall the substream fails with stalled.
//
// Spec: sect-networking. libp2p has no specification of it; Substrate's notifications protocol.
#pragma once

#include "libp2p/substreams/limits.hpp"
#include "libp2p/substreams/message_io.hpp"

#include <deque>

namespace stipple::libp2p {

struct NotificationsConfig {
    std::size_t message_bytes_max = 0;
    /// Bounds of the queue of NotificationsOut. A message is taken when the queue is empty, even
    /// one longer than `queue_bytes_max`.
    std::size_t queue_messages_max = 256;
    std::size_t queue_bytes_max = 4 * 1024 * 1024;
};

class NotificationsOut {
 public:
    NotificationsOut(const NotificationsConfig& config, Bytes handshake, Instant now);

    /// `event` once: the peer has accepted. `finished`: the peer, or close(), ended it.
    SubstreamStep exchange(ByteExchange& exchange);
    /// What the peer answered. REQUIRES `event`.
    const Bytes& peer_handshake() const { return peer_handshake_; }

    /// Queues a message. False when not open, too long, or the queue is full: the message is lost.
    bool send(Bytes message);
    /// Messages not begun are dropped; the one under way is ended first.
    void close();

    bool open() const { return state_ == State::open; }
    std::size_t queued_bytes() const { return queued_bytes_ + writer_.held_bytes(); }
    /// refused, truncated, bad_length, too_long, timed_out, stalled or unexpected_data.
    SubstreamFailure failure() const { return failure_; }

 private:
    enum class State : std::uint8_t { offering, open, closing, ended };
    SubstreamStep fail(SubstreamFailure failure);
    SubstreamStep offer(ByteExchange& exchange);
    SubstreamStep stream(ByteExchange& exchange);
    SubstreamStep wind_down(ByteExchange& exchange);
    SubstreamStep finish(ByteExchange& exchange);
    bool write_queue(ByteExchange& exchange);

    NotificationsConfig config_;
    Instant deadline_;
    State state_ = State::offering;
    MessageReader reader_;
    MessageWriter writer_;
    Bytes peer_handshake_;
    std::deque<Bytes> queue_;
    std::size_t queued_bytes_ = 0;
    /// Since when bytes wait without one being taken; when closing, since when.
    std::optional<Instant> stalled_since_;
    SubstreamFailure failure_ = SubstreamFailure::refused;
};

class NotificationsIn {
 public:
    NotificationsIn(const NotificationsConfig& config, Instant now);

    /// `event` once with the handshake offered, then for every message.
    /// `finished`: the peer, reject() or close() ended it.
    SubstreamStep exchange(ByteExchange& exchange);

    /// What the dialer offers. REQUIRES offered().
    const Bytes& peer_handshake() const { return peer_handshake_; }
    /// The peer waits for accept() or reject().
    bool offered() const { return state_ == State::offered; }
    /// REQUIRES offered().
    void accept(Bytes handshake);
    /// REQUIRES offered().
    void reject();
    /// Asks the peer to stop; what it still sends is thrown away.
    void close();
    /// Messages wait unread while held: the stream's window bounds them.
    void hold(bool held) { held_ = held; }

    bool open() const { return state_ == State::open; }
    bool has_message() const { return message_.has_value(); }
    /// REQUIRES has_message().
    Bytes take_message();
    std::size_t held_bytes() const { return reader_.held_bytes(); }
    /// truncated, bad_length, too_long, timed_out or stalled (the answer was not taken).
    SubstreamFailure failure() const { return failure_; }

 private:
    enum class State : std::uint8_t { reading, offered, accepting, open, closing, ended };
    SubstreamStep fail(SubstreamFailure failure);
    SubstreamStep read_handshake(ByteExchange& exchange);
    SubstreamStep leave_unread(ByteExchange& exchange);
    SubstreamStep write_handshake(ByteExchange& exchange);
    SubstreamStep read_message(ByteExchange& exchange);
    SubstreamStep wind_down(ByteExchange& exchange);
    SubstreamStep finish(ByteExchange& exchange);

    NotificationsConfig config_;
    Instant deadline_;
    State state_ = State::reading;
    MessageReader reader_;
    MessageWriter writer_;
    Bytes peer_handshake_;
    std::optional<Bytes> message_;
    bool held_ = false;
    /// Since when the peer has had an answer, or the end, to take.
    std::optional<Instant> waiting_since_;
    SubstreamFailure failure_ = SubstreamFailure::timed_out;
};

}  // namespace stipple::libp2p
