// The half of the multiplexer that reads the connection.
#include "libp2p/yamux/multiplexer.hpp"

#include <algorithm>

namespace stipple::libp2p::yamux {
namespace {

Failure failure_of(HeaderError error) {
    return error == HeaderError::unknown_version ? Failure::unknown_version : Failure::unknown_type;
}

}  // namespace

bool Multiplexer::may_read() const {
    return events_.size() < kEventsMax && control_.size() < kControlBytesMax &&
           unread_bytes_ < kUnreadBytesMax;
}

/// False when the peer broke the protocol. Takes whole headers, and payloads as they come.
bool Multiplexer::read_frames(ByteExchange& connection) {
    while (may_read()) {
        if (payload_left_ > 0) {
            if (connection.unread.empty()) {
                return true;
            }
            read_payload(connection);
            continue;
        }
        if (connection.unread.size() < kHeaderBytes) {
            return true;
        }
        const auto header = decode_header(connection.unread);
        if (!header) {
            return fail_with(failure_of(header.error()));
        }
        connection.take(kHeaderBytes);
        active_ = active_ || header->type != FrameType::ping;
        if (!on_header(*header, connection.now)) {
            return false;
        }
    }
    return true;
}

void Multiplexer::read_payload(ByteExchange& connection) {
    const std::size_t count = std::min<std::size_t>(payload_left_, connection.unread.size());
    if (payload_of_ != nullptr) {
        payload_of_->incoming.append(connection.unread.first(count));
        unread_bytes_ += count;
        announce_readable(*payload_of_);
    }
    connection.take(count);
    payload_left_ -= static_cast<std::uint32_t>(count);
    if (payload_left_ == 0 && payload_of_ != nullptr) {
        if (payload_finishes_) {
            on_finish(*payload_of_);
        }
        payload_of_ = nullptr;
    }
}

bool Multiplexer::on_header(const FrameHeader& header, Instant now) {
    switch (header.type) {
        case FrameType::data:
        case FrameType::window_update:
            return on_stream_frame(header, now);
        case FrameType::ping:
            on_ping(header, now);
            return true;
        case FrameType::go_away:
            return on_go_away(header);
    }
    return true;
}

/// Frames of unknown streams are no fault: they crossed with our reset.
bool Multiplexer::on_stream_frame(const FrameHeader& header, Instant now) {
    const bool is_data = header.type == FrameType::data;
    payload_left_ = is_data ? header.length : 0;
    payload_of_ = nullptr;
    Stream* stream = find_wire(header.stream);
    if (header.has(kReset)) {
        if (stream != nullptr) {
            on_reset(*stream);
        }
        return true;
    }
    if (header.has(kSyn)) {
        const bool odd = header.stream % 2 == 1;
        if (header.stream == 0 || odd != (role_ == Role::responder)) {
            return fail_with(Failure::wrong_stream_id);
        }
        if (stream != nullptr) {
            return fail_with(Failure::stream_exists);
        }
        stream = accept(header, now);
    }
    if (stream == nullptr) {
        return true;
    }
    if (header.has(kAck) && !stream->acknowledged) {
        stream->acknowledged = true;
        --unacknowledged_;
    }
    if (is_data) {
        if (stream->peer_finished && header.length > 0) {
            return fail_with(Failure::data_after_end);
        }
        if (!stream->window.receive(header.length)) {
            return fail_with(Failure::window_exceeded);
        }
        payload_of_ = header.length > 0 ? stream : nullptr;
        payload_finishes_ = header.has(kFin);
    } else {
        if (header.length > UINT32_MAX - stream->send_window) {
            return fail_with(Failure::window_overflow);
        }
        stream->send_window += header.length;
        if (!stream->outgoing.empty()) {
            queue(*stream);
        }
    }
    if (header.has(kFin) && payload_of_ == nullptr) {
        on_finish(*stream);
    }
    return true;
}

/// The new stream, or null when there is no place for it and it is reset. Its acknowledgement goes
/// with what the first `with_stream` writes.
Multiplexer::Stream* Multiplexer::accept(const FrameHeader& header, Instant now) {
    if (closing_ || inbound_ >= kInboundStreamsMax) {
        control({.type = FrameType::data, .flags = kReset | kAck, .stream = header.stream});
        return nullptr;
    }
    Stream& stream = add(header.stream, true, now);
    events_.emplace_back(Opened{stream.id});
    return &stream;
}

/// What came before the reset can still be read: Rust nodes answer a request, let the substream go
/// unclosed, and so send the reset right behind the last byte.
void Multiplexer::on_reset(Stream& stream) {
    if (stream.incoming.empty()) {
        events_.emplace_back(Reset{stream.id});
        forget(stream);
        return;
    }
    leave_wire(stream);
    stream.was_reset = true;
    stream.peer_finished = true;
    stream.finish_wanted = true;
    stream.finish_sent = true;
    stream.first_flags = 0;
    stream.outgoing = {};
    announce_readable(stream);
}

void Multiplexer::on_finish(Stream& stream) {
    stream.peer_finished = true;
    announce_readable(stream);
}

void Multiplexer::on_ping(const FrameHeader& header, Instant now) {
    if (header.has(kSyn)) {
        control({.type = FrameType::ping, .flags = kAck, .length = header.length});
    } else if (header.has(kAck) && ping_value_ == header.length) {
        round_trip_ = now - ping_sent_;
        ping_value_.reset();
        ping_at_ = now + kPingInterval;
    }
}

bool Multiplexer::on_go_away(const FrameHeader& header) {
    if (header.length != static_cast<std::uint32_t>(GoAwayReason::normal)) {
        return fail_with(Failure::peer_reports_error);
    }
    if (!peer_closing_) {
        peer_closing_ = true;
        events_.emplace_back(GoingAway{});
    }
    return true;
}

bool Multiplexer::fail_with(Failure failure) {
    failure_ = failure;
    return false;
}

}  // namespace stipple::libp2p::yamux
