#include "node/network/board_world.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;
using testing::World;

TEST(PeerView, tells_the_address_the_agent_and_the_latest_ping) {
    World world;
    World::Board& first = world.join();
    World::Board& second = world.join();
    world.pass(60s);
    for (World::Board* board : {&first, &second}) {
        const auto peers = board->board->peers();
        ASSERT_EQ(peers.size(), 1u);
        EXPECT_EQ(peers[0].agent, "world");
        EXPECT_FALSE(peers[0].address.empty());
        ASSERT_TRUE(peers[0].ping.has_value()) << "a ping within a minute";
        EXPECT_GE(*peers[0].ping, 0s);
        EXPECT_LT(*peers[0].ping, 1s);
    }
    EXPECT_NE(first.board->peers()[0].inbound, second.board->peers()[0].inbound);
}

TEST(PeerView, external_addresses_are_those_stated_once_each) {
    World world;
    SwitchboardConfig config;
    const auto stated = *Multiaddr::parse("/ip4/80.1.2.3/tcp/30333");
    config.public_addresses = {stated};
    World::Board& board = world.join(config);
    world.join();
    world.pass(10s);
    const auto external = board.board->external_addresses(world.now);
    EXPECT_EQ(std::ranges::count(external, stated), 1);
}

}  // namespace
}  // namespace stipple::node
