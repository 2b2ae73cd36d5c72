#include "libp2p/kademlia/routing_table.hpp"

#include "libp2p/kademlia/kademlia_network.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::kademlia {
namespace {

using testing::address_number;
using testing::peer_number;
using Added = RoutingTable::Added;

constexpr Instant kStart{std::chrono::hours(1)};

/// Peers of the farthest bucket of peer 0: half of all peers fall into it.
std::vector<PeerId> far_peers(std::size_t count) {
    std::vector<PeerId> peers;
    for (std::uint64_t i = 1; peers.size() < count; ++i) {
        const PeerId peer = peer_number(i);
        if (bucket_of(distance(key_of(peer_number(0)), key_of(peer))) == kBuckets - 1) {
            peers.push_back(peer);
        }
    }
    return peers;
}

/// A table whose farthest bucket is full of the first 20.
RoutingTable full_table(const std::vector<PeerId>& peers) {
    RoutingTable table(peer_number(0));
    for (std::size_t i = 0; i < kBucketSize; ++i) {
        EXPECT_EQ(table.add(kStart, peers[i], {}, false).added, Added::inserted);
    }
    return table;
}

TEST(KademliaKey, distances_fall_into_the_bucket_of_their_highest_bit) {
    Distance one;
    EXPECT_EQ(bucket_of(one), std::nullopt);
    one.bytes[31] = 1;
    EXPECT_EQ(bucket_of(one), 0U);
    one.bytes[31] = 0xff;
    EXPECT_EQ(bucket_of(one), 7U);
    one.bytes[30] = 1;
    EXPECT_EQ(bucket_of(one), 8U);
    one.bytes[0] = 0x80;
    EXPECT_EQ(bucket_of(one), 255U);
}

TEST(RoutingTable, holds_no_place_for_ourselves) {
    RoutingTable table(peer_number(0));
    EXPECT_EQ(table.add(kStart, peer_number(0), {}, false).added, Added::refused);
    EXPECT_EQ(table.size(), 0U);
}

TEST(RoutingTable, gives_the_closest_in_order) {
    RoutingTable table(peer_number(0));
    for (std::uint64_t i = 1; i < 100; ++i) {
        table.add(kStart, peer_number(i), {}, false);
    }
    const Key target = key_of(to_bytes("target"));
    const auto closest = table.closest(target, 10);
    ASSERT_EQ(closest.size(), 10U);
    for (std::size_t i = 1; i < closest.size(); ++i) {
        EXPECT_LT(distance(target, closest[i - 1]->key), distance(target, closest[i]->key));
    }
    EXPECT_EQ(table.closest(target, 1000).size(), table.size());
}

TEST(RoutingTable, a_newcomer_waits_for_the_quietest_contact) {
    const auto peers = far_peers(kBucketSize + 2);
    RoutingTable table = full_table(peers);
    const auto outcome = table.add(kStart, peers[20], {}, false);
    EXPECT_EQ(outcome.added, Added::pending);
    EXPECT_EQ(outcome.challenged, peers[0]);
    // The next newcomer takes over the place and its time, and challenges nobody else.
    const Instant later = kStart + kPendingTime / 2;
    EXPECT_EQ(table.add(later, peers[21], {}, false).challenged, std::nullopt);
    EXPECT_EQ(table.settle_at(), kStart + kPendingTime);
    EXPECT_TRUE(table.settle(later).empty());
    EXPECT_EQ(table.settle(kStart + kPendingTime), std::vector{peers[21]});
    EXPECT_EQ(table.find(peers[0]), nullptr);
    EXPECT_EQ(table.find(peers[20]), nullptr);
    EXPECT_NE(table.find(peers[21]), nullptr);
    EXPECT_EQ(table.settle_at(), std::nullopt);
}

TEST(RoutingTable, a_challenged_contact_that_is_heard_from_stays) {
    const auto peers = far_peers(kBucketSize + 1);
    RoutingTable table = full_table(peers);
    table.add(kStart, peers[20], {}, false);
    table.add(kStart + std::chrono::seconds(1), peers[0], {}, false);
    EXPECT_TRUE(table.settle(kStart + kPendingTime).empty());
    EXPECT_NE(table.find(peers[0]), nullptr);
    EXPECT_EQ(table.find(peers[20]), nullptr);
}

TEST(RoutingTable, a_challenged_contact_that_connects_stays) {
    const auto peers = far_peers(kBucketSize + 1);
    RoutingTable table = full_table(peers);
    table.add(kStart, peers[20], {}, false);
    table.on_connected(peers[0]);
    EXPECT_TRUE(table.settle(kStart + kPendingTime).empty());
    EXPECT_NE(table.find(peers[0]), nullptr);
}

TEST(RoutingTable, connected_contacts_never_give_way) {
    const auto peers = far_peers(kBucketSize + 1);
    RoutingTable table = full_table(peers);
    for (std::size_t i = 0; i < kBucketSize; ++i) {
        table.on_connected(peers[i]);
    }
    EXPECT_EQ(table.add(kStart, peers[20], {}, true).added, Added::refused);
    table.on_disconnected(peers[5]);
    EXPECT_EQ(table.add(kStart, peers[20], {}, true).challenged, peers[5]);
}

TEST(RoutingTable, a_failed_contact_gives_way_at_once) {
    const auto peers = far_peers(kBucketSize + 2);
    RoutingTable table = full_table(peers);
    table.on_failure(kStart, peers[7]);
    EXPECT_EQ(table.add(kStart, peers[20], {}, false).added, Added::inserted);
    EXPECT_EQ(table.find(peers[7]), nullptr);
    EXPECT_EQ(table.add(kStart, peers[21], {}, false).added, Added::pending);
    table.on_failure(kStart, peers[8]);
    EXPECT_NE(table.find(peers[21]), nullptr);
    EXPECT_EQ(table.find(peers[8]), nullptr);
}

TEST(RoutingTable, contacts_that_fail_in_a_row_are_dropped) {
    const auto peers = far_peers(2);
    RoutingTable table(peer_number(0));
    table.add(kStart, peers[0], {}, false);
    for (unsigned i = 0; i + 1 < kFailuresMax; ++i) {
        table.on_failure(kStart, peers[0]);
    }
    table.add(kStart, peers[0], {}, false);  // heard from: counting starts anew
    for (unsigned i = 0; i + 1 < kFailuresMax; ++i) {
        table.on_failure(kStart, peers[0]);
    }
    EXPECT_EQ(table.size(), 1U);
    table.on_failure(kStart, peers[0]);
    EXPECT_EQ(table.size(), 0U);
    table.on_failure(kStart, peers[1]);
    table.remove(kStart, peers[1]);
}

TEST(RoutingTable, keeps_the_newest_addresses_of_a_contact) {
    RoutingTable table(peer_number(0));
    for (std::uint64_t i = 0; i < 100; ++i) {
        table.add(kStart, peer_number(1), std::vector{address_number(i)}, false);
    }
    const Contact* contact = table.find(peer_number(1));
    ASSERT_EQ(contact->addresses.size(), kAddressesPerContactMax);
    EXPECT_EQ(contact->addresses[0], address_number(99));
    table.add(kStart, peer_number(1), std::vector{address_number(97), address_number(99)}, false);
    EXPECT_EQ(contact->addresses[0], address_number(97));
    EXPECT_EQ(contact->addresses[1], address_number(99));
    EXPECT_EQ(contact->addresses.size(), kAddressesPerContactMax);
}

TEST(RoutingTable, is_bounded_whoever_comes) {
    RoutingTable table(peer_number(0));
    for (std::uint64_t i = 1; i < 5000; ++i) {
        table.add(kStart, peer_number(i), {}, i % 3 == 0);
    }
    EXPECT_LE(table.size(), 13 * kBucketSize);  // 5000 peers reach some 12 buckets
    EXPECT_GE(table.size(), 6 * kBucketSize);
}

}  // namespace
}  // namespace stipple::libp2p::kademlia
