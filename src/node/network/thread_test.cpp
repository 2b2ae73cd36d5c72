#include "node/network/thread.hpp"

#include "node/network/board_world.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <random>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;

/// Counts who joined.
struct Joined {
    void operator()(const NetworkEvent& event) {
        if (std::holds_alternative<PeerJoined>(event)) {
            const std::lock_guard lock(mutex);
            ++count;
            changed.notify_all();
        }
    }
    bool wait() {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 20s, [&] { return count > 0; });
    }
    std::mutex mutex;
    std::condition_variable changed;
    int count = 0;
};

NetworkThreadConfig node(std::uint8_t number, std::uint16_t mdns_port) {
    NetworkThreadConfig config;
    config.board.names = testing::kNames;
    config.board.local_addresses = true;
    config.listen = {Multiaddr::tcp(*libp2p::IpAddress::parse("127.0.0.1"), 0)};
    config.identity = crypto::Ed25519Keypair::from_seed(testing::secret_of(number));
    config.seed = Seed{number};
    config.mdns = mdns_port != 0;
    config.mdns_port = mdns_port;
    return config;
}

TEST(NetworkThread, finds_a_peer_of_the_local_network_that_nobody_named) {
    // A port of this run alone: nodes elsewhere on the machine are none of its business.
    std::random_device random;
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 10'000);
    Joined first;
    Joined second;
    auto one = NetworkThread::start(node(1, port), [&](NetworkEvent event) { first(event); });
    auto two = NetworkThread::start(node(2, port), [&](NetworkEvent event) { second(event); });
    ASSERT_TRUE(one.has_value());
    ASSERT_TRUE(two.has_value());
    EXPECT_TRUE(first.wait());
    EXPECT_TRUE(second.wait());
}

TEST(NetworkThread, hears_of_nobody_without_local_discovery) {
    Joined first;
    auto one = NetworkThread::start(node(1, 0), [&](NetworkEvent event) { first(event); });
    auto two = NetworkThread::start(node(2, 0), [&](NetworkEvent) {});
    ASSERT_TRUE(one.has_value());
    ASSERT_TRUE(two.has_value());
    std::this_thread::sleep_for(1500ms);
    EXPECT_EQ(first.count, 0);
}

}  // namespace
}  // namespace stipple::node
