#include "libp2p/substreams/notifications.hpp"

#include "base/check.hpp"

namespace stipple::libp2p {

// ---- the dialer's side ----

NotificationsOut::NotificationsOut(const NotificationsConfig& config, Bytes handshake, Instant now)
    : config_(config), deadline_(now + kHandshakeTimeout), reader_(kHandshakeBytesMax) {
    writer_.start(std::move(handshake));
}

SubstreamStep NotificationsOut::fail(SubstreamFailure failure) {
    state_ = State::ended;
    failure_ = failure;
    queue_.clear();
    queued_bytes_ = 0;
    return SubstreamStep::failed;
}

SubstreamStep NotificationsOut::finish(ByteExchange& exchange) {
    state_ = State::ended;
    exchange.output_ended = true;
    return SubstreamStep::finished;
}

SubstreamStep NotificationsOut::exchange(ByteExchange& exchange) {
    switch (state_) {
        case State::offering:
            return offer(exchange);
        case State::open:
            return stream(exchange);
        case State::closing:
            return wind_down(exchange);
        case State::ended:
            break;
    }
    return finish(exchange);
}

SubstreamStep NotificationsOut::offer(ByteExchange& exchange) {
    const bool sent = writer_.write(exchange);
    const auto state = reader_.read(exchange);
    if (state == MessageReader::State::complete) {
        if (!sent) {
            return fail(SubstreamFailure::unexpected_data);
        }
        peer_handshake_ = reader_.take_message();
        state_ = State::open;
        return SubstreamStep::event;
    }
    if (state != MessageReader::State::incomplete) {
        return fail(failure_of(state));
    }
    if (exchange.input_ended) {
        return fail(reader_.begun() ? SubstreamFailure::truncated : SubstreamFailure::refused);
    }
    if (exchange.now >= deadline_) {
        return fail(SubstreamFailure::timed_out);
    }
    exchange.wake(deadline_);
    return SubstreamStep::waiting;
}

/// True when nothing is left to write.
bool NotificationsOut::write_queue(ByteExchange& exchange) {
    while (writer_.write(exchange)) {
        if (queue_.empty()) {
            return true;
        }
        queued_bytes_ -= queue_.front().size();
        writer_.start(std::move(queue_.front()));
        queue_.pop_front();
    }
    return false;
}

SubstreamStep NotificationsOut::stream(ByteExchange& exchange) {
    if (!exchange.unread.empty()) {
        return fail(SubstreamFailure::unexpected_data);
    }
    if (exchange.input_ended) {
        queue_.clear();
        queued_bytes_ = 0;
        return finish(exchange);
    }
    const std::size_t allowed = exchange.allowance;
    if (write_queue(exchange)) {
        stalled_since_.reset();
        return SubstreamStep::waiting;
    }
    if (exchange.allowance < allowed || !stalled_since_) {
        stalled_since_ = exchange.now;
    }
    if (exchange.now >= *stalled_since_ + kNotificationStall) {
        return fail(SubstreamFailure::stalled);
    }
    exchange.wake(*stalled_since_ + kNotificationStall);
    return SubstreamStep::waiting;
}

SubstreamStep NotificationsOut::wind_down(ByteExchange& exchange) {
    exchange.take(exchange.unread.size());
    if (writer_.write(exchange) || exchange.input_ended) {
        return finish(exchange);
    }
    if (!stalled_since_) {
        stalled_since_ = exchange.now;
    }
    if (exchange.now >= *stalled_since_ + kCloseLinger) {
        return fail(SubstreamFailure::stalled);
    }
    exchange.wake(*stalled_since_ + kCloseLinger);
    return SubstreamStep::waiting;
}

bool NotificationsOut::send(Bytes message) {
    const bool fits = queue_.empty() || (queue_.size() < config_.queue_messages_max &&
                                         queued_bytes_ + message.size() <= config_.queue_bytes_max);
    if (state_ != State::open || message.size() > config_.message_bytes_max || !fits) {
        return false;
    }
    queued_bytes_ += message.size();
    queue_.push_back(std::move(message));
    return true;
}

void NotificationsOut::close() {
    if (state_ == State::ended || state_ == State::closing) {
        return;
    }
    queue_.clear();
    queued_bytes_ = 0;
    stalled_since_.reset();
    // Before the peer accepted there is nothing to end well.
    state_ = state_ == State::open ? State::closing : State::ended;
}

// ---- the accepter's side ----

NotificationsIn::NotificationsIn(const NotificationsConfig& config, Instant now)
    : config_(config), deadline_(now + kHandshakeTimeout), reader_(kHandshakeBytesMax) {}

SubstreamStep NotificationsIn::fail(SubstreamFailure failure) {
    state_ = State::ended;
    failure_ = failure;
    return SubstreamStep::failed;
}

SubstreamStep NotificationsIn::finish(ByteExchange& exchange) {
    state_ = State::ended;
    exchange.output_ended = true;
    return SubstreamStep::finished;
}

SubstreamStep NotificationsIn::exchange(ByteExchange& exchange) {
    if (state_ == State::accepting && writer_.write(exchange)) {
        state_ = State::open;
        reader_ = MessageReader(config_.message_bytes_max);
    }
    switch (state_) {
        case State::reading:
            return read_handshake(exchange);
        case State::offered:
            return leave_unread(exchange);
        case State::accepting:
            return write_handshake(exchange);
        case State::open:
            return read_message(exchange);
        case State::closing:
            return wind_down(exchange);
        case State::ended:
            break;
    }
    return finish(exchange);
}

SubstreamStep NotificationsIn::read_handshake(ByteExchange& exchange) {
    const auto state = reader_.read(exchange);
    if (state == MessageReader::State::complete) {
        peer_handshake_ = reader_.take_message();
        state_ = State::offered;
        return SubstreamStep::event;
    }
    if (state != MessageReader::State::incomplete) {
        return fail(failure_of(state));
    }
    if (exchange.input_ended) {
        return fail(SubstreamFailure::truncated);
    }
    if (exchange.now >= deadline_) {
        return fail(SubstreamFailure::timed_out);
    }
    exchange.wake(deadline_);
    return SubstreamStep::waiting;
}

/// Messages that come early wait unread: the stream's window bounds them.
SubstreamStep NotificationsIn::leave_unread(ByteExchange& exchange) {
    if (exchange.input_ended && exchange.unread.empty()) {
        return finish(exchange);  // the dialer has given up
    }
    return SubstreamStep::waiting;
}

/// The allowance did not suffice: the peer takes nothing.
SubstreamStep NotificationsIn::write_handshake(ByteExchange& exchange) {
    if (!waiting_since_) {
        waiting_since_ = exchange.now;
    }
    if (exchange.now >= *waiting_since_ + kHandshakeTimeout) {
        return fail(SubstreamFailure::stalled);
    }
    exchange.wake(*waiting_since_ + kHandshakeTimeout);
    return leave_unread(exchange);
}

SubstreamStep NotificationsIn::read_message(ByteExchange& exchange) {
    if (message_) {
        return SubstreamStep::event;
    }
    if (held_) {
        return leave_unread(exchange);
    }
    const auto state = reader_.read(exchange);
    if (state == MessageReader::State::complete) {
        message_ = reader_.take_message();
        return SubstreamStep::event;
    }
    if (state != MessageReader::State::incomplete) {
        return fail(failure_of(state));
    }
    if (exchange.input_ended) {
        return reader_.begun() ? fail(SubstreamFailure::truncated) : finish(exchange);
    }
    return SubstreamStep::waiting;
}

SubstreamStep NotificationsIn::wind_down(ByteExchange& exchange) {
    exchange.take(exchange.unread.size());
    exchange.output_ended = true;
    if (!waiting_since_) {
        waiting_since_ = exchange.now;
    }
    if (exchange.input_ended || exchange.now >= *waiting_since_ + kCloseLinger) {
        return finish(exchange);
    }
    exchange.wake(*waiting_since_ + kCloseLinger);
    return SubstreamStep::waiting;
}

void NotificationsIn::accept(Bytes handshake) {
    CHECK(state_ == State::offered);
    writer_.start(std::move(handshake));
    state_ = State::accepting;
}

void NotificationsIn::reject() {
    CHECK(state_ == State::offered);
    state_ = State::ended;
}

void NotificationsIn::close() {
    if (state_ != State::ended) {
        state_ = State::closing;
        waiting_since_.reset();
        message_.reset();
        reader_ = MessageReader(0);
    }
}

Bytes NotificationsIn::take_message() {
    CHECK(message_.has_value());
    Bytes message = std::move(*message_);
    message_.reset();
    return message;
}

}  // namespace stipple::libp2p
