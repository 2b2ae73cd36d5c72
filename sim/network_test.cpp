#include "sim/network.hpp"

#include <gtest/gtest.h>

namespace stipple::sim {
namespace {

using namespace std::chrono_literals;

/// Nodes that only listen.
struct World {
    explicit World(std::size_t nodes, std::uint64_t seed = 1)
        : heard(nodes),
          net(schedule, Seed{seed}, nodes, [this](NodeIndex to, node::NetworkEvent event) {
              heard[to].push_back(std::move(event));
          }) {
        for (NodeIndex i = 0; i < nodes; ++i) {
            net.node_up(i, {});
        }
        pass(20s);
    }
    void pass(Duration span) {
        bool done = false;
        schedule.after(span, [&done] { done = true; });
        while (!done) {
            schedule.step();
        }
    }
    template <class What>
    std::vector<What> all(NodeIndex node) const {
        std::vector<What> found;
        for (const auto& event : heard[node]) {
            if (const auto* what = std::get_if<What>(&event)) {
                found.push_back(*what);
            }
        }
        return found;
    }
    /// The key by which `a` knows its newest peer.
    PeerKey peer_of(NodeIndex a) const { return all<node::PeerJoined>(a).back().peer; }

    Schedule schedule{Instant{1s}};
    std::vector<std::vector<node::NetworkEvent>> heard;
    Network net;
};

TEST(SimNetwork, every_pair_joins_and_opens_its_protocols) {
    World world(4);
    EXPECT_EQ(world.net.open_connections(), 6u);
    for (NodeIndex i = 0; i < 4; ++i) {
        EXPECT_EQ(world.all<node::PeerJoined>(i).size(), 3u);
        EXPECT_EQ(world.all<node::ProtocolOpened>(i).size(), 9u);
    }
}

TEST(SimNetwork, notifications_of_one_protocol_arrive_in_order) {
    World world(2);
    Weather weather;
    weather.delay_max = 2s;
    world.net.set_weather(weather);
    for (std::uint8_t i = 0; i < 50; ++i) {
        world.net.perform(
            0, node::SendNotification{{world.peer_of(0)}, network::Protocol::grandpa, Bytes{i}});
    }
    world.pass(10s);
    const auto got = world.all<node::NotificationReceived>(1);
    ASSERT_EQ(got.size(), 50u);
    for (std::uint8_t i = 0; i < 50; ++i) {
        EXPECT_EQ(got[i].message, Bytes{i});
    }
}

TEST(SimNetwork, a_request_is_answered_once_or_times_out) {
    World world(2);
    world.net.perform(0, node::SendRequest{network::sync::RequestId(1), world.peer_of(0),
                                           network::Protocol::sync, Bytes{1}});
    world.net.perform(0, node::SendRequest{network::sync::RequestId(2), world.peer_of(0),
                                           network::Protocol::sync, Bytes{2}});
    world.pass(1s);
    const auto asked = world.all<node::RequestReceived>(1);
    ASSERT_EQ(asked.size(), 2u);
    const auto answer = std::make_shared<const Bytes>(Bytes{9});
    world.net.perform(1, node::AnswerRequest{asked[0].token, answer});
    world.net.perform(1, node::AnswerRequest{asked[0].token, answer});
    world.pass(60s);
    const auto answers = world.all<node::ResponseReceived>(0);
    ASSERT_EQ(answers.size(), 2u);
    const bool first_is_answer = answers[0].answer.has_value();
    ASSERT_TRUE(first_is_answer);
    EXPECT_EQ(*answers[0].answer, Bytes{9});
    EXPECT_FALSE(answers[1].answer.has_value());
}

TEST(SimNetwork, parted_nodes_leave_each_other_and_meet_again) {
    World world(2);
    world.net.part({0, 1});
    world.pass(30s);
    EXPECT_EQ(world.net.open_connections(), 0u);
    EXPECT_EQ(world.all<node::PeerLeft>(0).size(), 1u);
    world.net.heal();
    world.pass(30s);
    EXPECT_EQ(world.net.open_connections(), 1u);
    EXPECT_EQ(world.all<node::PeerJoined>(1).size(), 2u);
}

TEST(SimNetwork, a_node_that_went_down_hears_nothing_of_its_old_connections) {
    World world(2);
    world.net.node_down(0);
    world.net.node_up(0, {});
    world.pass(60s);
    EXPECT_TRUE(world.all<node::PeerLeft>(0).empty());
    EXPECT_EQ(world.all<node::PeerLeft>(1).size(), 1u);
    EXPECT_EQ(world.net.open_connections(), 1u);
}

}  // namespace
}  // namespace stipple::sim
