#include "libp2p/yamux/multiplexer.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace stipple::libp2p::yamux {

Multiplexer::Multiplexer(Role role, Instant now, Seed seed)
    : role_(role), prng_(seed), next_wire_id_(role == Role::initiator ? 1 : 2), ping_at_(now) {}

Progress Multiplexer::exchange(ByteExchange& connection) {
    CHECK(!failure_);
    if (!read_frames(connection)) {
        return write_failure(connection);
    }
    const bool cut = connection.input_ended && may_read();
    if (cut && (payload_left_ > 0 || !connection.unread.empty())) {
        failure_ = Failure::ended_inside_frame;
        return Progress::failed;
    }
    write_frames(connection);
    const bool nothing_left = streams_.empty() && control_.empty();
    if (cut || (nothing_left && (closing_ || peer_closing_))) {
        connection.output_ended = true;
        return Progress::finished;
    }
    return Progress::running;
}

std::optional<Event> Multiplexer::next_event() {
    if (events_.empty()) {
        return std::nullopt;
    }
    const Event event = events_.front();
    events_.pop_front();
    return event;
}

std::expected<StreamId, OpenRefusal> Multiplexer::open(Instant now) {
    if (closing_ || peer_closing_) {
        return std::unexpected(OpenRefusal::going_away);
    }
    if (streams_.size() - inbound_ >= kOutboundStreamsMax) {
        return std::unexpected(OpenRefusal::too_many_streams);
    }
    if (unacknowledged_ >= kUnacknowledgedMax) {
        return std::unexpected(OpenRefusal::too_many_unacknowledged);
    }
    if (next_wire_id_ >= UINT32_MAX - 1) {
        return std::unexpected(OpenRefusal::numbers_used_up);
    }
    Stream& stream = add(next_wire_id_, false, now);
    next_wire_id_ += 2;
    ++unacknowledged_;
    return stream.id;
}

bool Multiplexer::reset(StreamId id) {
    Stream* stream = find(id);
    if (stream == nullptr) {
        return false;
    }
    const bool unheard_of = (stream->first_flags & kSyn) != 0;
    const bool over = stream->peer_finished && stream->finish_sent;
    if (!unheard_of && !over) {
        control({.type = FrameType::data,
                 .flags = static_cast<std::uint16_t>(kReset | stream->first_flags),
                 .stream = stream->wire_id});
    }
    forget(*stream);
    return true;
}

void Multiplexer::close() {
    if (!closing_) {
        closing_ = true;
        control({.type = FrameType::go_away,
                 .length = static_cast<std::uint32_t>(GoAwayReason::normal)});
    }
}

Multiplexer::Stream* Multiplexer::find(StreamId id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
}

Multiplexer::Stream* Multiplexer::find_wire(std::uint32_t wire_id) {
    const auto found = by_wire_id_.find(wire_id);
    return found == by_wire_id_.end() ? nullptr : found->second;
}

Multiplexer::Stream& Multiplexer::add(std::uint32_t wire_id, bool inbound, Instant now) {
    auto stream = std::make_unique<Stream>(
        Stream{.id = next_id_,
               .wire_id = wire_id,
               .inbound = inbound,
               .first_flags = static_cast<std::uint16_t>(inbound ? kAck : kSyn),
               .acknowledged = inbound,
               .incoming = {},
               .outgoing = {},
               .window = ReceiveWindow(now),
               .send_window = kInitialWindow});
    ++next_id_;
    inbound_ += inbound ? 1 : 0;
    Stream& added = *stream;
    by_wire_id_.emplace(wire_id, &added);
    streams_.emplace(added.id, std::move(stream));
    return added;
}

ByteExchange Multiplexer::lend(Stream& stream, Instant now) {
    const std::size_t unsent = stream.outgoing.size();
    return {.now = now,
            .unread = stream.incoming.view(),
            .input_ended = stream.peer_finished,
            .output = &stream.outgoing.storage(),
            .allowance = stream.finish_wanted ? 0 : kSendBufferBytes - unsent,
            .wake_at = {}};
}

void Multiplexer::settle(Stream& stream, Instant now, std::size_t taken, bool output_ended) {
    CHECK(stream.outgoing.size() <= kSendBufferBytes);
    stream.readable_told = false;
    stream.end_shown = stream.peer_finished;
    stream.finish_wanted = stream.finish_wanted || output_ended;
    stream.wants_writable = !stream.finish_wanted && stream.outgoing.size() > kSendBufferBytes / 2;
    if (taken > 0) {
        stream.incoming.take(taken);
        unread_bytes_ -= taken;
        const std::uint32_t more =
            stream.peer_finished
                ? 0
                : stream.window.grant(now, stream.incoming.size(), round_trip_, spare_growth_);
        if (more > 0) {
            control({.type = FrameType::window_update,
                     .flags = stream.first_flags,
                     .stream = stream.wire_id,
                     .length = more});
            stream.first_flags = 0;
        }
    }
    queue(stream);
    forget_if_ended(stream);
}

void Multiplexer::announce_readable(Stream& stream) {
    if (!stream.readable_told) {
        stream.readable_told = true;
        events_.emplace_back(Readable{stream.id});
    }
}

/// Gives the stream a turn at writing if it has use for one.
void Multiplexer::queue(Stream& stream) {
    if (!stream.queued && has_something_to_send(stream)) {
        stream.queued = true;
        ready_.push_back(&stream);
    }
}

bool Multiplexer::has_something_to_send(const Stream& stream) const {
    const bool data = !stream.outgoing.empty() && stream.send_window > 0;
    const bool finish = stream.finish_wanted && !stream.finish_sent && stream.outgoing.empty();
    return stream.first_flags != 0 || data || finish;
}

void Multiplexer::forget_if_ended(Stream& stream) {
    if (stream.end_shown && stream.finish_sent && stream.incoming.empty()) {
        events_.push_back(stream.was_reset ? Event(Reset{stream.id}) : Event(Ended{stream.id}));
        forget(stream);
    }
}

void Multiplexer::forget(Stream& stream) {
    leave_wire(stream);
    unread_bytes_ -= stream.incoming.size();
    spare_growth_ += stream.window.growth();
    inbound_ -= stream.inbound ? 1 : 0;
    streams_.erase(stream.id);
}

/// No frame comes or goes for the stream any more, and its number may name another.
void Multiplexer::leave_wire(Stream& stream) {
    if (stream.queued) {
        std::erase(ready_, &stream);
        stream.queued = false;
    }
    if (payload_of_ == &stream) {
        payload_of_ = nullptr;  // the rest of the frame is skipped
    }
    unacknowledged_ -= stream.acknowledged ? 0 : 1;
    stream.acknowledged = true;
    const auto found = by_wire_id_.find(stream.wire_id);
    if (found != by_wire_id_.end() && found->second == &stream) {
        by_wire_id_.erase(found);
    }
}

}  // namespace stipple::libp2p::yamux
