// The half of the multiplexer that writes the connection.
#include "libp2p/yamux/multiplexer.hpp"

#include <algorithm>

namespace stipple::libp2p::yamux {

/// Control frames first, then a frame of each ready stream in turn.
void Multiplexer::write_frames(ByteExchange& connection) {
    ask_round_trip(connection.now);
    const std::size_t room = connection.allowance - connection.allowance % kHeaderBytes;
    const std::size_t control_bytes = std::min(control_.size(), room);
    connection.put(control_.view().first(control_bytes));
    control_.take(control_bytes);
    while (!ready_.empty() && connection.allowance > kHeaderBytes) {
        Stream& stream = *ready_.front();
        ready_.pop_front();
        stream.queued = false;
        write_turn(stream, connection);
    }
}

void Multiplexer::write_turn(Stream& stream, ByteExchange& connection) {
    const auto payload = static_cast<std::uint32_t>(
        std::min<std::size_t>({stream.outgoing.size(), stream.send_window, kFramePayloadMax,
                               connection.allowance - kHeaderBytes}));
    if (payload == 0 && !stream.outgoing.empty() && stream.first_flags == 0) {
        return;  // the peer's window closed; its update brings another turn
    }
    active_ = true;
    const bool finish = stream.outgoing.empty() && stream.finish_wanted;
    FrameHeader header{.type = payload > 0 ? FrameType::data : FrameType::window_update,
                       .flags = stream.first_flags,
                       .stream = stream.wire_id,
                       .length = payload};
    if (finish) {
        header.flags = static_cast<std::uint16_t>(header.flags | kFin);
        header.type = FrameType::data;
        stream.finish_sent = true;
    }
    stream.first_flags = 0;
    encode_header(*connection.output, header);
    connection.allowance -= kHeaderBytes;
    connection.put(stream.outgoing.view().first(payload));
    stream.outgoing.take(payload);
    stream.send_window -= payload;
    if (stream.wants_writable && stream.outgoing.size() <= kSendBufferBytes / 2) {
        stream.wants_writable = false;
        events_.emplace_back(Writable{stream.id});
    }
    queue(stream);
    forget_if_ended(stream);
}

/// An idle connection needs no round trip; a busy one measures it to size its windows.
void Multiplexer::ask_round_trip(Instant now) {
    if (ping_value_ || !active_ || now < ping_at_) {
        return;
    }
    ping_value_ = static_cast<std::uint32_t>(prng_.next());
    ping_sent_ = now;
    active_ = false;
    control({.type = FrameType::ping, .flags = kSyn, .length = *ping_value_});
}

/// Tells the peer that it broke the protocol, if there is room.
Progress Multiplexer::write_failure(ByteExchange& connection) const {
    if (failure_ != Failure::peer_reports_error && connection.allowance >= kHeaderBytes) {
        encode_header(*connection.output,
                      {.type = FrameType::go_away,
                       .length = static_cast<std::uint32_t>(GoAwayReason::protocol_error)});
        connection.allowance -= kHeaderBytes;
    }
    connection.output_ended = true;
    return Progress::failed;
}

}  // namespace stipple::libp2p::yamux
