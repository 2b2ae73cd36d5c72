// An IP address with a port, as the operating system's calls take it.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <array>
#include <compare>

struct sockaddr_storage;

namespace stipple::io::net {

struct SocketAddress {
    enum class Family : std::uint8_t { ip4, ip6 };
    Family family = Family::ip4;
    std::array<std::uint8_t, 16> ip{};  ///< ip4: the first four
    std::uint16_t port = 0;
    std::uint32_t scope = 0;  ///< ip6 link-local: the interface's index

    static SocketAddress ip4(std::array<std::uint8_t, 4> ip, std::uint16_t port);
    static SocketAddress loopback(std::uint16_t port) { return ip4({127, 0, 0, 1}, port); }
    /// "127.0.0.1", "::1"; absent when it is no address (names are for `Loop::dial`).
    static std::optional<SocketAddress> parse(std::string_view ip, std::uint16_t port);
    /// "127.0.0.1:80", "[::1]:80".
    std::string text() const;
    ByteView ip_bytes() const { return ByteView(ip).first(family == Family::ip4 ? 4 : 16); }

    /// Returns the length used. For this folder and its tests.
    std::uint32_t to_native(sockaddr_storage& out) const;
    static std::optional<SocketAddress> from_native(const sockaddr_storage& in);

    friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

/// Addresses of this machine's interfaces that are up, port 0, loopback included; what a listener
/// on 0.0.0.0 or :: can be reached at, and where to join multicast groups.
Result<std::vector<SocketAddress>> interface_addresses();

}  // namespace stipple::io::net
