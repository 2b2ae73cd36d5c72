#include "network/sync/sync_world.hpp"

#include <gtest/gtest.h>

namespace stipple::network::sync {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Character;
using testing::kHostile;
using testing::World;

void expect_at_head(const World& world) {
    EXPECT_EQ(world.best.number, world.honest.best().number);
    EXPECT_EQ(world.best, world.honest.best());
    EXPECT_EQ(world.dropped(Character::honest), 0U);
}

TEST(Sync, downloads_a_long_chain_from_many_peers_at_once) {
    World world(1);
    world.grow(world.honest, 3000);
    for (int i = 0; i < 5; ++i) {
        world.connect(Character::honest, world.honest);
    }
    EXPECT_TRUE(world.sync->is_major_syncing());
    EXPECT_EQ(world.sync->status().target, 3000U);
    world.run_for(seconds(30));
    expect_at_head(world);
    EXPECT_FALSE(world.sync->is_major_syncing());
    EXPECT_EQ(world.sync->status().state, SyncState::idle);
    EXPECT_EQ(world.sync->open_work(), 0U);
    EXPECT_LT(world.requests, 80U);  // 47 windows and the fetch of a head or two
}

TEST(Sync, is_major_while_the_median_of_its_peers_is_far_ahead) {
    Prng prng(Seed{9});
    const auto block = [&](BlockNumber number) {
        return BlockRef{BlockHash::copy(prng.bytes(32)), number};
    };
    std::size_t major = 0;
    for (int trial = 0; trial < 500; ++trial) {
        ChainStart start;
        start.best = block(100);
        start.finalized = block(90);
        Sync sync({}, start, prng.fork());
        Effects effects;
        std::vector<BlockNumber> numbers;
        for (std::uint64_t peer = prng.below(8); peer > 0; --peer) {
            numbers.push_back(static_cast<BlockNumber>(90 + prng.below(21)));
            sync.on_peer_connected(Instant{}, PeerKey(peer), Role::full, block(numbers.back()),
                                   effects);
        }
        std::ranges::sort(numbers);
        const BlockNumber median = numbers.empty() ? 100 : numbers[numbers.size() / 2];
        const bool far = median > 100 + kMajorSyncBlocks;
        EXPECT_EQ(sync.is_major_syncing(), far) << numbers.size() << " peers, median " << median;
        major += far ? 1 : 0;
    }
    EXPECT_GT(major, 50U);
    EXPECT_LT(major, 300U);
}

TEST(Sync, has_nothing_to_do_at_the_head_and_does_not_wake) {
    World world(2);
    world.grow(world.honest, 100);
    world.connect(Character::honest, world.honest);
    world.run_for(seconds(30));
    expect_at_head(world);
    const std::size_t before = world.wakes;
    world.run_for(minutes(60));
    EXPECT_LE(world.wakes, before + 1);
}

TEST(Sync, imports_an_announced_block_after_its_header_is_verified) {
    World world(3);
    const PeerKey peer = world.connect(Character::honest, world.honest);
    world.grow(world.honest, 1);
    world.announce(peer, world.blocks[world.honest.best().hash].header);
    world.run_for(seconds(2));
    expect_at_head(world);
    EXPECT_EQ(world.requests, 1U);
}

TEST(Sync, fetches_the_unknown_ancestors_of_an_announced_block) {
    World world(4);
    const PeerKey peer = world.connect(Character::honest, world.honest);
    world.grow(world.honest, 10);
    world.announce(peer, world.blocks[world.honest.best().hash].header);
    world.run_for(seconds(2));
    expect_at_head(world);
}

TEST(Sync, takes_an_announcement_from_far_ahead_as_the_peers_best) {
    World world(5);
    const PeerKey peer = world.connect(Character::honest, world.honest);
    world.grow(world.honest, 500);
    world.announce(peer, world.blocks[world.honest.best().hash].header);
    EXPECT_EQ(world.sync->best_of(peer), world.honest.best());
    EXPECT_TRUE(world.sync->is_major_syncing());
    world.run_for(seconds(20));
    expect_at_head(world);
}

TEST(Sync, drops_who_announces_a_bad_header_and_never_fetches_it) {
    World world(6);
    const PeerKey peer = world.connect(Character::honest, world.honest);
    auto& bad = world.fork(0, 1, 9, true);
    world.announce(peer, world.blocks[bad.best().hash].header);
    world.run_for(seconds(1));
    EXPECT_EQ(world.reports, (std::vector{ReportPeer{peer, Conduct::bad_header, true}}));
    EXPECT_EQ(world.requests, 0U);
    const PeerKey second = world.connect(Character::honest, world.honest);
    world.announce(second, world.blocks[bad.best().hash].header);
    EXPECT_EQ(world.reports.back(), (ReportPeer{second, Conduct::bad_block, true}));
}

TEST(Sync, imports_both_blocks_of_an_equivocating_author) {
    World world(7);
    const PeerKey peer = world.connect(Character::honest, world.honest);
    auto& other = world.fork(0, 1, 5);
    world.grow(world.honest, 1);
    world.announce(peer, world.blocks[world.honest.best().hash].header);
    world.announce(peer, world.blocks[other.best().hash].header, false);
    world.run_for(seconds(2));
    EXPECT_TRUE(world.imported.contains(world.honest.best().hash));
    EXPECT_TRUE(world.imported.contains(other.best().hash));
}

TEST(Sync, follows_a_longer_fork_from_its_ancestor_far_back) {
    World world(8);
    auto& fork = world.fork(0, 300, 3);
    const PeerKey first = world.connect(Character::honest, fork);
    world.run_for(seconds(20));
    EXPECT_EQ(world.best, fork.best());
    world.disconnect(first);
    world.grow(world.honest, 10);
    // The honest chain shares 200 blocks with what we have, and goes on from there.
    World::Chain longer;
    longer.blocks.assign(fork.blocks.begin(), fork.blocks.begin() + 201);
    world.grow(longer, 300, 4);
    world.connect(Character::honest, longer);
    const std::size_t before = world.requests;
    world.run_for(seconds(20));
    EXPECT_EQ(world.best, longer.best());
    EXPECT_LT(world.requests - before, 30U);  // a search of some 14 questions, 5 windows
}

TEST(Sync, asks_for_the_justification_of_a_block_that_changes_authorities) {
    World world(9);
    world.set_change_period = 100;
    world.peers_give_justifications_with_blocks = false;
    world.grow(world.honest, 350);
    world.connect(Character::honest, world.honest);
    world.connect(Character::honest, world.honest);
    world.run_for(minutes(2));
    expect_at_head(world);
    EXPECT_EQ(world.finalized.number, 300U);
}

TEST(Sync, recovers_from_failures_of_its_own) {
    World world(10);
    world.environment_failure_every = 4;
    world.grow(world.honest, 600);
    world.connect(Character::honest, world.honest);
    world.connect(Character::honest, world.honest);
    world.run_for(minutes(10));
    expect_at_head(world);
}

TEST(Sync, restarts_from_what_the_chain_has) {
    World world(11);
    world.grow(world.honest, 200);
    world.connect(Character::honest, world.honest);
    world.run_for(seconds(10));
    ChainStart start;
    start.genesis = world.honest.blocks[0];
    start.finalized = {world.honest.blocks[150], 150};
    start.best = world.honest.best();
    for (BlockNumber number = 151; number <= 200; ++number) {
        start.unfinalized.push_back(
            {{world.honest.blocks[number], number}, world.honest.blocks[number - 1]});
    }
    world.finalized = start.finalized;
    world.events.clear();
    world.peers.clear();
    world.sync = std::make_unique<Sync>(SyncConfig{.mode = SyncMode::warp}, start, Seed{1});
    world.grow(world.honest, 400);
    world.connect(Character::honest, world.honest);
    world.run_for(seconds(20));
    expect_at_head(world);
}

TEST(Sync, fetches_a_block_that_others_speak_of) {
    World world(12);
    auto& fork = world.fork(0, 3, 6);
    world.grow(world.honest, 5);
    const PeerKey peer = world.connect(Character::honest, world.honest);
    world.run_for(seconds(5));
    world.feed([&](Effects& effects) {
        world.sync->request_block(world.now, fork.best(), {peer}, effects);
    });
    world.run_for(seconds(5));
    EXPECT_TRUE(world.imported.contains(fork.best().hash));
}

TEST(Sync, overtakes_a_peer_that_announces_and_does_not_deliver) {
    World world(13);
    const PeerKey slow = world.connect(Character::silent, world.honest);
    const PeerKey good = world.connect(Character::honest, world.honest);
    world.grow(world.honest, 1);
    const Header header = world.blocks[world.honest.best().hash].header;
    world.announce(slow, header);
    world.run_for(milliseconds(500));
    world.announce(good, header);
    world.run_for(seconds(3));
    expect_at_head(world);
}

class SyncAmongLiars : public ::testing::TestWithParam<int> {};

/// Every character on its own beside two honest peers.
TEST_P(SyncAmongLiars, reaches_the_honest_head) {
    for (const Character character : kHostile) {
        World world(static_cast<std::uint64_t>(GetParam()) * 100 +
                    static_cast<std::uint64_t>(character));
        world.set_change_period = 64;
        world.grow(world.honest, 700);
        auto& fork = world.fork(400, 100, 8);
        for (int i = 0; i < 3; ++i) {
            world.connect(character, character == Character::on_fork ? fork : world.honest);
        }
        world.connect(Character::honest, world.honest);
        world.connect(Character::honest, world.honest);
        world.run_for(minutes(5));
        SCOPED_TRACE(static_cast<int>(character));
        expect_at_head(world);
    }
}

/// All together, many more than the honest ones, while the chain grows and peers come and go.
TEST_P(SyncAmongLiars, follows_the_honest_chain_through_a_crowd) {
    const auto seed = static_cast<std::uint64_t>(GetParam());
    World world(seed);
    Prng prng(Seed{seed});
    world.set_change_period = 50;
    world.grow(world.honest, 300 + prng.below(400));
    auto& fork = world.fork(200, 60, 8);
    auto& bad = world.fork(250, 500, 9, true);
    for (const Character character : kHostile) {
        const auto count = prng.below(4);
        for (std::uint64_t i = 0; i < count; ++i) {
            world.connect(character, character == Character::on_fork ? fork
                                     : prng.chance(1, 5)             ? bad
                                                                     : world.honest);
        }
    }
    for (int i = 0; i < 3; ++i) {
        world.connect(Character::honest, world.honest);
    }
    for (int round = 0; round < 60; ++round) {
        world.run_for(seconds(1 + prng.below(10)));
        world.grow(world.honest, prng.below(3));
        world.announce_heads();
        if (prng.chance(1, 4)) {
            world.connect(kHostile[prng.below(std::size(kHostile))], world.honest);
        }
    }
    world.run_for(minutes(3));
    world.announce_heads();
    world.run_for(minutes(2));
    expect_at_head(world);
    EXPECT_LE(world.work_max, kLineBlocksMax + 2 * kQueueBlocksMax);
    EXPECT_LT(world.effects_max, 200U);
}

TEST_P(SyncAmongLiars, keeps_nothing_when_everybody_has_left) {
    const auto seed = static_cast<std::uint64_t>(GetParam());
    World world(seed + 1000);
    world.grow(world.honest, 400);
    for (const Character character : kHostile) {
        world.connect(character, world.honest);
    }
    world.connect(Character::honest, world.honest);
    world.run_for(milliseconds(100 * GetParam()));
    for (const auto& [key, peer] : world.peers) {
        if (peer.connected) {
            world.disconnect(key);
        }
    }
    world.run_for(minutes(1));
    EXPECT_EQ(world.sync->peer_count(), 0U);
    EXPECT_EQ(world.sync->open_work(), 0U);
    EXPECT_FALSE(world.sync->wake_at().has_value());
}

TEST_P(SyncAmongLiars, warps_to_the_newest_proved_block_and_fills_history) {
    const auto seed = static_cast<std::uint64_t>(GetParam());
    World world(seed + 2000, {.mode = SyncMode::warp});
    world.grow(world.honest, 500);
    world.connect(Character::wrong_bodies, world.honest);
    world.connect(Character::empty_handed, world.honest);
    world.connect(Character::garbage, world.honest);
    world.connect(Character::silent, world.honest);
    world.connect(Character::pruned, world.honest);
    for (int i = 0; i < 3; ++i) {
        world.connect(Character::honest, world.honest);
    }
    world.run_for(minutes(10));
    expect_at_head(world);
    EXPECT_EQ(world.history_stored_down_to, 1U);
    EXPECT_FALSE(world.sync->status().history_remaining.has_value());
    EXPECT_FALSE(world.imported.contains(world.honest.blocks[100]));  // never executed
}
INSTANTIATE_TEST_SUITE_P(Seeds, SyncAmongLiars, ::testing::Range(1, 21));

TEST(SyncWarp, waits_for_enough_peers_but_not_forever) {
    World world(20, {.mode = SyncMode::warp});
    world.grow(world.honest, 200);
    EXPECT_EQ(world.sync->status().state, SyncState::waiting_for_peers);
    world.connect(Character::honest, world.honest);
    world.run_for(seconds(59));
    EXPECT_EQ(world.requests, 0U);
    world.run_for(seconds(20));
    expect_at_head(world);
}

TEST(SyncWarp, follows_in_full_when_nothing_is_final_yet) {
    World world(21, {.mode = SyncMode::warp});
    world.grow(world.honest, 20);  // fewer than a fragment needs
    for (int i = 0; i < 3; ++i) {
        world.connect(Character::honest, world.honest);
    }
    world.run_for(minutes(5));
    expect_at_head(world);
    EXPECT_TRUE(world.imported.contains(world.honest.blocks[1]));
}

/// The state of block 150 was being downloaded when the process ended.
SyncConfig resumed(const World& world, std::vector<Bytes> start, bool is_complete) {
    SyncConfig config{.mode = SyncMode::warp};
    config.resume = StateResume{.target = {world.honest.blocks[150], 150},
                                .is_warp = true,
                                .start = std::move(start),
                                .bytes = 1000,
                                .is_complete = is_complete};
    return config;
}

TEST(SyncWarp, goes_on_with_the_state_of_before_at_the_place_it_was_at) {
    World world(23, {.mode = SyncMode::warp});
    world.grow(world.honest, 200);
    world.restart(resumed(world, {{3}}, false));
    EXPECT_EQ(world.sync->status().state, SyncState::state_target);
    world.connect(Character::honest, world.honest);  // one is enough: nothing is to be proved
    world.run_for(minutes(2));
    expect_at_head(world);
    EXPECT_EQ(world.states_stored, world.state_chunks - 3);
    EXPECT_EQ(world.history_stored_down_to, 1U);
}

TEST(SyncWarp, asks_others_for_a_body_that_fits_when_the_state_is_complete) {
    World world(24, {.mode = SyncMode::warp});
    world.grow(world.honest, 200);
    world.restart(resumed(world, {}, true));
    world.connect(Character::wrong_bodies, world.honest);
    world.run_for(seconds(20));
    EXPECT_EQ(world.dropped(Character::wrong_bodies), 1U);
    EXPECT_TRUE(world.sync->takes_state());
    world.connect(Character::honest, world.honest);
    world.run_for(minutes(2));
    expect_at_head(world);
    EXPECT_EQ(world.states_stored, 0U);
}

TEST(SyncWarp, seeks_another_state_when_nobody_has_the_one_of_before) {
    World world(25, {.mode = SyncMode::warp});
    world.grow(world.honest, 200);
    SyncConfig config = resumed(world, {{3}}, false);
    config.resume->target = {BlockHash::copy(Bytes(32, 9)), 150};
    world.restart(config);
    for (int i = 0; i < 4; ++i) {
        world.connect(Character::honest, world.honest);
    }
    world.run_for(minutes(5));
    expect_at_head(world);
    EXPECT_EQ(world.states_dropped, 1U);
    EXPECT_EQ(world.states_stored, world.state_chunks);
}

TEST(SyncFast, follows_a_chain_in_full_that_is_new_for_everybody) {
    World world(26, {.mode = SyncMode::fast});
    EXPECT_TRUE(world.sync->takes_state());
    world.connect(Character::honest, world.honest);
    world.run_for(seconds(1));
    EXPECT_FALSE(world.sync->takes_state());
}

TEST(SyncFast, takes_the_state_of_a_finalised_block_and_then_executes) {
    World world(22, {.mode = SyncMode::fast});
    world.set_change_period = 50;
    world.grow(world.honest, 302);
    for (int i = 0; i < 3; ++i) {
        world.connect(Character::honest, world.honest);
    }
    world.run_for(minutes(5));
    EXPECT_EQ(world.sync->status().state, SyncState::idle);
    expect_at_head(world);
    EXPECT_EQ(world.sync->status().state_bytes, 0U);
}

/// Votes do not wait for a state that takes long to arrive.
TEST(SyncFast, chooses_again_when_finality_overtakes_its_choice_and_holds_it_afterwards) {
    for (const Duration pause : {Duration(0), Duration(std::chrono::milliseconds(40))}) {
        World world(27, {.mode = SyncMode::fast});
        world.set_change_period = 50;
        world.grow(world.honest, 302);
        for (int i = 0; i < 3; ++i) {
            world.connect(Character::honest, world.honest);
        }
        const auto seeks_state = [&] {
            return world.sync->status().state == SyncState::state_target;
        };
        for (int step = 0; !seeks_state() && step < 100'000; ++step) {
            world.run_for(std::chrono::milliseconds(1));
        }
        ASSERT_TRUE(seeks_state());
        world.run_for(pause);
        const BlockRef before = world.finalized;
        ASSERT_LT(before.number, world.best.number);
        world.feed([&](Effects& effects) { world.finalize(world.best, effects); });
        EXPECT_EQ(world.finalized == before, pause > Duration(0))
            << "held once the choice is known";
        world.run_for(minutes(5));
        expect_at_head(world);
        EXPECT_FALSE(world.began_below_finality);
    }
}

}  // namespace
}  // namespace stipple::network::sync
