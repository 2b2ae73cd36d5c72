#include "libp2p/websocket/upgrade.hpp"

#include "base/check.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace stipple::libp2p::websocket {
namespace {

constexpr std::string_view kAcceptText = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyLength = 24;  ///< base64 of 16 bytes

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
        text.remove_suffix(1);
    }
    return text;
}

/// One of the comma-separated values is `word`.
bool lists(std::string_view value, std::string_view word) {
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        if (equal_ignoring_case(trimmed(value.substr(0, comma)), word)) {
            return true;
        }
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return false;
}

struct UpgradeHeaders {
    bool upgrade = false;
    bool connection = false;
    bool extensions = false;
    std::string_view version;
    std::string_view key;
    std::string_view accept;
};

/// The headers below the first line.
UpgradeHeaders read_headers(std::string_view head) {
    UpgradeHeaders found;
    std::size_t line_end = head.find('\n');
    while (line_end != std::string_view::npos) {
        head.remove_prefix(line_end + 1);
        line_end = head.find('\n');
        const std::string_view line = head.substr(0, line_end);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            continue;
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (equal_ignoring_case(name, "upgrade")) {
            found.upgrade = lists(value, "websocket");
        } else if (equal_ignoring_case(name, "connection")) {
            found.connection = lists(value, "upgrade");
        } else if (equal_ignoring_case(name, "sec-websocket-version")) {
            found.version = value;
        } else if (equal_ignoring_case(name, "sec-websocket-key")) {
            found.key = value;
        } else if (equal_ignoring_case(name, "sec-websocket-accept")) {
            found.accept = value;
        } else if (equal_ignoring_case(name, "sec-websocket-extensions")) {
            found.extensions = !value.empty();
        }
    }
    return found;
}

}  // namespace

std::string base64(ByteView bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8U | (k < count ? bytes[i + k] : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= count ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
        }
    }
    return out;
}

std::string accept_value(std::string_view key) {
    const std::string text = std::string(key) + std::string(kAcceptText);
    std::array<std::uint8_t, 20> digest{};
    unsigned length = 0;
    CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1);
    return base64(digest);
}

std::string upgrade_request(std::string_view host, std::string_view path, std::string_view key) {
    std::string out = "GET ";
    out.append(path.empty() ? "/" : path).append(" HTTP/1.1\r\nHost: ").append(host);
    out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ").append(key);
    out.append("\r\nSec-WebSocket-Version: 13\r\n\r\n");
    return out;
}

std::string upgrade_response(std::string_view key) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept_value(key) + "\r\n\r\n";
}

std::optional<std::size_t> find_head_end(std::string_view input) {
    const std::size_t end = input.find("\r\n\r\n");
    return end == std::string_view::npos ? std::nullopt : std::optional(end + 4);
}

std::optional<std::string> parse_upgrade_request(std::string_view head) {
    const std::string_view line = head.substr(0, head.find('\r'));
    if (!line.starts_with("GET /") || !line.ends_with(" HTTP/1.1")) {
        return std::nullopt;
    }
    const UpgradeHeaders headers = read_headers(head);
    if (!headers.upgrade || !headers.connection || headers.version != "13" ||
        headers.key.size() != kKeyLength) {
        return std::nullopt;
    }
    return std::string(headers.key);
}

bool is_upgrade_response(std::string_view head, std::string_view key) {
    const UpgradeHeaders headers = read_headers(head);
    return head.starts_with("HTTP/1.1 101") && headers.upgrade && headers.connection &&
           !headers.extensions && headers.accept == accept_value(key);
}

}  // namespace stipple::libp2p::websocket
