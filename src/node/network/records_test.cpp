// Authority records through the hash table: put by one node, judged by the core of the others,
// found by all.
#include "node/network/board_world.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;
using testing::World;
namespace discovery = network::discovery;

const discovery::RecordKey kKey = discovery::RecordKey::copy(Bytes(32, 3));

TEST(AuthorityRecords, travel_through_the_hash_table) {
    World world;
    for (int i = 0; i < 6; ++i) {
        world.join();
    }
    world.pass(20s);
    World::Board& publisher = world.boards[1];
    world.perform(publisher, discovery::PutRecord{kKey, to_bytes("signed")});
    world.pass(5s);
    const auto puts = publisher.all<DhtPutDone>();
    ASSERT_EQ(puts.size(), 1U);
    EXPECT_TRUE(puts[0].stored);
    std::size_t offered = 0;
    for (World::Board& board : world.boards) {
        for (const auto& offer : board.all<DhtPutRequested>()) {
            EXPECT_EQ(offer.key, kKey);
            EXPECT_EQ(offer.publisher, publisher.peer());
            ++offered;
            // Not served before the core has found it good.
            world.perform(board, discovery::StoreRecord{kKey, offer.value, offer.publisher});
        }
    }
    EXPECT_EQ(offered, 5U);
    World::Board& asker = world.join();  // came after it was put, holds nothing
    world.pass(10s);
    world.perform(asker, discovery::GetRecord{kKey});
    world.pass(5s);
    const auto found = asker.all<DhtValueFound>();
    ASSERT_FALSE(found.empty());
    for (const auto& each : found) {
        EXPECT_EQ(each.value, to_bytes("signed"));
        EXPECT_TRUE(each.holder.has_value());
    }
    const auto done = asker.all<DhtLookupDone>();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_TRUE(done[0].found);
}

TEST(AuthorityRecords, of_nobody_are_looked_for_and_not_found) {
    World world;
    world.join();
    world.join();
    world.pass(5s);
    world.perform(world.boards[0], discovery::GetRecord{kKey});
    world.pass(5s);
    EXPECT_TRUE(world.boards[0].all<DhtValueFound>().empty());
    const auto done = world.boards[0].all<DhtLookupDone>();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_FALSE(done[0].found);
}

TEST(AuthorityRecords, end_every_question_without_a_hash_table) {
    World world;
    SwitchboardConfig config;
    config.discovery = false;
    world.join(config);
    world.perform(world.boards[0], discovery::GetRecord{kKey});
    world.perform(world.boards[0], discovery::PutRecord{kKey, {}});
    EXPECT_EQ(world.boards[0].all<DhtLookupDone>().size(), 1U);
    ASSERT_EQ(world.boards[0].all<DhtPutDone>().size(), 1U);
    EXPECT_FALSE(world.boards[0].all<DhtPutDone>()[0].stored);
}

TEST(AuthorityRecords, are_published_with_the_addresses_there_are) {
    World world;
    World::Board& board = world.join();
    const auto told = board.all<OwnAddressesChanged>();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told[0].listening, std::vector{board.address});
    EXPECT_TRUE(told[0].confirmed.empty());
    for (int i = 0; i < 3; ++i) {
        world.join();  // each tells the first where it sees it
    }
    world.pass(10s);
    EXPECT_EQ(board.all<OwnAddressesChanged>().back().confirmed, std::vector{board.address});
}

}  // namespace
}  // namespace stipple::node
