// One connection's protocol: HTTP/1.1 with keep-alive and pipelining, and after an upgrade
// WebSocket.
//
// A machine without sockets or clocks: bytes and the time in, bytes out. Requests of an HTTP
// connection are answered in order: while one is with a worker, the next ones stay unread.
// WebSocket calls overlap up to kPendingCallsMax and are answered as they finish.
//
//     head ─▶ body ─▶ (handler) ─▶ waiting ─▶ head …        ─▶ closing
//       └─ upgrade ─▶ websocket ─────────────────────────────┘
#pragma once

#include "base/time.hpp"
#include "io/http/handler.hpp"
#include "io/http/limits.hpp"
#include "io/http/origins.hpp"
#include "io/http/request_head.hpp"
#include "io/http/websocket.hpp"

#include <deque>

namespace stipple::io::http {

struct SessionConfig {
    std::size_t request_bytes_max = 0;
    std::uint32_t calls_per_minute = 0;
    bool websocket = true;
};

class Session {
 public:
    /// All references outlive the session.
    Session(const SessionConfig& config, const Origins& origins, Handler& handler,
            std::shared_ptr<PeerConnection> connection, Instant now);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void on_input(Instant now, std::string_view bytes);
    void on_post(Instant now, Post& post);
    /// Once a second or so: pings, time limits, refill of the rate limit.
    void on_tick(Instant now);
    /// The peer has not taken any of the unsent bytes for kStallMax.
    bool is_stalled(Instant now) const {
        return !unsent().empty() && now - last_progress_ > kStallMax;
    }

    /// False: leave further input in the socket for now.
    bool wants_input() const;
    std::string_view unsent() const { return std::string_view(out_).substr(out_sent_); }
    void on_sent(Instant now, std::size_t bytes);
    /// Close the socket when nothing is unsent any more.
    bool is_closing() const { return state_ == State::closing; }
    const std::shared_ptr<PeerConnection>& connection() const { return connection_; }

 private:
    enum class State : std::uint8_t { head, body, chunked_body, waiting, websocket, closing };

    void advance(Instant now);
    bool advance_head();
    bool advance_body();
    bool advance_chunked_body();
    bool advance_websocket(Instant now);
    void serve(std::string_view body);
    void preflight();
    void upgrade();
    void append_reply(const Reply& reply);
    void fail(unsigned status, std::string_view body, ContentType type);
    void on_message(std::string_view message);
    void close_websocket(CloseCode code, std::string_view reason);
    std::string_view unread() const { return std::string_view(in_).substr(in_read_); }
    void take(std::size_t bytes);

    const SessionConfig& config_;
    const Origins& origins_;
    Handler& handler_;
    const std::shared_ptr<PeerConnection> connection_;
    State state_ = State::head;
    std::string in_;
    std::size_t in_read_ = 0;
    std::string out_;
    std::size_t out_sent_ = 0;
    /// Where pushed messages end in the stream of sent bytes, to count them off.
    struct PushedEnd {
        std::uint64_t offset;
        std::size_t bytes;
    };
    std::deque<PushedEnd> pushed_ends_;
    std::uint64_t appended_total_ = 0;
    std::uint64_t sent_total_ = 0;
    // The request at hand; views are copied since the buffer may move.
    Verb verb_ = Verb::other;
    std::string path_;
    std::string origin_;
    bool is_json_ = false;
    bool keep_alive_ = true;
    std::size_t body_bytes_ = 0;
    ChunkedBody chunked_;
    FrameReader frames_;
    std::string scratch_;
    Reply reply_;
    std::uint32_t pending_calls_ = 0;
    Instant request_started_;
    Instant last_heard_;
    Instant last_progress_;  ///< of sending; the last tick at which nothing was unsent
    Instant last_ping_;
    Instant last_refill_;
    bool in_request_ = false;
};

}  // namespace stipple::io::http
