#include "libp2p/connection/connection.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace stipple::libp2p {
namespace {

constexpr const char* kNoise = "/noise";
constexpr const char* kYamux = "/yamux/1.0.0";

const char* describe(yamux::Failure failure) {
    switch (failure) {
        case yamux::Failure::unknown_version:
            return "yamux version unknown";
        case yamux::Failure::unknown_type:
            return "yamux frame type unknown";
        case yamux::Failure::wrong_stream_id:
            return "yamux stream number of the wrong side";
        case yamux::Failure::stream_exists:
            return "yamux stream opened twice";
        case yamux::Failure::window_exceeded:
            return "yamux window exceeded";
        case yamux::Failure::data_after_end:
            return "yamux data after the end";
        case yamux::Failure::window_overflow:
            return "yamux window overflow";
        case yamux::Failure::peer_reports_error:
            return "the peer reports a yamux error";
        case yamux::Failure::ended_inside_frame:
            return "ended inside a yamux frame";
    }
    return "unknown";
}

}  // namespace

Connection::Connection(const ConnectionConfig& config, const noise::LocalIdentity& local,
                       std::shared_ptr<const ProtocolNames> accepted)
    : config_(config), local_(local), accepted_(std::move(accepted)), last_heard_(config.started) {
    const bool dials = config_.direction == Direction::outbound;
    negotiation_.emplace(Negotiation::of(dials, kNoise));
    if (config_.websocket) {
        websocket_.emplace(websocket::Layer::Config{
            .role = dials ? websocket::Role::client : websocket::Role::server,
            .host = config_.websocket_host,
            .path = "/",
            .seed = Prng(config_.seed).fork()});
    }
}

void Connection::exchange(ByteExchange& socket) {
    if (!socket.unread.empty()) {
        last_heard_ = std::max(last_heard_, socket.now);
    }
    if (!websocket_) {
        run(socket);
        return;
    }
    if (phase_ != Phase::over && multiplexer_ == std::nullopt) {
        socket.wake(config_.started + config_.handshake_time);
        if (socket.now >= config_.started + config_.handshake_time) {
            fail(ConnectionFailure::timed_out, "the handshake took too long");
        }
    }
    const bool failed_before = phase_ == Phase::over;
    const bool alive = websocket_->exchange(socket, [&](ByteExchange& stream) { run(stream); });
    if (!alive) {
        if (!failed_before) {
            fail(ConnectionFailure::websocket, websocket::describe(websocket_->failure()));
        }
        websocket_.reset();
        socket.output_ended = true;
    }
}

/// Goes through the phases as far as the bytes permit.
void Connection::run(ByteExchange& stream) {
    const Instant deadline = config_.started + config_.handshake_time;
    if (phase_ < Phase::running) {
        if (stream.now >= deadline) {
            fail(ConnectionFailure::timed_out, "the handshake took too long");
        } else {
            stream.wake(deadline);
        }
    }
    bool advanced = true;
    while (advanced) {
        switch (phase_) {
            case Phase::securing:
                advanced = secure(stream);
                break;
            case Phase::handshaking:
                advanced = shake_hands(stream);
                break;
            case Phase::choosing_multiplexer:
                advanced = choose_multiplexer(stream);
                break;
            case Phase::running:
                run_streams(stream);
                advanced = false;
                break;
            case Phase::over:
                advanced = false;
                break;
        }
    }
    if (phase_ == Phase::over) {
        stream.take(stream.unread.size());
        stream.output_ended = true;
    }
}

/// True when a phase is done. Negotiations of the connection's own layers fail it.
bool Connection::negotiate(Negotiation& negotiation, ByteExchange& stream, bool& agreed) {
    const multistream::Step step = negotiation.exchange(stream);
    if (const auto* failure = std::get_if<multistream::Failure>(&step)) {
        return fail(*failure == multistream::Failure::ended ? ConnectionFailure::cut
                                                            : ConnectionFailure::negotiation,
                    multistream::describe(*failure));
    }
    agreed = std::holds_alternative<multistream::Agreed>(step);
    return true;
}

bool Connection::secure(ByteExchange& stream) {
    bool agreed = false;
    if (!negotiate(*negotiation_, stream, agreed) || !agreed) {
        return false;
    }
    handshake_.emplace(local_,
                       noise::Handshake::Config{.role = config_.direction == Direction::outbound
                                                            ? noise::Role::dialer
                                                            : noise::Role::listener,
                                                .ephemeral = config_.ephemeral,
                                                .expected_peer = config_.expected_peer});
    config_.ephemeral = {};
    phase_ = Phase::handshaking;
    return true;
}

bool Connection::shake_hands(ByteExchange& stream) {
    noise::HandshakeStep step = handshake_->exchange(stream);
    if (const auto* error = std::get_if<noise::HandshakeError>(&step)) {
        const ConnectionFailure reason =
            *error == noise::HandshakeError::unexpected_peer ? ConnectionFailure::unexpected_peer
            : *error == noise::HandshakeError::ended         ? ConnectionFailure::cut
                                                             : ConnectionFailure::handshake;
        return fail(reason, noise::describe(*error));
    }
    auto* established = std::get_if<noise::Established>(&step);
    if (established == nullptr) {
        return false;
    }
    peer_ = std::move(established->peer);
    transport_.emplace(std::move(established->transport));
    handshake_.reset();
    negotiation_.emplace(Negotiation::of(config_.direction == Direction::outbound, kYamux));
    phase_ = Phase::choosing_multiplexer;
    return true;
}

/// Runs a layer on decrypted input and encrypts its output in place. False after a failure; the
/// layer's own progress is for the caller to see.
template <class F>
bool Connection::inside_noise(ByteExchange& stream, F&& layer) {
    if (plaintext_.size() < noise::kPlaintextBytesMax) {
        const auto opened =
            transport_->open(stream, plaintext_.storage(), noise::kPlaintextBytesMax);
        if (!opened) {
            return fail(ConnectionFailure::encryption, noise::describe(opened.error()));
        }
    }
    auto frame = transport_->begin_frame(stream);
    frame.inner.unread = plaintext_.view();
    frame.inner.input_ended = stream.input_ended && stream.unread.empty();
    const std::size_t lent = frame.inner.unread.size();
    layer(frame.inner);
    plaintext_.take(lent - frame.inner.unread.size());
    if (frame.inner.wake_at) {
        stream.wake(*frame.inner.wake_at);
    }
    const auto sealed = transport_->end_frame(stream, frame);
    if (!sealed) {
        return fail(ConnectionFailure::encryption, noise::describe(sealed.error()));
    }
    return true;
}

bool Connection::choose_multiplexer(ByteExchange& stream) {
    bool agreed = false;
    bool ok = true;
    const bool encrypted = inside_noise(
        stream, [&](ByteExchange& inner) { ok = negotiate(*negotiation_, inner, agreed); });
    if (!encrypted || !ok || !agreed) {
        return false;
    }
    negotiation_.reset();
    multiplexer_.emplace(
        config_.direction == Direction::outbound ? yamux::Role::initiator : yamux::Role::responder,
        stream.now, config_.seed);
    phase_ = Phase::running;
    idle_since_ = stream.now;
    events_.emplace_back(Ready{*peer_});
    if (close_wanted_) {
        multiplexer_->close();
    }
    return true;
}

/// Alternates between the socket and the substreams until neither moves.
void Connection::run_streams(ByteExchange& stream) {
    expire(stream.now);
    bool moved = true;
    while (moved && phase_ == Phase::running && events_.size() < kConnectionEventsMax) {
        const std::size_t unread = stream.unread.size();
        const std::size_t decrypted = plaintext_.size();
        const std::size_t allowance = stream.allowance;
        yamux::Progress progress = yamux::Progress::running;
        if (!inside_noise(stream,
                          [&](ByteExchange& inner) { progress = multiplexer_->exchange(inner); })) {
            return;
        }
        const bool handled = take_multiplexer_events(stream.now);
        if (progress == yamux::Progress::failed) {
            const yamux::Failure why = multiplexer_->failure();
            fail(why == yamux::Failure::ended_inside_frame ? ConnectionFailure::cut
                                                           : ConnectionFailure::multiplexer,
                 describe(why));
            return;
        }
        if (progress == yamux::Progress::finished) {
            finish();
            return;
        }
        moved = handled || unread != stream.unread.size() || decrypted != plaintext_.size() ||
                allowance != stream.allowance;
    }
    const bool stuck = !moved && plaintext_.size() < noise::kPlaintextBytesMax;
    if (stuck && stream.input_ended && !stream.unread.empty()) {
        fail(ConnectionFailure::cut, "ended inside a noise frame");
    }
    if (phase_ == Phase::running) {
        note_idleness(stream.now);
        if (!pending_.empty()) {
            stream.wake(pending_.begin()->second.deadline);
        }
    }
}

std::optional<Instant> Connection::idle_since() const {
    return substream_count() == 0 ? idle_since_ : std::nullopt;
}

void Connection::note_idleness(Instant now) {
    if (multiplexer_->stream_count() > 0) {
        idle_since_.reset();
    } else if (!idle_since_) {
        idle_since_ = now;
    }
}

void Connection::close() {
    if (phase_ == Phase::over) {
        return;
    }
    close_wanted_ = true;
    if (multiplexer_) {
        multiplexer_->close();
    } else {
        finish();
    }
}

bool Connection::fail(ConnectionFailure reason, const char* detail) {
    if (phase_ != Phase::over) {
        phase_ = Phase::over;
        pending_.clear();
        events_.emplace_back(Failed{reason, detail});
    }
    return false;
}

void Connection::finish() {
    phase_ = Phase::over;
    pending_.clear();
    events_.emplace_back(Closed{});
}

}  // namespace stipple::libp2p
