#include "io/http/session.hpp"

#include "base/check.hpp"
#include "io/http/limits.hpp"

#include <charconv>

namespace stipple::io::http {
namespace {

std::string_view reason_of(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 413:
            return "Payload Too Large";
        case 415:
            return "Unsupported Media Type";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 503:
            return "Service Unavailable";
        default:
            return "Internal Server Error";
    }
}

std::string_view type_of(ContentType type) {
    switch (type) {
        case ContentType::json:
            return "application/json; charset=utf-8";
        case ContentType::text:
            return "text/plain";
        case ContentType::html:
            return "text/html; charset=utf-8";
        case ContentType::javascript:
            return "text/javascript; charset=utf-8";
        case ContentType::css:
            return "text/css; charset=utf-8";
        case ContentType::svg:
            return "image/svg+xml";
        case ContentType::prometheus:
            return "text/plain; version=0.0.4";
    }
    return "text/plain";
}

bool is_json_type(std::string_view type) {
    for (const std::string_view known :
         {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8",
          "application/json-rpc", "application/json-rpc; charset=utf-8",
          "application/json-rpc;charset=utf-8"}) {
        if (equal_ignoring_case(type, known)) {
            return true;
        }
    }
    return false;
}

void append_number(std::string& out, std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

constexpr std::string_view kMalformed =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}})";

}  // namespace

Session::Session(const SessionConfig& config, const Origins& origins, Handler& handler,
                 std::shared_ptr<PeerConnection> connection, Instant now)
    : config_(config),
      origins_(origins),
      handler_(handler),
      connection_(std::move(connection)),
      chunked_(config.request_bytes_max),
      frames_(config.request_bytes_max),
      request_started_(now),
      last_heard_(now),
      last_progress_(now),
      last_ping_(now),
      last_refill_(now) {}

Session::~Session() {
    connection_->is_open_ = false;
    connection_->wake_waiting();
    handler_.on_close(connection_->id());
}

void Session::on_input(Instant now, std::string_view bytes) {
    last_heard_ = now;
    if (!in_request_ && state_ == State::head) {
        in_request_ = true;
        request_started_ = now;
    }
    in_.append(bytes);
    advance(now);
}

void Session::advance(Instant now) {
    bool moved = true;
    while (moved && wants_input()) {
        switch (state_) {
            case State::head:
                moved = advance_head();
                break;
            case State::body:
                moved = advance_body();
                break;
            case State::chunked_body:
                moved = advance_chunked_body();
                break;
            case State::websocket:
                moved = advance_websocket(now);
                break;
            case State::waiting:
            case State::closing:
                moved = false;
                break;
        }
    }
    if (in_read_ == in_.size()) {
        in_.clear();
        in_read_ = 0;
        if (in_.capacity() > kBufferKeptBytes) {
            in_.shrink_to_fit();
        }
    } else if (in_read_ > kReadBytes) {
        in_.erase(0, in_read_);
        in_read_ = 0;
    }
}

bool Session::wants_input() const {
    return state_ != State::waiting && state_ != State::closing &&
           pending_calls_ < kPendingCallsMax && out_.size() - out_sent_ < kUnsentBytesPause;
}

void Session::take(std::size_t bytes) {
    in_read_ += bytes;
}

bool Session::advance_head() {
    if (unread().empty()) {
        in_request_ = false;
        return false;
    }
    in_request_ = true;
    RequestHead head;
    switch (parse_request_head(unread(), head)) {
        case HeadVerdict::incomplete:
            return false;
        case HeadVerdict::too_large:
            fail(431, {}, ContentType::text);
            return false;
        case HeadVerdict::malformed:
            fail(400, {}, ContentType::text);
            return false;
        case HeadVerdict::complete:
            break;
    }
    verb_ = head.verb;
    path_.assign(head.path);
    origin_.assign(head.origin);
    is_json_ = is_json_type(head.content_type);
    keep_alive_ = head.keep_alive;
    if (head.host.empty()) {
        fail(400, kMalformed, ContentType::json);
        return false;
    }
    if (!origins_.host_allowed(head.host)) {
        fail(403, "Provided Host header is not whitelisted.\n", ContentType::text);
        return false;
    }
    if (head.upgrades_to_websocket && config_.websocket) {
        scratch_.assign(head.websocket_key);
        take(head.bytes);
        upgrade();
        return true;
    }
    if (head.content_length.value_or(0) > config_.request_bytes_max) {
        fail(413,
             R"({"jsonrpc":"2.0","id":null,"error":{"code":-32007,"message":"Request is too big",)"
             R"("data":"Exceeded max limit of )" +
                 std::to_string(config_.request_bytes_max) + "\"}}",
             ContentType::json);
        return false;
    }
    body_bytes_ = static_cast<std::size_t>(head.content_length.value_or(0));
    take(head.bytes);
    if (head.expects_continue) {
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        appended_total_ += 25;
    }
    if (head.chunked) {
        chunked_ = ChunkedBody(config_.request_bytes_max);
        state_ = State::chunked_body;
    } else {
        state_ = State::body;
    }
    return true;
}

bool Session::advance_body() {
    if (unread().size() < body_bytes_) {
        return false;
    }
    state_ = State::head;
    const std::string_view body = unread().substr(0, body_bytes_);
    serve(body);
    take(body_bytes_);
    return true;
}

bool Session::advance_chunked_body() {
    take(chunked_.feed(unread()));
    switch (chunked_.state()) {
        case ChunkedBody::State::done:
            state_ = State::head;
            serve(chunked_.body());
            return true;
        case ChunkedBody::State::malformed:
            fail(400, kMalformed, ContentType::json);
            return false;
        case ChunkedBody::State::too_large:
            fail(413, {}, ContentType::json);
            return false;
        default:
            return false;
    }
}

void Session::serve(std::string_view body) {
    in_request_ = false;
    if (verb_ == Verb::options) {
        preflight();
        return;
    }
    reply_.status = 200;
    reply_.type = ContentType::json;
    reply_.body.clear();
    const Request request{.verb = verb_, .path = path_, .is_json = is_json_, .body = body};
    if (handler_.on_request(connection_, request, reply_) == Progress::later) {
        state_ = State::waiting;
        return;
    }
    append_reply(reply_);
    if (reply_.body.capacity() > kBufferKeptBytes) {
        reply_.body = {};
    }
}

void Session::append_reply(const Reply& reply) {
    const std::size_t before = out_.size();
    out_ += "HTTP/1.1 ";
    append_number(out_, reply.status);
    out_.append(" ").append(reason_of(reply.status));
    out_.append("\r\ncontent-type: ").append(type_of(reply.type));
    out_ += "\r\n";
    origins_.append_headers(out_, origin_);
    out_ += "content-length: ";
    append_number(out_, reply.body.size());
    out_ += keep_alive_ ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n";
    if (verb_ != Verb::head) {
        out_ += reply.body;
    }
    appended_total_ += out_.size() - before;
    if (!keep_alive_) {
        state_ = State::closing;
    }
}

void Session::preflight() {
    const std::size_t before = out_.size();
    out_ += "HTTP/1.1 200 OK\r\n";
    origins_.append_preflight_headers(out_, origin_);
    out_ += "content-length: 0\r\n\r\n";
    appended_total_ += out_.size() - before;
}

void Session::fail(unsigned status, std::string_view body, ContentType type) {
    keep_alive_ = false;
    append_reply(Reply{.status = status, .type = type, .body = std::string(body)});
}

void Session::upgrade() {
    const std::size_t before = out_.size();
    out_ +=
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        "sec-websocket-accept: ";
    out_ += websocket_accept(scratch_);
    out_ += "\r\n\r\n";
    appended_total_ += out_.size() - before;
    in_request_ = false;
    connection_->is_websocket_ = true;
    state_ = State::websocket;
}

bool Session::advance_websocket(Instant now) {
    std::size_t consumed = 0;
    const FrameReader::Event event = frames_.next(unread(), consumed);
    take(consumed);
    last_heard_ = now;
    const std::size_t before = out_.size();
    switch (event) {
        case FrameReader::Event::need_more:
            return false;
        case FrameReader::Event::message:
            on_message(frames_.payload());
            return true;
        case FrameReader::Event::ping:
            append_pong_frame(out_, frames_.payload());
            appended_total_ += out_.size() - before;
            return true;
        case FrameReader::Event::pong:
            return true;
        case FrameReader::Event::close:
            close_websocket(CloseCode::normal, {});
            return false;
        case FrameReader::Event::failed:
            close_websocket(frames_.failure(), "unreadable frame");
            return false;
    }
    return false;
}

void Session::on_message(std::string_view message) {
    scratch_.clear();
    if (handler_.on_message(connection_, message, scratch_) == Progress::later) {
        ++pending_calls_;
        return;
    }
    if (!scratch_.empty()) {
        const std::size_t before = out_.size();
        append_text_frame(out_, scratch_);
        appended_total_ += out_.size() - before;
    }
    if (scratch_.capacity() > kBufferKeptBytes) {
        scratch_ = {};
    }
}

void Session::close_websocket(CloseCode code, std::string_view reason) {
    const std::size_t before = out_.size();
    append_close_frame(out_, code, reason);
    appended_total_ += out_.size() - before;
    state_ = State::closing;
}

void Session::on_post(Instant now, Post& post) {
    if (state_ == State::closing) {
        return;
    }
    const std::size_t before = out_.size();
    switch (post.kind) {
        case Post::Kind::reply:
            CHECK(state_ == State::waiting);
            state_ = State::head;
            append_reply(post.reply);
            break;
        case Post::Kind::answer:
            CHECK(pending_calls_ > 0);
            --pending_calls_;
            [[fallthrough]];
        case Post::Kind::push:
            if (!post.reply.body.empty()) {
                append_text_frame(out_, post.reply.body);
                appended_total_ += out_.size() - before;
            }
            if (post.kind == Post::Kind::push) {
                pushed_ends_.push_back({appended_total_, post.reply.body.size()});
            }
            break;
        case Post::Kind::drop:
            close_websocket(CloseCode::policy, "slow consumer: too many unread notifications");
            return;
    }
    advance(now);
}

void Session::on_sent(Instant now, std::size_t bytes) {
    out_sent_ += bytes;
    sent_total_ += bytes;
    last_progress_ = now;
    while (!pushed_ends_.empty() && pushed_ends_.front().offset <= sent_total_) {
        connection_->pushed_bytes_ -= pushed_ends_.front().bytes;
        --connection_->pushed_messages_;
        pushed_ends_.pop_front();
    }
    connection_->wake_waiting();
    const bool was_paused = !wants_input() || !unread().empty();
    if (out_sent_ == out_.size()) {
        out_.clear();
        out_sent_ = 0;
        if (out_.capacity() > kBufferKeptBytes) {
            out_.shrink_to_fit();
        }
    } else if (out_sent_ > kUnsentBytesPause) {
        out_.erase(0, out_sent_);
        out_sent_ = 0;
    }
    if (was_paused && !unread().empty()) {
        advance(now);
    }
}

void Session::on_tick(Instant now) {
    if (unsent().empty()) {
        last_progress_ = now;
    }
    if (config_.calls_per_minute != 0) {
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(now - last_refill_).count();
        const auto calls = static_cast<std::uint32_t>(std::min<std::int64_t>(
            elapsed * config_.calls_per_minute / 60000, config_.calls_per_minute));
        if (calls > 0) {
            connection_->refill_calls(calls);
            last_refill_ = now;
        }
    }
    if (state_ == State::websocket) {
        if (now - last_heard_ > kSilenceMax) {
            close_websocket(CloseCode::going_away, "no answer to pings");
        } else if (now - last_ping_ > kPingInterval) {
            last_ping_ = now;
            const std::size_t before = out_.size();
            append_ping_frame(out_);
            appended_total_ += out_.size() - before;
        }
    } else if (state_ != State::waiting && state_ != State::closing && in_request_ &&
               now - request_started_ > kRequestTime) {
        fail(408, {}, ContentType::text);
    }
}

}  // namespace stipple::io::http
