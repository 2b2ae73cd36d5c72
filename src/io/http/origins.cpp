#include "io/http/origins.hpp"

#include "io/http/request_head.hpp"

#include <algorithm>

namespace stipple::io::http {
namespace {

constexpr std::string_view kVary =
    "vary: origin, access-control-request-method, access-control-request-headers\r\n";

bool matches(std::string_view pattern, std::string_view origin) {
    if (!pattern.ends_with(":*")) {
        return pattern == origin;
    }
    const std::string_view stem = pattern.substr(0, pattern.size() - 2);
    if (!origin.starts_with(stem)) {
        return false;
    }
    std::string_view port = origin.substr(stem.size());
    if (port.empty()) {
        return true;
    }
    port.remove_prefix(1);
    return origin[stem.size()] == ':' && !port.empty() &&
           std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Origins::Origins(std::optional<std::vector<std::string>> allowed, std::uint16_t port)
    : allowed_(std::move(allowed)) {
    for (const char* name : {"localhost:", "127.0.0.1:", "[::1]:"}) {
        hosts_.push_back(name + std::to_string(port));
    }
}

bool Origins::host_allowed(std::string_view host) const {
    return !allowed_ || std::ranges::any_of(hosts_, [&](const std::string& mine) {
        return equal_ignoring_case(mine, host);
    });
}

bool Origins::origin_allowed(std::string_view origin) const {
    return !allowed_ || std::ranges::any_of(*allowed_, [&](const std::string& pattern) {
        return matches(pattern, origin);
    });
}

void Origins::append_headers(std::string& out, std::string_view origin) const {
    if (!allowed_) {
        out += "access-control-allow-origin: *\r\naccess-control-expose-headers: *\r\n";
        out += kVary;
        return;
    }
    out += kVary;
    if (!origin.empty() && origin_allowed(origin)) {
        out.append("access-control-allow-origin: ").append(origin).append("\r\n");
    }
}

void Origins::append_preflight_headers(std::string& out, std::string_view origin) const {
    append_headers(out, origin);
    if (!allowed_) {
        out += "access-control-allow-methods: *\r\naccess-control-allow-headers: *\r\n";
    } else if (!origin.empty() && origin_allowed(origin)) {
        // A listed page could not send a JSON body otherwise.
        out +=
            "access-control-allow-methods: GET, POST\r\n"
            "access-control-allow-headers: content-type\r\n";
    }
}

}  // namespace stipple::io::http
