// Multiaddr: how to reach a peer, as a path of protocols.
//
//     /ip4/1.2.3.4/tcp/30333/p2p/12D3KooW…          /dns/boot.example.org/tcp/443/wss/p2p/…
//     /ip4/1.2.3.4/udp/30334/webrtc-direct/certhash/uEi…
//
// In bytes: a varint code per part, then its value: fixed (ip4 4, tcp 2 big-endian, …), with a
// varint length before it (names, peer ids, hashes), or none (ws, tls, …). A part of an unknown
// code has no known length, so such an address is refused as a whole.
//
// A `Multiaddr` is always well-formed; it is its canonical bytes, and compares as those do. The
// empty address is the default.
//
// Spec: sect-networking. libp2p: addressing. Bounds: kMultiaddrBytesMax, kMultiaddrPartsMax.
#pragma once

#include "libp2p/multiformats/ip_address.hpp"
#include "libp2p/multiformats/peer_id.hpp"

#include <variant>

namespace stipple::libp2p {

/// Codes of the multicodec table. Those a Polkadot node never dials are known so that addresses
/// with them can be stored, passed on and shown.
enum class AddrProtocol : std::uint32_t {
    ip4 = 4,
    tcp = 6,
    ip6 = 41,
    ip6zone = 42,
    dns = 53,
    dns4 = 54,
    dns6 = 55,
    dnsaddr = 56,
    udp = 273,
    webrtc_direct = 280,
    webrtc = 281,
    p2p_circuit = 290,
    p2p = 421,
    tls = 448,
    sni = 449,
    noise = 454,
    quic = 460,
    quic_v1 = 461,
    webtransport = 465,
    certhash = 466,
    ws = 477,
    wss = 478,
    http = 480,
    memory = 777,
};

enum class MultiaddrError : std::uint8_t {
    malformed,         ///< cut short, a bad varint, or text that does not start with '/'
    unknown_protocol,  ///< a code or name not in AddrProtocol
    bad_value,         ///< the value of a part is none of its protocol
    too_long,          ///< above a bound of limits.hpp
};

struct AddrPart {
    AddrProtocol protocol{};
    ByteView value;  ///< as in the bytes, without its length; borrowed from the address
};

enum class DialLayer : std::uint8_t {
    tcp,
    websocket,
    websocket_tls,  ///< /wss or /tls/ws: WebSocket inside TLS
};
struct DnsName {
    enum class Family : std::uint8_t { any, v4, v6 };
    std::string name;
    Family family = Family::any;
    friend bool operator==(const DnsName&, const DnsName&) = default;
};
/// What a node with TCP and WebSocket needs to open a connection.
struct DialTarget {
    std::variant<IpAddress, DnsName> host;
    std::uint16_t port = 0;
    DialLayer layer = DialLayer::tcp;
    std::optional<PeerId> peer;
    std::string server_name;  ///< of /tls/sni/<name>/ws, when it is not that of the host
    friend bool operator==(const DialTarget&, const DialTarget&) = default;
};
/// The name of its host as a server knows it: that of /sni, a DNS name or an IP address.
std::string host_text(const DialTarget& target);

class Multiaddr {
 public:
    Multiaddr() = default;
    static std::expected<Multiaddr, MultiaddrError> decode(ByteView bytes);
    static std::expected<Multiaddr, MultiaddrError> parse(std::string_view text);
    /// /ip4 or /ip6 and /tcp.
    static Multiaddr tcp(const IpAddress& ip, std::uint16_t port);

    ByteView bytes() const { return bytes_; }
    std::string text() const;
    bool empty() const { return bytes_.empty(); }
    std::vector<AddrPart> parts() const;

    /// Appends one part. REQUIRES a value its protocol takes, and room (our own addresses).
    Multiaddr with(AddrProtocol protocol, ByteView value = {}) const;

    /// The peer of the last part, when that is /p2p.
    std::optional<PeerId> peer() const;
    Multiaddr without_peer() const;
    /// Ends in /p2p/<peer>, whatever peer it named before; absent when it would be too long.
    std::optional<Multiaddr> with_peer(const PeerId& peer) const;

    /// The first part, when that is an IP address.
    std::optional<IpAddress> ip() const;
    /// Of its IP address. Names are global, but for `localhost` and names below it and `.local`; an
    /// address that starts with neither is unspecified.
    Reach reach() const;
    /// Absent when it is not reached by TCP or WebSocket, when its port is 0, or when it has parts
    /// behind those (relays).
    std::optional<DialTarget> dial_target() const;

    friend auto operator<=>(const Multiaddr&, const Multiaddr&) = default;
    friend bool operator==(const Multiaddr&, const Multiaddr&) = default;

 private:
    Bytes bytes_;
};

}  // namespace stipple::libp2p
