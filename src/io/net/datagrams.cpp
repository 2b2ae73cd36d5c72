// Datagram sockets, for multicast above all.
#include "io/net/loop.hpp"
#include "io/net/socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>

namespace stipple::io::net {
namespace {

constexpr int kMulticastHops = 255;  ///< mDNS; routers do not pass it on anyway

template <class T>
bool set_option(int fd, int level, int name, const T& value) {
    return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool join_ip4(int fd, const SocketAddress& group, const std::optional<SocketAddress>& interface) {
    ip_mreqn request{};
    std::memcpy(&request.imr_multiaddr, group.ip.data(), 4);
    if (interface) {
        std::memcpy(&request.imr_address, interface->ip.data(), 4);
    }
    return set_option(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request) &&
           (!interface || set_option(fd, IPPROTO_IP, IP_MULTICAST_IF, request)) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
           set_option(fd, IPPROTO_IP, IP_MULTICAST_TTL, kMulticastHops);
}

bool join_ip6(int fd, const SocketAddress& group, const std::optional<SocketAddress>& interface) {
    ipv6_mreq request{};
    std::memcpy(&request.ipv6mr_multiaddr, group.ip.data(), 16);
    request.ipv6mr_interface = interface ? interface->scope : 0;
    return set_option(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, request.ipv6mr_interface) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1) &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kMulticastHops);
}

}  // namespace

Result<SocketId> Loop::open_datagrams(const DatagramConfig& config) {
    const std::string where = "datagrams on " + config.bind.text() + ": ";
    const bool ip6 = config.bind.family == SocketAddress::Family::ip6;
    const int fd = ::socket(ip6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail(where + std::strerror(errno));
    }
    sockaddr_storage native{};
    const std::uint32_t length = config.bind.to_native(native);
    // Several programs of one machine listen to the same group.
    const bool bound = (!config.group || (set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
                                          set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1))) &&
                       (!ip6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
                       ::bind(fd, reinterpret_cast<const sockaddr*>(&native), length) == 0;
    const bool joined =
        bound && (!config.group || (ip6 ? join_ip6(fd, *config.group, config.interface)
                                        : join_ip4(fd, *config.group, config.interface)));
    if (!joined) {
        const int error = errno;
        ::close(fd);
        return fail(where + std::strerror(error));
    }
    Socket& socket = add(Kind::datagrams, fd);
    const SocketId id = socket.id;
    arm(socket, EPOLLIN);
    return id;
}

bool Loop::send_datagram(SocketId id, const SocketAddress& to, ByteView packet) {
    const Socket* socket = find(id);
    if (socket == nullptr || socket->kind != Kind::datagrams) {
        return false;
    }
    sockaddr_storage native{};
    const std::uint32_t length = to.to_native(native);
    const ssize_t sent = ::sendto(socket->fd, packet.data(), packet.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&native), length);
    return sent == static_cast<ssize_t>(packet.size());
}

void Loop::on_datagrams(Socket& socket) {
    for (int i = 0; i < kDatagramsPerTurn && !socket.gone; ++i) {
        sockaddr_storage native{};
        socklen_t length = sizeof native;
        const ssize_t got = ::recvfrom(socket.fd, read_buffer_.data(), kDatagramBytesMax, MSG_TRUNC,
                                       reinterpret_cast<sockaddr*>(&native), &length);
        if (got < 0) {
            if (errno == EAGAIN) {
                return;
            }
            continue;  // an error of an earlier packet we sent; reading it cleared it
        }
        const auto from = SocketAddress::from_native(native);
        const auto size = static_cast<std::size_t>(got);
        if (from && size <= kDatagramBytesMax) {
            handler_.on_datagram(now_, socket.id, *from, ByteView(read_buffer_).first(size));
        }
    }
}

}  // namespace stipple::io::net
