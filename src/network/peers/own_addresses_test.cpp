#include "network/peers/own_addresses.hpp"

#include <gtest/gtest.h>

namespace stipple::network {
namespace {

using libp2p::Multiaddr;
using std::chrono::hours;

PeerId peer(std::uint8_t number) {
    return {Bytes(38, number)};
}
Multiaddr address(const std::string& text) {
    return Multiaddr::parse(text).value();
}

TEST(OwnAddresses, tells_public_and_global_listening_addresses) {
    OwnAddresses own({address("/dns/node.example.org/tcp/30333")}, false);
    own.set_listening({address("/ip4/127.0.0.1/tcp/30333"), address("/ip4/8.1.2.3/tcp/30333"),
                       address("/ip4/0.0.0.0/tcp/30333")});
    EXPECT_EQ(own.told({}), (std::vector{address("/dns/node.example.org/tcp/30333"),
                                         address("/ip4/8.1.2.3/tcp/30333")}));
    OwnAddresses local({}, true);
    local.set_listening({address("/ip4/127.0.0.1/tcp/30333"), address("/ip4/0.0.0.0/tcp/1")});
    EXPECT_EQ(local.told({}), std::vector{address("/ip4/127.0.0.1/tcp/30333")});
}

TEST(OwnAddresses, believes_three_peers_that_dialled_us) {
    OwnAddresses own({}, false);
    const Multiaddr seen = address("/ip4/8.8.4.4/tcp/30333");
    own.on_observed({}, peer(1), seen, false);
    own.on_observed({}, peer(2), seen, false);
    own.on_observed({}, peer(2), seen, false);
    EXPECT_TRUE(own.confirmed({}).empty()) << "a peer has one word";
    own.on_observed({}, peer(3), seen.with_peer(peer(9)).value_or(seen), false);
    EXPECT_EQ(own.confirmed({}), std::vector{seen});
    own.on_observed({}, peer(3), address("/ip4/8.8.8.8/tcp/1"), false);
    EXPECT_TRUE(own.confirmed({}).empty()) << "it changed its mind";
}

TEST(OwnAddresses, puts_our_ports_in_place_of_those_of_connections_we_dialled) {
    OwnAddresses own({}, false);
    own.set_listening({address("/ip4/0.0.0.0/tcp/30333"), address("/ip4/0.0.0.0/tcp/30334/ws"),
                       address("/ip6/::/tcp/30335")});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        const auto port = std::to_string(50000 + i);
        own.on_observed({}, peer(i), address("/ip4/8.8.4.4/tcp/" + port), true);
    }
    EXPECT_EQ(own.confirmed({}), (std::vector{address("/ip4/8.8.4.4/tcp/30333"),
                                              address("/ip4/8.8.4.4/tcp/30334/ws")}));
}

TEST(OwnAddresses, ignores_what_is_of_no_use) {
    OwnAddresses own({}, false);
    for (std::uint8_t i = 1; i <= 9; ++i) {
        own.on_observed({}, peer(i), address("/ip4/10.0.0.1/tcp/30333"), false);
        own.on_observed({}, peer(i), address("/ip4/8.8.8.8/udp/30333"), false);
        own.on_observed({}, peer(i), address("/ip4/8.8.8.8/tcp/30333"), true);
    }
    EXPECT_EQ(own.witnesses(), 0U) << "private, not dialled by us, or without a port of ours";
}

TEST(OwnAddresses, forgets_old_words_and_the_oldest_of_too_many) {
    OwnAddresses own({}, false);
    const Multiaddr seen = address("/ip4/8.8.4.4/tcp/30333");
    for (std::uint8_t i = 0; i < 3; ++i) {
        own.on_observed({}, peer(i), seen, false);
    }
    EXPECT_EQ(own.confirmed({hours(1)}).size(), 1U);
    EXPECT_TRUE(own.confirmed({kWitnessLifetime}).empty());
    for (int i = 3; i < 255; ++i) {
        own.on_observed({hours(1)}, peer(static_cast<std::uint8_t>(i)),
                        address("/ip4/8.8.4.4/tcp/1"), false);
    }
    EXPECT_EQ(own.witnesses(), kAddressWitnessesMax);
    EXPECT_EQ(own.confirmed({hours(1)}), std::vector{address("/ip4/8.8.4.4/tcp/1")});
}

}  // namespace
}  // namespace stipple::network
