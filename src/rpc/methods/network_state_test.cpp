#include "rpc/methods/network_port.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace stipple::rpc {
namespace {

using namespace std::chrono_literals;

NetworkSnapshot snapshot() {
    NetworkSnapshot network;
    network.local_peer_id = "12D3Us";
    network.listen_addresses = {"/ip4/10.0.0.1/tcp/30333/p2p/12D3Us"};
    network.external_addresses = {"/ip4/80.1.2.3/tcp/30333/p2p/12D3Us"};
    network.reserved_peers = {"12D3Friend"};
    PeerInfo dialled;
    dialled.peer_id = "12D3Far";
    dialled.address = "/ip4/80.9.9.9/tcp/30333";
    dialled.agent = "a \"node\" (name)";
    dialled.ping = 1'020'000'003ns;
    PeerInfo came;
    came.peer_id = "12D3Near";
    came.address = "/ip4/10.0.0.2/tcp/51000";
    came.is_inbound = true;
    network.peers = {dialled, came};
    return network;
}

TEST(NetworkState, tells_how_each_peer_is_connected_and_what_it_says_it_is) {
    const auto state = boost::json::parse(network_state_json(snapshot()));
    EXPECT_EQ(state.at("peerId"), "12D3Us");
    EXPECT_EQ(state.at("listenedAddresses").as_array().size(), 1u);
    EXPECT_EQ(state.at("externalAddresses").at(0), "/ip4/80.1.2.3/tcp/30333/p2p/12D3Us");
    EXPECT_EQ(state.at("peerset").at("reservedNodes").at(0), "12D3Friend");
    const auto& far = state.at("connectedPeers").at("12D3Far");
    EXPECT_EQ(far.at("endpoint").at("dialing").at(0), "/ip4/80.9.9.9/tcp/30333");
    EXPECT_EQ(far.at("versionString"), "a \"node\" (name)");
    EXPECT_EQ(far.at("latestPingTime").at("secs"), 1);
    EXPECT_EQ(far.at("latestPingTime").at("nanos"), 20'000'003);
    EXPECT_EQ(far.at("knownAddresses").at(0), "/ip4/80.9.9.9/tcp/30333");
    const auto& near = state.at("connectedPeers").at("12D3Near");
    const auto& listening = near.at("endpoint").at("listening");
    EXPECT_EQ(listening.at("local_addr"), "/ip4/10.0.0.1/tcp/30333/p2p/12D3Us");
    EXPECT_EQ(listening.at("send_back_addr"), "/ip4/10.0.0.2/tcp/51000");
    EXPECT_TRUE(near.at("versionString").is_null());
    EXPECT_TRUE(near.at("latestPingTime").is_null());
}

TEST(NetworkState, of_a_node_alone_is_empty_lists) {
    const auto state = boost::json::parse(network_state_json({}));
    EXPECT_TRUE(state.at("connectedPeers").as_object().empty());
    EXPECT_TRUE(state.at("notConnectedPeers").as_object().empty());
    EXPECT_TRUE(state.at("externalAddresses").as_array().empty());
}

}  // namespace
}  // namespace stipple::rpc
