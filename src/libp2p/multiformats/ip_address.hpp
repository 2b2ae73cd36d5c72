// IPv4 and IPv6 addresses: bytes, text, and how far they reach.
//
// Reach decides what is announced to others and what is dialled: addresses of private networks are
// of no use to strangers, and a peer could otherwise make us probe our own network.
//
// Spec: RFC 6890 (special-purpose addresses), RFC 5952 (text of IPv6).
#pragma once

#include "base/bytes.hpp"

#include <array>

namespace stipple::libp2p {

enum class Reach : std::uint8_t {
    unspecified,  ///< 0.0.0.0, ::
    loopback,     ///< this machine
    local,        ///< private networks, link-local, carrier NAT, documentation, multicast, …
    global,       ///< routed on the internet
};

struct IpAddress {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 uses the first four

    static IpAddress v4_of(std::array<std::uint8_t, 4> octets);
    static IpAddress v6_of(const std::array<std::uint8_t, 16>& octets);
    /// Without brackets, port or zone.
    static std::optional<IpAddress> parse(std::string_view text);

    ByteView view() const { return ByteView(bytes).first(v6 ? 16 : 4); }
    std::string text() const;
    Reach reach() const;

    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

}  // namespace stipple::libp2p
