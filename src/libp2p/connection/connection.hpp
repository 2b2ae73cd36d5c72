// One connection to a peer, from the first byte on its socket to substreams with agreed protocols.
//
//     socket ─ [websocket] ─ multistream /noise ─ noise ─ multistream /yamux/1.0.0 ─ yamux ─┬─
//                                                                                           └─
//     securing ──▶ handshaking ──▶ choosing_multiplexer ──▶ running ──▶ ended | failed
//
// To drive it, from any event loop or none:
//
//     Connection connection(config, identity, names);
//     do {
//         ByteExchange io{.now = now, .unread = received, .input_ended = eof, .output = &to_send,
//                         .allowance = room_in_to_send};
//         connection.exchange(io);                    // take what it took from `received`
//         events = connection.take_events();
//         for (event : events) { ... connection.with_substream(id, now, use) ... }
//     } while (!events.empty());
//     // then: send to_send; close for writing after io.output_ended; call again at io.wake_at,
//     // when bytes arrive, when there is room to write, and after any call from elsewhere.
//
// Events: `Ready` once; per substream `Opened` or `OpenFailed`, then `Readable` and `Writable`
// (coalesced until with_substream), at last one of `Ended`, `Reset`. `Failed` or `Closed` is the
// last event of all and ends every substream. A substream id is never used again.
//
// Sent bytes are written once behind a frame's header in the output and encrypted there; received
// bytes are decrypted into one buffer and copied into their substream's.
//
// Spec: sect-networking, sect-protocols-substreams. libp2p: connections. Bounds: limits.hpp, and
// those of the layers; where one is reached reading waits, so the socket pushes back on the peer.
#pragma once

#include "libp2p/connection/limits.hpp"
#include "libp2p/connection/negotiation.hpp"
#include "libp2p/noise/handshake.hpp"
#include "libp2p/websocket/layer.hpp"
#include "libp2p/yamux/multiplexer.hpp"

#include <utility>

namespace stipple::libp2p {

using SubstreamId = yamux::StreamId;

/// Who dialled the connection, or opened a substream.
enum class Direction : std::uint8_t { inbound, outbound };

struct ConnectionConfig {
    Direction direction = Direction::outbound;
    /// When the socket was connected; the handshake's time counts from here.
    Instant started;
    /// Only this peer is accepted.
    std::optional<PeerId> expected_peer;
    /// Fresh secret bytes, for this connection only.
    crypto::Secret<32> ephemeral;
    /// Values of pings and masks of WebSocket.
    Seed seed;
    bool websocket = false;
    std::string websocket_host;  ///< outbound: "host:port" for the Host header
    Duration handshake_time = kConnectionHandshakeTime;
    Duration negotiation_time = kNegotiationTime;
};

enum class ConnectionFailure : std::uint8_t {
    timed_out,        ///< no multiplexer after `handshake_time`
    websocket,        ///< no upgrade, or a broken frame
    negotiation,      ///< no agreement on /noise or /yamux/1.0.0
    handshake,        ///< broken Noise handshake, or an identity that is not proved
    unexpected_peer,  ///< proved, but not whom we dialled
    encryption,       ///< a frame that does not decrypt
    multiplexer,      ///< the peer broke the rules of yamux, or says that we did
    cut,              ///< the stream ended where it must not
};

enum class OpenError : std::uint8_t {
    not_ready,  ///< before `Ready`, or after the end
    too_many,   ///< substreams, or unacknowledged ones, or ones in negotiation
    closing,    ///< either side closes the connection
};

enum class OpenFailure : std::uint8_t {
    refused,    ///< the peer speaks none of the names
    timed_out,  ///< no answer in `negotiation_time`
    reset,      ///< the peer reset or ended the substream instead of an answer
    malformed,  ///< an answer that is none
};

/// The peer's identity is proved and substreams may be opened.
struct Ready {
    PeerId peer;
    friend bool operator==(const Ready&, const Ready&) = default;
};
/// Both sides have agreed on a protocol; who opens speaks as that protocol says.
struct Opened {
    SubstreamId substream;
    Direction direction{};
    std::string protocol;
    friend bool operator==(const Opened&, const Opened&) = default;
};
/// Of a substream that `open` began.
struct OpenFailed {
    SubstreamId substream;
    OpenFailure reason{};
    friend bool operator==(const OpenFailed&, const OpenFailed&) = default;
};
using Readable = yamux::Readable;
using Writable = yamux::Writable;
using Ended = yamux::Ended;
using Reset = yamux::Reset;
struct Failed {
    ConnectionFailure reason{};
    const char* detail = "";  ///< for the log
    friend bool operator==(const Failed& a, const Failed& b) { return a.reason == b.reason; }
};
/// Ended by either side in good order.
struct Closed {
    friend bool operator==(const Closed&, const Closed&) = default;
};
using ConnectionEvent =
    std::variant<Ready, Opened, OpenFailed, Readable, Writable, Ended, Reset, Failed, Closed>;

class Connection {
 public:
    /// `local` outlives the connection until `Ready`.
    Connection(const ConnectionConfig& config, const noise::LocalIdentity& local,
               std::shared_ptr<const ProtocolNames> accepted);

    /// May be called at any time; does nothing after the end but hand out the last bytes.
    void exchange(ByteExchange& socket);
    std::vector<ConnectionEvent> take_events() { return std::exchange(events_, {}); }

    /// Begins a substream; names in order of preference, at least one.
    std::expected<SubstreamId, OpenError> open(Instant now, std::span<const std::string> names);

    /// Calls `use(ByteExchange&)` with the substream's unread input and room for its output; false
    /// when it is not open. `use` must not call the connection, sets `output_ended` to end its
    /// direction, and keeps a layer's `wake_at` itself. See yamux/multiplexer.hpp on taking input.
    /// After the end it still shows what had arrived before.
    template <class F>
    bool with_substream(SubstreamId id, Instant now, F&& use) {
        return is_open(id) && multiplexer_->with_stream(id, now, std::forward<F>(use));
    }
    /// Ends a substream at once, without an event; what was written and not sent is lost.
    void reset(SubstreamId id);
    /// Ends the connection when its last substream has ended; then `Closed`.
    void close();
    /// For substreams the peer opens from now on.
    void set_accepted(std::shared_ptr<const ProtocolNames> accepted) {
        accepted_ = std::move(accepted);
    }

    bool is_over() const { return phase_ == Phase::over; }
    /// Proved by now; set from shortly before `Ready`.
    const std::optional<PeerId>& peer() const { return peer_; }
    /// Since when no substream is open; absent while one is.
    std::optional<Instant> idle_since() const;
    /// When bytes last came from the peer.
    Instant last_heard() const { return last_heard_; }
    std::size_t substream_count() const { return multiplexer_ ? multiplexer_->stream_count() : 0; }
    std::optional<Duration> round_trip() const {
        return multiplexer_ ? multiplexer_->round_trip() : std::nullopt;
    }

 private:
    enum class Phase : std::uint8_t {
        securing,
        handshaking,
        choosing_multiplexer,
        running,
        over,
    };
    struct Pending {
        Negotiation negotiation;
        Instant deadline;
    };

    void run(ByteExchange& stream);
    bool secure(ByteExchange& stream);
    bool shake_hands(ByteExchange& stream);
    bool choose_multiplexer(ByteExchange& stream);
    void run_streams(ByteExchange& stream);
    template <class F>
    bool inside_noise(ByteExchange& stream, F&& layer);
    bool negotiate(Negotiation& negotiation, ByteExchange& stream, bool& agreed);

    bool take_multiplexer_events(Instant now);
    void on_multiplexer_event(const yamux::Event& event, Instant now);
    void advance(SubstreamId id, Instant now);
    bool drop_pending(SubstreamId id, OpenFailure reason);
    void expire(Instant now);
    bool is_open(SubstreamId id) const { return multiplexer_ && !pending_.contains(id); }
    std::size_t pending_count(bool dials) const;
    void note_idleness(Instant now);
    bool fail(ConnectionFailure reason, const char* detail);
    void finish();

    ConnectionConfig config_;
    const noise::LocalIdentity& local_;
    std::shared_ptr<const ProtocolNames> accepted_;
    Phase phase_ = Phase::securing;
    std::optional<websocket::Layer> websocket_;
    std::optional<Negotiation> negotiation_;  ///< of the connection's own layers
    std::optional<noise::Handshake> handshake_;
    std::optional<noise::Transport> transport_;
    std::optional<yamux::Multiplexer> multiplexer_;
    ByteQueue plaintext_;  ///< decrypted, not yet taken by the layer above
    std::optional<PeerId> peer_;
    std::map<SubstreamId, Pending> pending_;  ///< earliest deadline first
    std::vector<ConnectionEvent> events_;
    Instant last_heard_;
    std::optional<Instant> idle_since_;
    bool close_wanted_ = false;
};

}  // namespace stipple::libp2p
