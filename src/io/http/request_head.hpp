// The head of an HTTP/1.1 request: request line and the few headers the server acts on.
//
// RFC 9112. A pure function over the bytes read so far; views point into them. Header names are
// compared without case; unknown headers are skipped; a repeated Content-Length or Host, folded
// lines and anything else that two parsers could read differently is refused (request smuggling).
// Bounded by kHeadBytesMax and kHeadersMax.
#pragma once

#include "base/bytes.hpp"
#include "base/serving.hpp"

#include <optional>
#include <string_view>

namespace stipple::io::http {

using serving::Verb;

struct RequestHead {
    Verb verb = Verb::other;
    std::string_view target;  ///< origin form, query included
    std::string_view path;    ///< target without its query
    std::string_view host;
    std::string_view origin;
    std::string_view content_type;
    std::string_view websocket_key;
    std::string_view requested_headers;  ///< Access-Control-Request-Headers
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;
    bool expects_continue = false;
    bool upgrades_to_websocket = false;  ///< Upgrade: websocket, Connection: Upgrade, version 13
    std::size_t bytes = 0;               ///< length of the head, empty line included
};

enum class HeadVerdict : std::uint8_t { complete, incomplete, malformed, too_large };

/// Reads a head at the front of `input`.
HeadVerdict parse_request_head(std::string_view input, RequestHead& head);

/// ASCII comparison without case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Takes a chunked body apart, piece by piece; trailers are read over.
class ChunkedBody {
 public:
    explicit ChunkedBody(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    enum class State : std::uint8_t {
        size_line,
        data,
        data_end,
        trailer,
        done,
        malformed,
        too_large
    };
    /// Consumes from the front of `input` and says how much.
    std::size_t feed(std::string_view input);
    State state() const { return state_; }
    std::string& body() { return body_; }

 private:
    bool take_line(std::string_view& rest);
    void on_size_line();

    std::size_t bytes_max_;
    State state_ = State::size_line;
    std::size_t chunk_left_ = 0;
    std::string line_;
    std::size_t trailers_ = 0;
    std::string body_;
};

}  // namespace stipple::io::http
