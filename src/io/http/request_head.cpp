#include "io/http/request_head.hpp"

#include "io/http/limits.hpp"

namespace stipple::io::http {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_token_char(char c) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Whether a comma-separated list has the word.
bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        if (equal_ignoring_case(trimmed(list.substr(0, comma)), word)) {
            return true;
        }
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    }
    return false;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
    if (text.empty() || text.size() > 18) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

Verb verb_of(std::string_view text) {
    if (text == "POST") {
        return Verb::post;
    }
    if (text == "GET") {
        return Verb::get;
    }
    if (text == "OPTIONS") {
        return Verb::options;
    }
    return text == "HEAD" ? Verb::head : Verb::other;
}

/// What is gathered over all headers and judged at the end.
struct Gathered {
    bool upgrade = false;
    bool connection_upgrade = false;
    bool version_13 = false;
    bool host = false;
};

bool on_header(std::string_view name, std::string_view value, RequestHead& head, Gathered& seen) {
    switch (lower(name.front())) {
        case 'h':
            if (equal_ignoring_case(name, "host")) {
                if (seen.host) {
                    return false;
                }
                seen.host = true;
                head.host = value;
            }
            return true;
        case 'o':
            if (equal_ignoring_case(name, "origin")) {
                head.origin = value;
            }
            return true;
        case 'c':
            if (equal_ignoring_case(name, "content-length")) {
                const auto length = decimal(value);
                if (!length || (head.content_length && head.content_length != length)) {
                    return false;
                }
                head.content_length = length;
            } else if (equal_ignoring_case(name, "content-type")) {
                head.content_type = value;
            } else if (equal_ignoring_case(name, "connection")) {
                seen.connection_upgrade |= lists(value, "upgrade");
                if (lists(value, "close")) {
                    head.keep_alive = false;
                } else if (lists(value, "keep-alive")) {
                    head.keep_alive = true;
                }
            }
            return true;
        case 't':
            if (equal_ignoring_case(name, "transfer-encoding")) {
                if (!equal_ignoring_case(value, "chunked") || head.chunked) {
                    return false;
                }
                head.chunked = true;
            }
            return true;
        case 'u':
            seen.upgrade |= equal_ignoring_case(name, "upgrade") && lists(value, "websocket");
            return true;
        case 's':
            if (equal_ignoring_case(name, "sec-websocket-key")) {
                head.websocket_key = value;
            } else if (equal_ignoring_case(name, "sec-websocket-version")) {
                seen.version_13 = value == "13";
            }
            return true;
        case 'e':
            head.expects_continue |=
                equal_ignoring_case(name, "expect") && equal_ignoring_case(value, "100-continue");
            return true;
        case 'a':
            if (equal_ignoring_case(name, "access-control-request-headers")) {
                head.requested_headers = value;
            }
            return true;
        default:
            return true;
    }
}

bool parse_request_line(std::string_view line, RequestHead& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first) {
        return false;
    }
    const std::string_view version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return false;
    }
    head.keep_alive = version == "HTTP/1.1";
    head.verb = verb_of(line.substr(0, first));
    head.target = line.substr(first + 1, last - first - 1);
    if (head.target.empty() || head.target.find(' ') != std::string_view::npos) {
        return false;
    }
    head.path = head.target.substr(0, head.target.find('?'));
    return true;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) {
            return false;
        }
    }
    return true;
}

HeadVerdict parse_request_head(std::string_view input, RequestHead& head) {
    head = {};
    const std::size_t end = input.substr(0, kHeadBytesMax).find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return input.size() >= kHeadBytesMax ? HeadVerdict::too_large : HeadVerdict::incomplete;
    }
    head.bytes = end + 4;
    std::string_view rest = input.substr(0, end + 2);
    std::size_t line_end = rest.find("\r\n");
    if (!parse_request_line(rest.substr(0, line_end), head)) {
        return HeadVerdict::malformed;
    }
    rest.remove_prefix(line_end + 2);
    Gathered seen;
    for (std::size_t count = 0; !rest.empty(); ++count) {
        if (count == kHeadersMax) {
            return HeadVerdict::too_large;
        }
        line_end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, line_end);
        rest.remove_prefix(line_end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || line.find('\n') != line.npos ||
            line.find('\0') != line.npos) {
            return HeadVerdict::malformed;
        }
        const std::string_view name = line.substr(0, colon);
        for (const char c : name) {
            if (!is_token_char(c)) {
                return HeadVerdict::malformed;
            }
        }
        if (!on_header(name, trimmed(line.substr(colon + 1)), head, seen)) {
            return HeadVerdict::malformed;
        }
    }
    if (head.chunked && head.content_length) {
        return HeadVerdict::malformed;
    }
    head.upgrades_to_websocket = head.verb == Verb::get && seen.upgrade &&
                                 seen.connection_upgrade && seen.version_13 &&
                                 !head.websocket_key.empty();
    return HeadVerdict::complete;
}

bool ChunkedBody::take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view piece = rest.substr(0, end == rest.npos ? rest.size() : end + 1);
    if (line_.size() + piece.size() > kChunkLineBytesMax) {
        state_ = State::malformed;
        return false;
    }
    line_.append(piece);
    rest.remove_prefix(piece.size());
    if (end == std::string_view::npos) {
        return false;
    }
    if (line_.size() < 2 || line_[line_.size() - 2] != '\r') {
        state_ = State::malformed;
        return false;
    }
    line_.resize(line_.size() - 2);
    return true;
}

void ChunkedBody::on_size_line() {
    const std::string_view digits =
        trimmed(std::string_view(line_).substr(0, std::string_view(line_).find(';')));
    std::size_t size = 0;
    if (digits.empty() || digits.size() > 8) {
        state_ = State::malformed;
        return;
    }
    for (const char raw : digits) {
        const char c = lower(raw);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            state_ = State::malformed;
            return;
        }
        size = size * 16 + static_cast<std::size_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (size > bytes_max_ - body_.size()) {
        state_ = State::too_large;
        return;
    }
    chunk_left_ = size;
    state_ = size == 0 ? State::trailer : State::data;
}

std::size_t ChunkedBody::feed(std::string_view input) {
    std::string_view rest = input;
    while (!rest.empty() && state_ < State::done) {
        if (state_ == State::data) {
            const std::size_t n = std::min(chunk_left_, rest.size());
            body_.append(rest.substr(0, n));
            rest.remove_prefix(n);
            chunk_left_ -= n;
            if (chunk_left_ == 0) {
                state_ = State::data_end;
            }
            continue;
        }
        if (!take_line(rest)) {
            break;
        }
        if (state_ == State::size_line) {
            on_size_line();
        } else if (state_ == State::data_end) {
            state_ = line_.empty() ? State::size_line : State::malformed;
        } else if (line_.empty()) {
            state_ = State::done;
        } else if (++trailers_ > kHeadersMax) {
            state_ = State::malformed;
        }
        line_.clear();
    }
    return input.size() - rest.size();
}

}  // namespace stipple::io::http
