// Voters through changes of the authority set, and the commits that tell of them.
#include "consensus/grandpa/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::grandpa {
namespace {

using testing::block;
using testing::voter_id;
using testing::voter_list;
using testing::World;
using namespace std::chrono_literals;

TEST(GrandpaVoterSets, go_from_set_to_set_while_the_chain_grows) {
    World world(4);
    world.change_set_at(12, voter_list(3));
    world.change_set_at(25, voter_list(4));
    world.start();
    for (BlockNumber n = 1; n <= 40; ++n) {
        world.grow(n, n);
        world.run_for(6s);
    }
    world.run_for(30s);
    for (const auto& node : world.nodes) {
        ASSERT_FALSE(node.finalized.empty());
        EXPECT_EQ(node.set, AuthoritySetId(2));
        EXPECT_EQ(node.finalized.back(), block(38));
        // Each set ends exactly with its last block, which the outgoing voters have finalised.
        for (const BlockNumber last : {12u, 25u}) {
            const auto proof =
                std::find_if(node.proofs.begin(), node.proofs.end(),
                             [&](const Finalize& each) { return each.block.number == last; });
            ASSERT_NE(proof, node.proofs.end());
            EXPECT_EQ(proof->set, AuthoritySetId(last == 12 ? 0 : 1));
        }
    }
}

TEST(GrandpaVoterSets, a_delayed_change_holds_votes_back_until_its_block_is_final) {
    World world(4);
    world.change_set_at(20, voter_list(4));
    world.nodes[3].online = world.nodes[2].online = false;
    world.start();
    world.grow(1, 60);  // the change was due long ago, but nothing is final
    world.nodes[3].online = world.nodes[2].online = true;
    world.run_for(300s);
    for (const auto& node : world.nodes) {
        for (const SignVote& vote : node.signed_votes) {
            EXPECT_TRUE(vote.set > AuthoritySetId(0) || vote.vote.target.number <= 20);
        }
        EXPECT_EQ(node.set, AuthoritySetId(1));
        EXPECT_EQ(node.finalized.back(), block(58));
    }
}

TEST(GrandpaVoterSets, the_commit_of_a_sets_last_block_goes_out_before_the_next_set) {
    // Votes to the follower are lost, so it depends on the commit, whose time is after the change.
    World world(4, 1);
    world.change_set_at(6, voter_list(4));
    world.lost = [](std::size_t, std::size_t to, const GossipMessage& message) {
        return to == 4 && std::holds_alternative<VoteMessage>(message);
    };
    world.start();
    world.grow(1, 10);
    world.run_for(20s);
    EXPECT_EQ(world.nodes[4].set, AuthoritySetId(1));
}

TEST(GrandpaVoterSets, a_key_takes_over_with_the_set_that_names_it) {
    // Voter 0 rotates to a new key in the middle of a round: the old one votes until the set ends.
    AuthorityList next = voter_list(4);
    next[0].id = voter_id(9);
    World world(4);
    world.change_set_at(12, next);
    world.start();
    world.grow(1, 10);
    world.run_for(3s);
    world.nodes[0].config.keys = {voter_id(0), voter_id(9)};
    world.nodes[0].voter->set_keys(world.nodes[0].config.keys);
    world.run_for(17s);
    world.grow(11, 40);
    world.run_for(60s);
    EXPECT_EQ(world.nodes[1].finalized.back(), block(38));
    std::set<std::pair<AuthoritySetId, AuthorityId>> used;
    for (const SignVote& vote : world.nodes[0].signed_votes) {
        used.emplace(vote.set, vote.key);
    }
    EXPECT_EQ(used, (std::set<std::pair<AuthoritySetId, AuthorityId>>{
                        {AuthoritySetId(0), voter_id(0)}, {AuthoritySetId(1), voter_id(9)}}));
}

TEST(GrandpaVoterSets, one_that_leaves_the_set_follows_and_one_that_joins_votes) {
    AuthorityList next = voter_list(4);
    next.erase(next.begin());
    next.push_back({voter_id(4), 1});
    World world(4, 1);
    world.nodes[4].config.keys = {voter_id(4)};
    world.nodes[4].voter->set_keys({voter_id(4)});
    world.change_set_at(8, next);
    world.start();
    world.grow(1, 40);
    world.run_for(90s);
    for (const auto& node : world.nodes) {
        EXPECT_EQ(node.finalized.back(), block(38));
    }
    for (const SignVote& vote : world.nodes[0].signed_votes) {
        EXPECT_EQ(vote.set, AuthoritySetId(0));
    }
    ASSERT_FALSE(world.nodes[4].signed_votes.empty());
    EXPECT_EQ(world.nodes[4].signed_votes[0].set, AuthoritySetId(1));
}

TEST(GrandpaVoterSets, a_voter_that_syncs_through_changes_joins_the_newest_set) {
    // Its blocks come late, with justifications; meanwhile it hears of sets it has not reached.
    World world(4);
    world.change_set_at(10, voter_list(4));
    world.change_set_at(20, voter_list(4));
    world.start();
    world.kill(3);
    for (std::size_t i = 0; i < 3; ++i) {
        world.grow_on(i, 1, 40);
    }
    world.deliver();
    world.run_for(200s);
    ASSERT_EQ(world.nodes[0].set, AuthoritySetId(2));
    world.restart(3);
    world.run_for(5s);
    EXPECT_EQ(world.nodes[3].set, AuthoritySetId(0));
    for (const BlockNumber last : {10u, 20u}) {
        world.grow_on(3, last - 9, last);
        world.justify(3, block(last));
        world.run_for(5s);
    }
    world.grow_on(3, 21, 40);
    world.run_for(130s);  // views are told again every two minutes
    EXPECT_EQ(world.nodes[3].set, AuthoritySetId(2));
    EXPECT_EQ(world.nodes[3].voter->round().number(), world.nodes[0].voter->round().number());
    EXPECT_EQ(world.nodes[3].finalized.back(), block(38));
    EXPECT_TRUE(world.nodes[3].faults.empty());
    world.kill(0);  // and its vote counts: without it three of four would not be there
    world.grow(41, 60);
    world.run_for(60s);
    EXPECT_EQ(world.nodes[1].finalized.back(), block(58));
}

TEST(GrandpaVoterSets, a_forced_change_starts_over_from_its_median_block) {
    // Two of four are gone for good; the chain names the other two as the new set from block 5 on.
    World world(4);
    world.start();
    world.kill(2);
    world.kill(3);
    world.grow(1, 30);
    world.run_for(60s);
    EXPECT_TRUE(world.nodes[0].finalized.empty());
    for (std::size_t i = 0; i < 2; ++i) {
        world.force_set(i, voter_list(2), block(5));
    }
    world.deliver();
    world.run_for(60s);
    EXPECT_EQ(world.nodes[0].finalized.back(), block(28));
    EXPECT_EQ(world.nodes[0].proofs.back().set, AuthoritySetId(1));
}

TEST(GrandpaVoterSets, a_commit_that_a_later_one_overtook_is_not_sent) {
    // To peers our view says what is final; a commit for less would be an offence.
    World world(4, 1);
    std::map<std::size_t, BlockNumber> told;
    std::size_t commits = 0;
    world.lost = [&](std::size_t from, std::size_t to, const GossipMessage& message) {
        if (to == 4) {
            if (const auto* view = std::get_if<NeighborMessage>(&message)) {
                told[from] = std::max(told[from], view->commit_finalized_height);
            } else if (const auto* commit = std::get_if<CommitMessage>(&message)) {
                ++commits;
                EXPECT_GE(commit->commit.target.number, told[from]);
            }
            return std::holds_alternative<VoteMessage>(message);
        }
        return false;
    };
    world.start();
    for (BlockNumber n = 1; n <= 60; ++n) {
        world.grow(n, n);
        world.run_for(2s);
    }
    EXPECT_GT(commits, 3u);
    EXPECT_GT(world.nodes[4].finalized.size(), 3u);
}

}  // namespace
}  // namespace stipple::grandpa
