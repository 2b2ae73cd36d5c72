// yamux: many streams over one reliable connection, each with its own window.
//
// Either side opens a stream by its first frame (SYN, answered by ACK), sends data while the
// other's window permits, ends its direction with FIN or the whole stream with RST. The machine
// reads frames into a buffer per stream and writes the streams' buffers as frames of at most 16
// KiB, taking turns.
//
//                      exchange()                         with_stream()
//   connection bytes ─────────────▶ frames ─▶ Stream.incoming ─────────▶ protocol
//   connection bytes ◀───────────── frames ◀─ Stream.outgoing ◀───────── protocol
//
// A protocol sees its stream as a ByteExchange over these buffers: what it takes gives the peer
// window back, what it appends waits here until the peer's window and the connection accept it.
// It must take input in pieces: one that waits for more than half a window (128 KiB) before taking
// anything may wait for ever.
//
// To drive: call `exchange` with the connection's bytes, then handle `next_event` until there is
// none, each by `with_stream`; repeat after handling any, and when the connection accepts output.
//
// Bounds (limits.hpp): streams, buffers, events, and waiting control frames. Where one is
// reached the machine stops taking input until there is room (events and unread bytes leave by the
// caller, control frames by `exchange`); a stream too many is reset.
//
// Spec: libp2p: yamux (with the base specification of hashicorp/yamux)
#pragma once

#include "base/prng.hpp"
#include "base/strong.hpp"
#include "libp2p/byte_exchange.hpp"
#include "libp2p/byte_queue.hpp"
#include "libp2p/yamux/frame.hpp"
#include "libp2p/yamux/receive_window.hpp"

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <variant>

namespace stipple::libp2p::yamux {

struct StreamIdTag;
/// A stream of one connection: counted by us, never used again (numbers on the wire may be).
using StreamId = StrongNumber<std::uint64_t, StreamIdTag>;

/// The initiator of the connection opens odd streams, the responder even ones.
enum class Role { initiator, responder };

enum class Failure {
    unknown_version,
    unknown_type,
    wrong_stream_id,     ///< the peer opens a stream with a number of ours, or 0
    stream_exists,       ///< the peer opens a stream that is open
    window_exceeded,     ///< more data than granted
    data_after_end,      ///< the peer had ended its direction
    window_overflow,     ///< grants beyond 4 GiB
    peer_reports_error,  ///< a go-away with a reason other than normal
    ended_inside_frame,
};

enum class OpenRefusal {
    too_many_streams,
    too_many_unacknowledged,
    going_away,       ///< either side has said that it closes
    numbers_used_up,  ///< after 2^31 streams
};

enum class Progress {
    running,
    finished,  ///< no stream is left and either side closes; output ends
    failed,
};

/// The peer opened a stream.
struct Opened {
    StreamId stream;
    friend bool operator==(const Opened&, const Opened&) = default;
};
/// There is input, or its end, that `with_stream` has not shown yet.
struct Readable {
    StreamId stream;
    friend bool operator==(const Readable&, const Readable&) = default;
};
/// At least half of a send buffer that was more than half full is free again.
struct Writable {
    StreamId stream;
    friend bool operator==(const Writable&, const Writable&) = default;
};
/// Both directions have ended and all input was taken: the stream is forgotten.
struct Ended {
    StreamId stream;
    friend bool operator==(const Ended&, const Ended&) = default;
};
/// The peer reset the stream; what was unsent is lost, and all that came before was read (it showed
/// as input with an end). The stream is forgotten.
struct Reset {
    StreamId stream;
    friend bool operator==(const Reset&, const Reset&) = default;
};
/// The peer will not open streams any more, nor accept new ones.
struct GoingAway {
    friend bool operator==(const GoingAway&, const GoingAway&) = default;
};
using Event = std::variant<Opened, Readable, Writable, Ended, Reset, GoingAway>;

class Multiplexer {
 public:
    /// `seed` draws the values of pings.
    Multiplexer(Role role, Instant now, Seed seed);

    /// Takes frames from `connection.unread` and writes frames to its output. After `failed`,
    /// `failure()` says why and the machine is not called again; a last go-away may be in the
    /// output.
    Progress exchange(ByteExchange& connection);
    std::optional<Event> next_event();
    /// REQUIRES that `exchange` has answered `failed`.
    Failure failure() const { return *failure_; }

    /// The peer hears of the stream with what the first `with_stream` writes.
    std::expected<StreamId, OpenRefusal> open(Instant now);

    /// Calls `use(ByteExchange&)` with the stream's unread input and room for its output; false
    /// when the stream is not (or no longer) known. `use` must not call the machine. A layer's wish
    /// to be woken is for `use` to keep.
    template <class F>
    bool with_stream(StreamId id, Instant now, F&& use) {
        Stream* stream = find(id);
        if (stream == nullptr) {
            return false;
        }
        ByteExchange exchange = lend(*stream, now);
        const std::size_t lent = exchange.unread.size();
        use(exchange);
        settle(*stream, now, lent - exchange.unread.size(), exchange.output_ended);
        return true;
    }

    /// Ends a stream at once and forgets it, without an event. False when it is not known.
    bool reset(StreamId id);
    /// Says go-away: the peer's new streams are reset, ours refused; when the last stream has ended
    /// `exchange` answers `finished`.
    void close();

    bool has_stream(StreamId id) const { return streams_.contains(id); }
    std::size_t stream_count() const { return streams_.size(); }
    /// Unread bytes held for the protocols above.
    std::size_t unread_bytes() const { return unread_bytes_; }
    std::optional<Duration> round_trip() const { return round_trip_; }

 private:
    struct Stream;

    bool read_frames(ByteExchange& connection);
    void read_payload(ByteExchange& connection);
    bool may_read() const;
    bool on_header(const FrameHeader& header, Instant now);
    bool on_stream_frame(const FrameHeader& header, Instant now);
    Stream* accept(const FrameHeader& header, Instant now);
    void on_ping(const FrameHeader& header, Instant now);
    bool on_go_away(const FrameHeader& header);
    void on_finish(Stream& stream);
    void on_reset(Stream& stream);

    void write_frames(ByteExchange& connection);
    void write_turn(Stream& stream, ByteExchange& connection);
    Progress write_failure(ByteExchange& connection) const;
    void ask_round_trip(Instant now);
    void control(const FrameHeader& header) { encode_header(control_.storage(), header); }

    Stream* find(StreamId id);
    Stream* find_wire(std::uint32_t wire_id);
    Stream& add(std::uint32_t wire_id, bool inbound, Instant now);
    ByteExchange lend(Stream& stream, Instant now);
    void settle(Stream& stream, Instant now, std::size_t taken, bool output_ended);
    void announce_readable(Stream& stream);
    void queue(Stream& stream);
    bool has_something_to_send(const Stream& stream) const;
    void forget(Stream& stream);
    void leave_wire(Stream& stream);
    void forget_if_ended(Stream& stream);
    bool fail_with(Failure failure);

    Role role_;
    Prng prng_;
    std::uint32_t next_wire_id_;
    StreamId next_id_{1};
    std::map<StreamId, std::unique_ptr<Stream>> streams_;
    std::unordered_map<std::uint32_t, Stream*> by_wire_id_;  ///< never iterated
    std::size_t inbound_ = 0;
    std::size_t unacknowledged_ = 0;
    std::deque<Stream*> ready_;  ///< streams with something to send, in their turn
    ByteQueue control_;          ///< whole frames that go before the streams'
    std::deque<Event> events_;

    std::uint32_t payload_left_ = 0;  ///< of the data frame being read
    Stream* payload_of_ = nullptr;    ///< null while the payload is skipped
    bool payload_finishes_ = false;   ///< the frame has FIN
    std::size_t unread_bytes_ = 0;
    std::uint64_t spare_growth_ = kWindowGrowthMax;

    Instant ping_at_;
    std::optional<std::uint32_t> ping_value_;  ///< while the answer is awaited
    Instant ping_sent_{};
    std::optional<Duration> round_trip_;
    bool active_ = true;  ///< frames went either way since the last ping

    bool closing_ = false;
    bool peer_closing_ = false;
    std::optional<Failure> failure_;
};

/// One stream; only the machine's own sources see inside.
struct Multiplexer::Stream {
    StreamId id;
    std::uint32_t wire_id;
    bool inbound;
    std::uint16_t first_flags;  ///< SYN or ACK, until the first frame carries it
    bool acknowledged;          ///< the peer has answered, or opened it itself
    ByteQueue incoming;
    ByteQueue outgoing;
    ReceiveWindow window;
    std::uint32_t send_window;   ///< what the peer still accepts
    bool was_reset = false;      ///< by the peer; only its unread bytes are left
    bool peer_finished = false;  ///< FIN received
    bool end_shown = false;      ///< and `with_stream` has said so
    bool finish_wanted = false;  ///< FIN goes after `outgoing`
    bool finish_sent = false;
    bool readable_told = false;  ///< an event is on its way
    bool wants_writable = false;
    bool queued = false;  ///< is in `ready_`
};

}  // namespace stipple::libp2p::yamux
