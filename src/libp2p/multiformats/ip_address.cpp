#include "libp2p/multiformats/ip_address.hpp"

#include "base/check.hpp"

#include <arpa/inet.h>

namespace stipple::libp2p {

namespace {

struct Network {
    std::array<std::uint8_t, 16> prefix;
    unsigned bits;
};

bool contains(const Network& network, ByteView address) {
    const std::size_t whole = network.bits / 8;
    const unsigned rest = network.bits % 8;
    if (!std::equal(network.prefix.begin(),
                    network.prefix.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) {
        return false;
    }
    const unsigned mask = 0xff00U >> rest;
    return rest == 0 || ((network.prefix[whole] ^ address[whole]) & mask & 0xff) == 0;
}

// IANA's registries of special-purpose addresses: what is not globally reachable.
constexpr Network kLocalV4[] = {
    {{0}, 8},              // this network
    {{10}, 8},             // private
    {{100, 64}, 10},       // carrier-grade NAT
    {{169, 254}, 16},      // link-local
    {{172, 16}, 12},       // private
    {{192, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2}, 24},     // documentation
    {{192, 168}, 16},      // private
    {{198, 18}, 15},       // benchmarks
    {{198, 51, 100}, 24},  // documentation
    {{203, 0, 113}, 24},   // documentation
    {{224}, 4},            // multicast
    {{240}, 4},            // reserved, broadcast
};
constexpr Network kLocalV6[] = {
    {{0x01, 0x00}, 64},                          // discard
    {{0x20, 0x01, 0x00, 0x00}, 23},              // protocol assignments
    {{0x20, 0x01, 0x0d, 0xb8}, 32},              // documentation
    {{0x3f, 0xff, 0x00}, 20},                    // documentation
    {{0x5f, 0x00}, 16},                          // segment routing
    {{0xfc}, 7},                                 // unique local
    {{0xfe, 0x80}, 10},                          // link-local
    {{0xff}, 8},                                 // multicast
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48},  // local translation
};
constexpr Network kMappedV4 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};

Reach reach_of_v4(ByteView address) {
    constexpr std::uint8_t kLoopback = 127;
    if (std::all_of(address.begin(), address.end(), [](auto b) { return b == 0; })) {
        return Reach::unspecified;
    }
    if (address[0] == kLoopback) {
        return Reach::loopback;
    }
    const bool local = std::any_of(std::begin(kLocalV4), std::end(kLocalV4),
                                   [&](const Network& n) { return contains(n, address); });
    return local ? Reach::local : Reach::global;
}

}  // namespace

IpAddress IpAddress::v4_of(std::array<std::uint8_t, 4> octets) {
    IpAddress address;
    std::copy(octets.begin(), octets.end(), address.bytes.begin());
    return address;
}

IpAddress IpAddress::v6_of(const std::array<std::uint8_t, 16>& octets) {
    return {.v6 = true, .bytes = octets};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    IpAddress address{.v6 = terminated.find(':') != std::string::npos, .bytes = {}};
    const int family = address.v6 ? AF_INET6 : AF_INET;
    if (inet_pton(family, terminated.c_str(), address.bytes.data()) != 1) {
        return std::nullopt;
    }
    return address;
}

std::string IpAddress::text() const {
    char buffer[INET6_ADDRSTRLEN] = {};
    const char* written = inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer, sizeof buffer);
    CHECK(written != nullptr);
    return written;
}

Reach IpAddress::reach() const {
    if (!v6) {
        return reach_of_v4(view());
    }
    if (contains(kMappedV4, bytes)) {
        return reach_of_v4(ByteView(bytes).last(4));
    }
    const bool zeros = std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
    if (zeros && bytes[15] <= 1) {
        return bytes[15] == 0 ? Reach::unspecified : Reach::loopback;
    }
    const bool local = std::any_of(std::begin(kLocalV6), std::end(kLocalV6),
                                   [&](const Network& n) { return contains(n, bytes); });
    return local ? Reach::local : Reach::global;
}

}  // namespace stipple::libp2p
