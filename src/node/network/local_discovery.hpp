// Multicast DNS over real sockets: finds peers of the local network for the network thread.
//
// One datagram socket per interface and family: 224.0.0.251 on every ip4 address, ff02::fb on every
// link-local ip6 one. What cannot be opened is left out; a machine without multicast has no local
// peers, which is no error.
//
// libp2p: discovery/mdns. Bounds: those of libp2p/mdns; kInterfacesMax sockets. Belongs to the
// loop's thread.
#pragma once

#include "io/net/loop.hpp"
#include "libp2p/mdns/discovery.hpp"

namespace stipple::node {

class LocalDiscovery {
 public:
    static constexpr std::size_t kInterfacesMax = 32;
    using Found = std::function<void(Instant now, const libp2p::mdns::PeerFound&)>;

    /// `loop` outlives this; `found` is called from its thread.
    LocalDiscovery(io::net::Loop& loop, PeerId self, Seed seed, Found found);
    /// How many sockets there are.
    std::size_t open(std::uint16_t port = libp2p::mdns::kPort);
    void set_addresses(Instant now, std::span<const libp2p::Multiaddr> addresses);
    void on_datagram(Instant now, io::net::SocketId socket, ByteView packet);

 private:
    void carry_out(Instant now, const libp2p::mdns::DiscoveryEffects& effects);
    void arm_timer();

    io::net::Loop& loop_;
    libp2p::mdns::Discovery machine_;
    Found found_;
    std::map<io::net::SocketId, io::net::SocketAddress> groups_;
    std::optional<io::net::TimerId> timer_;
};

}  // namespace stipple::node
