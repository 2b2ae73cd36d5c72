// Who may ask: the Host filter and the CORS headers of `--rpc-cors`.
//
// With "all", every origin and every Host is served and the answers say so. With a list, browsers
// are told only of listed origins ("*" as port matches every port), and the Host header must be the
// listener itself (localhost, 127.0.0.1 or [::1] with its port), which stops DNS rebinding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stipple::io::http {

class Origins {
 public:
    /// Absent: all.
    Origins(std::optional<std::vector<std::string>> allowed, std::uint16_t port);

    bool host_allowed(std::string_view host) const;
    bool origin_allowed(std::string_view origin) const;
    /// Header lines for an answer to a request of that origin (empty: none given).
    void append_headers(std::string& out, std::string_view origin) const;
    /// The same for a preflight request.
    void append_preflight_headers(std::string& out, std::string_view origin) const;

 private:
    std::optional<std::vector<std::string>> allowed_;
    std::vector<std::string> hosts_;
};

}  // namespace stipple::io::http
