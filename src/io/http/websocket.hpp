// WebSocket, the server's side of the wire: handshake key, frames in, frames out.
//
// RFC 6455. No extensions are negotiated, so the reserved bits must be zero. Client frames are
// masked, ours are not. Fragments are put together up to the message limit; control frames may come
// between them.
//
//     0               1               2 …
//     FIN RSV(3) op(4) │ MASK len(7) │ len(16|64) │ mask(32) │ payload
#pragma once

#include "base/bytes.hpp"

#include <string>
#include <string_view>

namespace stipple::io::http {

/// Value of Sec-WebSocket-Accept for the client's key.
std::string websocket_accept(std::string_view key);

enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    bad_data = 1007,
    policy = 1008,
    too_big = 1009,
};

void append_text_frame(std::string& out, std::string_view payload);
void append_ping_frame(std::string& out);
void append_pong_frame(std::string& out, std::string_view payload);
void append_close_frame(std::string& out, CloseCode code, std::string_view reason);

/// Takes client frames apart.
class FrameReader {
 public:
    explicit FrameReader(std::size_t message_bytes_max) : bytes_max_(message_bytes_max) {}

    enum class Event : std::uint8_t {
        need_more,
        message,  ///< payload() is a whole text or binary message
        ping,     ///< payload() goes back in a pong
        pong,
        close,
        failed,  ///< close with failure()
    };
    /// Reads at most one event from the front of `input`, adding to `consumed`.
    Event next(std::string_view input, std::size_t& consumed);
    /// Valid until the next call.
    std::string_view payload() const { return payload_; }
    CloseCode failure() const { return failure_; }

 private:
    Event fail(CloseCode code) {
        failure_ = code;
        return Event::failed;
    }
    Event on_data_frame(bool final, bool continuation);

    std::size_t bytes_max_;
    std::string message_;   ///< fragments so far
    std::string unmasked_;  ///< payload of the present frame
    std::string payload_;
    bool in_message_ = false;
    CloseCode failure_ = CloseCode::normal;
};

}  // namespace stipple::io::http
