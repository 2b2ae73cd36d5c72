// Voters that end and come back, alone and among others.
#include "consensus/grandpa/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::grandpa {
namespace {

using testing::block;
using testing::voter_id;
using testing::voter_list;
using testing::World;
using namespace std::chrono_literals;

/// No key has signed two votes for one phase of a round; the world's journals refuse it, so this is
/// about the journals being asked.
void expect_no_double_votes(const World& world) {
    std::map<std::tuple<AuthorityId, VoteKind, AuthoritySetId, RoundNumber>, BlockHash> seen;
    for (const auto& node : world.nodes) {
        for (const SignVote& vote : node.signed_votes) {
            const auto [at, fresh] = seen.try_emplace(
                std::tuple(vote.key, vote.vote.kind, vote.set, vote.round), vote.vote.target.hash);
            EXPECT_EQ(at->second, vote.vote.target.hash);
        }
    }
}

TEST(GrandpaVoterRestart, alone_goes_on_wherever_in_a_round_it_ended) {
    // A round takes four seconds: ended before the prevote, between the votes, after the precommit.
    for (const auto end : {1s, 3s, 5s, 6s, 7s}) {
        World world(1);
        world.start();
        world.grow(1, 10);
        world.run_for(20s + end);
        world.kill(0);
        world.grow_on(0, 11, 20);  // what the database has may be more than the voter saw
        world.restart(0);
        world.run_for(60s);
        ASSERT_FALSE(world.nodes[0].finalized.empty());
        EXPECT_EQ(world.nodes[0].finalized.back(), block(18)) << end.count();
        expect_no_double_votes(world);
    }
}

TEST(GrandpaVoterRestart, casts_again_the_vote_it_had_signed) {
    World world(1);
    world.start();
    world.grow(1, 10);
    world.run_for(3s);  // prevoted for 8
    ASSERT_EQ(world.nodes[0].signed_votes.size(), 1u);
    world.kill(0);
    world.grow_on(0, 11, 30);
    world.restart(0);
    world.run_for(3s);
    EXPECT_EQ(world.nodes[0].refused, 1u);  // it would have voted for more now
    ASSERT_EQ(world.nodes[0].signed_votes.size(), 2u);
    EXPECT_EQ(world.nodes[0].signed_votes[1].vote.target, block(8));
    world.run_for(60s);
    EXPECT_EQ(world.nodes[0].finalized.back(), block(28));
}

/// The only voter prevotes for block 8 and ends; its database is left with another fork only.
void vote_and_lose_the_block(World& world) {
    world.start();
    world.grow(1, 10);
    world.run_for(3s);
    world.kill(0);
    world.nodes[0].blocks.clear();
    world.grow_on(0, 1, 10, 1);
}

TEST(GrandpaVoterRestart, asks_for_the_block_it_voted_for_where_a_crash_took_it) {
    World world(1);
    vote_and_lose_the_block(world);
    world.restart(0);
    world.run_for(60s);
    ASSERT_EQ(world.nodes[0].signed_votes.size(), 2u);
    EXPECT_EQ(world.nodes[0].signed_votes[1].vote.target, block(8));
    EXPECT_TRUE(world.nodes[0].finalized.empty());
    ASSERT_FALSE(world.nodes[0].wanted.empty());
    EXPECT_EQ(world.nodes[0].wanted[0].block, block(8));
    world.grow_on(0, 1, 10);
    world.run_for(60s);
    ASSERT_FALSE(world.nodes[0].finalized.empty());
    EXPECT_EQ(world.nodes[0].finalized.front(), block(8));
    expect_no_double_votes(world);
}

TEST(GrandpaVoterRestart, stays_silent_where_nothing_is_known_of_the_block_but_its_hash) {
    World world(1);
    vote_and_lose_the_block(world);
    for (auto& [lane, entry] : world.nodes[0].journal) {
        entry.second.number = 0;  // a record of an older version
    }
    world.restart(0);
    world.run_for(60s);
    EXPECT_EQ(world.nodes[0].signed_votes.size(), 1u);
    EXPECT_TRUE(world.nodes[0].finalized.empty());
}

TEST(GrandpaVoterRestart, all_may_end_at_once_and_go_on) {
    for (const auto end : {1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s}) {
        World world(4);
        world.start();
        world.grow(1, 10);
        world.run_for(20s + end);
        for (std::size_t i = 0; i < 4; ++i) {
            world.kill(i);
            world.grow_on(i, 11, 20);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            world.restart(i);
            world.run_for(1s);
        }
        world.run_for(60s);
        for (const auto& node : world.nodes) {
            ASSERT_FALSE(node.finalized.empty());
            EXPECT_EQ(node.finalized.back(), block(18)) << end.count();
        }
        expect_no_double_votes(world);
    }
}

TEST(GrandpaVoterRestart, helps_others_to_catch_up_from_what_it_has_stored) {
    // A follower that was away for some rounds meets the only voter, which has just restarted.
    World world(1, 1);
    world.start();
    world.grow(1, 10);
    world.run_for(10s);
    world.kill(1);
    world.grow(11, 40);
    world.run_for(40s);
    const RoundNumber ahead = world.nodes[0].voter->round().number();
    ASSERT_GT(ahead, world.nodes[1].voter->round().number() + kCatchUpThresholdRounds);
    world.restart(0);
    world.restart(1);
    EXPECT_EQ(world.nodes[1].voter->round().number(), ahead);
    EXPECT_TRUE(world.nodes[1].faults.empty());
}

TEST(GrandpaVoterRestart, gives_a_peer_the_votes_of_the_round_before_it_ended) {
    // A follower one round behind needs those votes: no commit tells of rounds, no catch-up is due.
    World world(1, 1);
    world.start();
    world.grow(1, 10);
    world.run_for(10s);
    world.kill(1);
    const RoundNumber left_at = world.nodes[1].voter->round().number();
    while (world.nodes[0].voter->round().number() < left_at + 1) {
        world.run_for(1s);
    }
    world.restart(0);
    world.restart(1);
    EXPECT_EQ(world.nodes[1].voter->round().number(), world.nodes[0].voter->round().number());
}

TEST(GrandpaVoterRestart, recovers_when_half_of_the_voters_vanish_and_return) {
    World world(8);
    world.start();
    world.grow(1, 10);
    world.run_for(20s);
    for (std::size_t i = 4; i < 8; ++i) {
        world.kill(i);
    }
    world.grow(11, 30);
    world.run_for(300s);
    EXPECT_LE(world.nodes[0].finalized.back().number, 10u);
    for (std::size_t i = 4; i < 8; ++i) {
        world.restart(i);
    }
    world.run_for(30s);
    for (const auto& node : world.nodes) {
        EXPECT_EQ(node.finalized.back(), block(28));
    }
    expect_no_double_votes(world);
}

TEST(GrandpaVoterRestart, tells_of_votes_by_its_keys_that_peers_bring) {
    // Node 4 is a copy of voter 3: it has the key, and for now keeps silent.
    World world(4, 1);
    world.nodes[4].config.keys = {voter_id(3)};
    world.nodes[4].voter->set_keys({voter_id(3)});
    world.nodes[4].voter->set_silent(true);
    world.start();
    world.grow(1, 10);
    world.run_for(10s);
    EXPECT_TRUE(world.nodes[4].signed_votes.empty());
    EXPECT_EQ(world.nodes[4].finalized.back(), block(8)) << "it follows like an observer";
    ASSERT_FALSE(world.nodes[4].own_seen.empty());
    EXPECT_EQ(world.nodes[4].own_seen[0].id, voter_id(3));
    for (const VoteClaim& seen : world.nodes[3].own_seen) {
        const auto& own = world.nodes[3].signed_votes;
        EXPECT_TRUE(std::any_of(own.begin(), own.end(), [&](const SignVote& vote) {
            return vote.round == seen.round && vote.vote == seen.vote;
        })) << "what comes back to the real one is its own";
    }
    world.nodes[3].online = false;
    world.nodes[4].voter->set_silent(false);
    world.grow(11, 20);
    world.run_for(30s);
    EXPECT_FALSE(world.nodes[4].signed_votes.empty());
}

TEST(GrandpaVoterRestart, a_damaged_row_stops_the_start) {
    World world(1);
    MemoryStore store;
    WriteBatch rows;
    rows.put(Column::consensus, to_bytes(std::string_view("grandpa/votes")), Bytes{1, 2, 3});
    ASSERT_TRUE(store.commit(rows, Durability::buffered));
    VoterEffects effects;
    EXPECT_FALSE(world.nodes[0].voter->start(world.now, store, effects).has_value());
}

TEST(GrandpaVoterRestart, reads_the_round_an_older_version_stored) {
    World world(1);
    world.start();
    world.grow(1, 10);
    world.run_for(20s);
    WriteBatch rows;
    rows.erase(Column::consensus, to_bytes(std::string_view("grandpa/votes")));
    ASSERT_TRUE(world.nodes[0].store.commit(rows, Durability::buffered));
    const RoundNumber round = world.nodes[0].voter->round().number();
    world.restart(0);
    EXPECT_EQ(world.nodes[0].voter->round().number(), round);
}

}  // namespace
}  // namespace stipple::grandpa
