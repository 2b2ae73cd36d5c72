#include "io/net/address.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace stipple::io::net {

SocketAddress SocketAddress::ip4(std::array<std::uint8_t, 4> ip, std::uint16_t port) {
    SocketAddress address;
    std::ranges::copy(ip, address.ip.begin());
    address.port = port;
    return address;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view ip, std::uint16_t port) {
    const std::string text(ip);
    SocketAddress address;
    address.port = port;
    if (::inet_pton(AF_INET, text.c_str(), address.ip.data()) == 1) {
        return address;
    }
    address.family = Family::ip6;
    if (::inet_pton(AF_INET6, text.c_str(), address.ip.data()) == 1) {
        return address;
    }
    return std::nullopt;
}

std::string SocketAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const bool v6 = family == Family::ip6;
    ::inet_ntop(v6 ? AF_INET6 : AF_INET, ip.data(), buffer.data(), buffer.size());
    const std::string host = v6 ? "[" + std::string(buffer.data()) + "]" : buffer.data();
    return host + ":" + std::to_string(port);
}

std::uint32_t SocketAddress::to_native(sockaddr_storage& out) const {
    out = {};
    if (family == Family::ip4) {
        sockaddr_in native{};
        native.sin_family = AF_INET;
        native.sin_port = htons(port);
        std::memcpy(&native.sin_addr, ip.data(), 4);
        std::memcpy(&out, &native, sizeof native);
        return sizeof native;
    }
    sockaddr_in6 native{};
    native.sin6_family = AF_INET6;
    native.sin6_port = htons(port);
    native.sin6_scope_id = scope;
    std::memcpy(&native.sin6_addr, ip.data(), 16);
    std::memcpy(&out, &native, sizeof native);
    return sizeof native;
}

std::optional<SocketAddress> SocketAddress::from_native(const sockaddr_storage& in) {
    SocketAddress address;
    if (in.ss_family == AF_INET) {
        sockaddr_in native{};
        std::memcpy(&native, &in, sizeof native);
        std::memcpy(address.ip.data(), &native.sin_addr, 4);
        address.port = ntohs(native.sin_port);
        return address;
    }
    if (in.ss_family != AF_INET6) {
        return std::nullopt;
    }
    sockaddr_in6 native{};
    std::memcpy(&native, &in, sizeof native);
    address.port = ntohs(native.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&native.sin6_addr)) {
        std::memcpy(address.ip.data(), native.sin6_addr.s6_addr + 12, 4);
        return address;
    }
    address.family = Family::ip6;
    address.scope = native.sin6_scope_id;
    std::memcpy(address.ip.data(), &native.sin6_addr, 16);
    return address;
}

Result<std::vector<SocketAddress>> interface_addresses() {
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) {
        return fail(std::string("list interfaces: ") + std::strerror(errno));
    }
    std::vector<SocketAddress> found;
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_UP) == 0) {
            continue;
        }
        const int family = each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) {
            continue;
        }
        sockaddr_storage native{};
        std::memcpy(&native, each->ifa_addr,
                    family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        if (const auto address = SocketAddress::from_native(native)) {
            found.push_back(*address);
        }
    }
    ::freeifaddrs(all);
    return found;
}

}  // namespace stipple::io::net
