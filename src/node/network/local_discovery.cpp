#include "node/network/local_discovery.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace stipple::node {

namespace mdns = libp2p::mdns;
namespace net = io::net;

namespace {

constexpr const char* kGroup4 = "224.0.0.251";
constexpr const char* kGroup6 = "ff02::fb";

}  // namespace

LocalDiscovery::LocalDiscovery(net::Loop& loop, PeerId self, Seed seed, Found found)
    : loop_(loop), machine_(std::move(self), seed), found_(std::move(found)) {}

std::size_t LocalDiscovery::open(std::uint16_t port) {
    const auto interfaces = net::interface_addresses();
    if (!interfaces) {
        return 0;
    }
    for (const net::SocketAddress& interface : *interfaces) {
        const bool ip6 = interface.family == net::SocketAddress::Family::ip6;
        if (groups_.size() >= kInterfacesMax || (ip6 && interface.scope == 0)) {
            continue;
        }
        auto group = net::SocketAddress::parse(ip6 ? kGroup6 : kGroup4, port);
        group->scope = interface.scope;
        const auto socket =
            loop_.open_datagrams({.bind = *net::SocketAddress::parse(ip6 ? "::" : "0.0.0.0", port),
                                  .group = group,
                                  .interface = interface});
        if (socket) {
            groups_.emplace(*socket, *group);
        } else {
            log(LogLevel::debug, "sub-libp2p", "no local discovery: {}", socket.error().message());
        }
    }
    return groups_.size();
}

void LocalDiscovery::set_addresses(Instant now, std::span<const libp2p::Multiaddr> addresses) {
    machine_.set_addresses(addresses);
    mdns::DiscoveryEffects effects;
    machine_.on_wake(now, effects);
    carry_out(now, effects);
}

void LocalDiscovery::on_datagram(Instant now, net::SocketId socket, ByteView packet) {
    if (!groups_.contains(socket)) {
        return;
    }
    mdns::DiscoveryEffects effects;
    machine_.on_packet(now, packet, effects);
    carry_out(now, effects);
}

void LocalDiscovery::carry_out(Instant now, const mdns::DiscoveryEffects& effects) {
    for (const auto& effect : effects) {
        if (const auto* send = std::get_if<mdns::SendPacket>(&effect)) {
            for (const auto& [socket, group] : groups_) {
                loop_.send_datagram(socket, group, send->packet);
            }
        } else if (const auto* peer = std::get_if<mdns::PeerFound>(&effect)) {
            found_(now, *peer);
        }
    }
    arm_timer();
}

void LocalDiscovery::arm_timer() {
    if (timer_) {
        loop_.cancel(*timer_);
        timer_.reset();
    }
    if (const auto at = machine_.wake_at()) {
        timer_ = loop_.at(*at, [this](Instant now) {
            timer_.reset();
            mdns::DiscoveryEffects effects;
            machine_.on_wake(now, effects);
            carry_out(now, effects);
        });
    }
}

}  // namespace stipple::node
