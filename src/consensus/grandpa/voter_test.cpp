#include "consensus/grandpa/justification.hpp"
#include "consensus/grandpa/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::grandpa {
namespace {

using testing::block;
using testing::voter_id;
using testing::voter_list;
using testing::World;
using namespace std::chrono_literals;

TEST(GrandpaVoter, alone_finalizes_its_chain_but_for_the_newest_blocks) {
    World world(1);
    world.start();
    world.grow(1, 10);
    world.run_for(60s);
    ASSERT_FALSE(world.nodes[0].finalized.empty());
    EXPECT_EQ(world.nodes[0].finalized.back(), block(8));
    world.grow(11, 30);
    world.run_for(60s);
    EXPECT_EQ(world.nodes[0].finalized.back(), block(28));
}

TEST(GrandpaVoter, finalizes_with_three_of_four_voters_and_not_with_two) {
    World world(4);
    world.nodes[3].online = false;
    world.start();
    world.grow(1, 10);
    world.run_for(30s);
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_FALSE(world.nodes[i].finalized.empty()) << i;
        EXPECT_EQ(world.nodes[i].finalized.back(), block(8));
    }
    world.nodes[2].online = false;
    const auto before = world.nodes[0].finalized;
    world.grow(11, 40);
    world.run_for(120s);
    // What was voted before may still count; nothing of the new blocks does.
    EXPECT_LE(world.nodes[0].finalized.back().number, before.back().number + 2);
}

TEST(GrandpaVoter, goes_on_when_absent_voters_return) {
    World world(4);
    world.nodes[2].online = world.nodes[3].online = false;
    world.start();
    world.grow(1, 10);
    world.run_for(60s);
    EXPECT_TRUE(world.nodes[0].finalized.empty());
    world.nodes[2].online = world.nodes[3].online = true;
    world.run_for(300s);  // views are told again every two minutes
    for (const auto& node : world.nodes) {
        ASSERT_FALSE(node.finalized.empty());
        EXPECT_EQ(node.finalized.back(), block(8));
    }
}

TEST(GrandpaVoter, asks_for_a_block_that_is_voted_for_and_does_not_come) {
    World world(4);
    world.start();
    world.grow(1, 4);
    world.nodes[3].online = false;
    const VoteMessage message{
        RoundNumber(1), AuthoritySetId(0), {{VoteKind::prevote, block(6, 1)}, {}, voter_id(3)}};
    world.send(1, 0, message);
    world.send(2, 0, message);
    EXPECT_TRUE(world.nodes[0].wanted.empty());  // it is on its way, most likely
    world.run_for(kMissingBlockPatience);
    ASSERT_EQ(world.nodes[0].wanted.size(), 1u);
    EXPECT_EQ(world.nodes[0].wanted[0].block, block(6, 1));
    EXPECT_EQ(world.nodes[0].wanted[0].peers, (std::vector{PeerKey(1), PeerKey(2)}));
    world.nodes[0].voter->on_peer_disconnected(PeerKey(1));
    world.run_for(kMissingBlockPatience);
    ASSERT_EQ(world.nodes[0].wanted.size(), 2u);
    EXPECT_EQ(world.nodes[0].wanted[1].peers, (std::vector{PeerKey(2)}));
    world.grow_on(0, 5, 6, 1, 0);
    world.run_for(2 * kMissingBlockPatience);
    EXPECT_EQ(world.nodes[0].wanted.size(), 2u);
    EXPECT_EQ(world.nodes[0].voter->waiting(), 0u);
}

TEST(GrandpaVoter, never_finalizes_both_sides_of_a_fork) {
    World world(7);
    world.start();
    world.grow(1, 4);
    for (std::size_t i = 0; i < 7; ++i) {
        // All know both forks; which is best differs.
        world.grow_on(i, 5, 12, 1, 0);
        world.grow_on(i, 5, i < 3 ? 12 : 11, 2, 0);
        VoterEffects ignored;
        if (i >= 3) {
            world.nodes[i].voter->on_best_block(world.now, block(12, 1), std::nullopt, ignored);
        }
    }
    world.run_for(200s);
    std::set<std::uint8_t> forks;
    for (const auto& node : world.nodes) {
        for (const BlockRef& final_block : node.finalized) {
            if (final_block.number > 4) {
                forks.insert(final_block.hash.bytes[2]);
            }
        }
        ASSERT_FALSE(node.finalized.empty());
    }
    EXPECT_LE(forks.size(), 1u);
}

TEST(GrandpaVoter, gives_proofs_that_hold) {
    World world(5);
    world.start();
    world.grow(1, 20);
    world.run_for(30s);
    const auto voters = *VoterSet::create(voter_list(5));
    ASSERT_FALSE(world.nodes[1].proofs.empty());
    for (const Finalize& proof : world.nodes[1].proofs) {
        EXPECT_EQ(proof.commit.target, proof.block);
        EXPECT_TRUE(check_commit(proof.commit, voters, world.nodes[1].voter->tree()));
    }
}

TEST(GrandpaVoter, lets_an_observer_follow) {
    World world(4, 1);
    world.start();
    world.grow(1, 12);
    world.run_for(30s);
    ASSERT_FALSE(world.nodes[4].finalized.empty());
    EXPECT_EQ(world.nodes[4].finalized.back(), block(10));
}

VoteMessage vote_of(std::size_t voter, VoteKind kind, BlockRef target, std::uint64_t round = 1) {
    return {RoundNumber(round), AuthoritySetId(0), {{kind, target}, {}, voter_id(voter)}};
}

TEST(GrandpaVoter, reports_a_voter_that_votes_twice) {
    World world(4);
    world.nodes[3].online = false;
    world.start();
    world.grow(1, 10);
    world.nodes[3].online = true;
    world.send(3, 0, vote_of(3, VoteKind::prevote, block(5)));
    world.send(3, 0, vote_of(3, VoteKind::prevote, block(6)));
    world.send(3, 0, vote_of(3, VoteKind::prevote, block(7)));
    ASSERT_EQ(world.nodes[0].equivocations.size(), 1u);
    const Equivocation& found = world.nodes[0].equivocations[0];
    EXPECT_EQ(found.id, voter_id(3));
    EXPECT_EQ(found.first.target, block(5));
    EXPECT_EQ(found.second.target, block(6));
    // set 8 ++ phase 1 ++ round 8 ++ id 32 ++ twice (36 + 64)
    EXPECT_EQ(encode_equivocation_proof(found, AuthoritySetId(0)).size(), 249u);
}

// Its weight counts for every block, but a commit with its votes for another fork is not connected,
// and without them it is short: no peer would take either.
TEST(GrandpaVoter, finalizes_nothing_that_only_an_equivocators_other_votes_carry) {
    World world(4);
    world.nodes[2].online = false;
    world.nodes[3].online = false;
    world.start();
    world.grow(1, 4);
    world.grow(5, 7, 1);
    world.grow(5, 10, 0);
    world.run_for(2s);
    const Voter& voter = *world.nodes[0].voter;
    ASSERT_FALSE(world.nodes[0].signed_votes.empty());
    const BlockRef target = world.nodes[0].signed_votes.back().vote.target;
    ASSERT_GT(target.number, 4u);
    const auto say = [&](std::size_t from, VoteKind kind, const BlockRef& at) {
        world.nodes[from].online = true;
        world.send(from, 0, vote_of(from, kind, at));
        world.nodes[from].online = false;
    };
    say(3, VoteKind::prevote, target);
    world.run_for(3s);
    say(3, VoteKind::precommit, block(6, 1));
    say(3, VoteKind::precommit, block(7, 1));
    ASSERT_EQ(voter.round().number(), RoundNumber(2));  // the first is over for us
    EXPECT_TRUE(world.nodes[0].finalized.empty());
    say(2, VoteKind::precommit, target);
    ASSERT_EQ(world.nodes[0].proofs.size(), 1u);
    const Finalize& proof = world.nodes[0].proofs[0];
    EXPECT_EQ(proof.block, target);
    EXPECT_TRUE(check_commit(proof.commit, *VoterSet::create(voter_list(4)), voter.tree()));
}

TEST(GrandpaVoter, reports_bad_signatures_unknown_voters_and_wrong_numbers) {
    World world(4);
    world.nodes[3].online = false;
    world.start();
    world.grow(1, 10);
    world.nodes[3].online = true;
    auto& faults = world.nodes[0].faults;
    auto forged = vote_of(3, VoteKind::prevote, block(5));
    forged.vote.signature.bytes[0] = 1;
    world.forged.insert(forged.vote.signature);
    world.send(3, 0, forged);
    world.send(3, 0, vote_of(9, VoteKind::prevote, block(5)));
    world.send(3, 0, vote_of(3, VoteKind::prevote, {block(5).hash, 6}));
    EXPECT_EQ(faults, (std::vector{PeerFault::bad_signature, PeerFault::unknown_voter,
                                   PeerFault::wrong_number}));
    faults.clear();
    CommitMessage commit{RoundNumber(1), AuthoritySetId(0), {block(5), {}}};
    world.send(3, 0, commit);
    for (std::size_t i = 0; i < 3; ++i) {
        commit.commit.precommits.push_back({block(4), {}, voter_id(i)});
    }
    world.send(3, 0, commit);
    EXPECT_EQ(faults, (std::vector{PeerFault::bad_commit, PeerFault::bad_commit}));
    EXPECT_TRUE(world.nodes[0].finalized.empty());
    faults.clear();
    world.send(3, 0, CatchUp{});
    EXPECT_EQ(faults, std::vector{PeerFault::bad_catch_up});
}

TEST(GrandpaVoter, keeps_a_vote_until_its_block_comes) {
    World world(4);
    world.nodes[0].online = world.nodes[1].online = false;
    world.start();
    world.nodes[0].online = world.nodes[1].online = true;
    world.send(1, 0, vote_of(1, VoteKind::prevote, block(3)));
    EXPECT_EQ(world.nodes[0].voter->waiting(), 1u);
    EXPECT_EQ(world.nodes[0].voter->round().participation(Phase::prevote), 0u);
    world.grow_on(0, 1, 3);
    EXPECT_EQ(world.nodes[0].voter->waiting(), 0u);
    EXPECT_EQ(world.nodes[0].voter->round().participation(Phase::prevote), 1u);
}

TEST(GrandpaVoter, bounds_what_waits) {
    World world(4);
    world.start();
    for (std::uint32_t i = 0; i < kVotesWaitingMax + 500; ++i) {
        world.send(1, 0, vote_of(1, VoteKind::prevote, block(1000 + i, 7)));
    }
    EXPECT_LE(world.nodes[0].voter->waiting(), kVotesWaitingMax);
    CommitMessage commit{RoundNumber(1), AuthoritySetId(0), {}};
    for (std::uint32_t i = 0; i < 100; ++i) {
        commit.commit = {block(1000 + i, 7), {}};
        for (std::size_t voter = 0; voter < 4; ++voter) {
            commit.commit.precommits.push_back({block(1000 + i, 7), {}, voter_id(voter)});
        }
        world.send(1, 0, commit);
    }
    EXPECT_LE(world.nodes[0].voter->waiting(), kVotesWaitingMax + kCommitsWaitingMax);
}

TEST(GrandpaVoter, catches_up_with_rounds_it_missed) {
    World world(4);
    world.start();
    world.nodes[3].online = false;
    world.grow(1, 40);
    world.run_for(60s);
    const RoundNumber ahead = world.nodes[0].voter->round().number();
    ASSERT_GT(ahead, RoundNumber(4));
    EXPECT_EQ(world.nodes[3].voter->round().number(), RoundNumber(1));
    world.nodes[3].online = true;
    world.run_for(200s);
    EXPECT_GE(world.nodes[3].voter->round().number(), ahead);
    ASSERT_FALSE(world.nodes[3].finalized.empty());
    EXPECT_EQ(world.nodes[3].finalized.back(), block(38));
}

TEST(GrandpaVoter, asks_another_to_catch_up_when_one_says_nothing_or_lies) {
    for (const bool lies : {false, true}) {
        World world(4);
        world.start();
        world.kill(3);
        world.grow(1, 40);
        world.run_for(60s);
        const RoundNumber ahead = world.nodes[0].voter->round().number();
        std::vector<std::size_t> asked;
        world.lost = [&](std::size_t from, std::size_t to, const GossipMessage& message) {
            if (from != 3 || !std::holds_alternative<CatchUpRequest>(message)) {
                return false;
            }
            asked.push_back(to);
            return asked.size() == 1;
        };
        world.restart(3);
        ASSERT_EQ(asked.size(), 1U);
        if (lies) {
            world.send(asked[0], 3, CatchUp{AuthoritySetId(0), ahead, {}, {}, block(0)});
            EXPECT_EQ(world.nodes[3].faults, std::vector{PeerFault::bad_catch_up});
        } else {
            world.run_for(kCatchUpPatience);
            EXPECT_TRUE(world.nodes[3].faults.empty());
        }
        ASSERT_EQ(asked.size(), 2U);
        EXPECT_NE(asked[0], asked[1]);
        EXPECT_GE(world.nodes[3].voter->round().number(), ahead);
    }
}

TEST(GrandpaVoter, keeps_a_catch_up_until_its_blocks_come) {
    World world(4);
    world.start();
    world.kill(3);
    for (std::size_t each = 0; each < 3; ++each) {
        world.grow_on(each, 1, 40);
    }
    world.deliver();
    world.run_for(60s);
    const RoundNumber ahead = world.nodes[0].voter->round().number();
    ASSERT_GT(ahead, RoundNumber(4));
    world.restart(3);
    EXPECT_EQ(world.nodes[3].voter->round().number(), RoundNumber(1));
    EXPECT_EQ(world.nodes[3].voter->waiting(), 1U);
    // Nobody tells it anything any more.
    world.lost = [](std::size_t, std::size_t to, const GossipMessage&) { return to == 3; };
    world.run_for(2 * kMissingBlockPatience);
    EXPECT_FALSE(world.nodes[3].wanted.empty());
    world.grow_on(3, 1, 40);
    world.deliver();
    EXPECT_GE(world.nodes[3].voter->round().number(), ahead);
    EXPECT_EQ(world.nodes[3].voter->waiting(), 0U);
    EXPECT_TRUE(world.nodes[3].faults.empty());
}

TEST(GrandpaVoter, starts_over_in_a_new_set) {
    World world(4);
    world.start();
    world.grow(1, 10);
    world.run_for(30s);
    for (auto& node : world.nodes) {
        VoterEffects effects;
        node.voter->on_new_set(world.now, AuthoritySetId(1), *VoterSet::create(voter_list(3)),
                               block(8), effects);
        EXPECT_EQ(node.voter->round().number(), RoundNumber(1));
        EXPECT_EQ(node.voter->waiting(), 0u);
    }
    world.grow(11, 20);
    world.run_for(300s);
    EXPECT_EQ(world.nodes[0].finalized.back(), block(18));
    EXPECT_EQ(world.nodes[0].proofs.back().set, AuthoritySetId(1));
}

TEST(GrandpaVoter, resumes_after_the_last_completed_round) {
    World world(1);
    world.start();
    world.grow(1, 10);
    world.run_for(60s);
    const RoundNumber round = world.nodes[0].voter->round().number();
    Voter again({.keys = {voter_id(0)}}, AuthoritySetId(0), *VoterSet::create(voter_list(1)),
                block(8), Seed{9});
    VoterEffects effects;
    again.on_block_imported(world.now, block(9), block(8).hash, effects);
    ASSERT_TRUE(again.start(world.now, world.nodes[0].store, effects));
    EXPECT_EQ(again.round().number(), round);
}

TEST(GrandpaVoter, votes_no_further_than_its_ceiling) {
    World world(1);
    world.start();
    VoterEffects effects;
    for (BlockNumber n = 1; n <= 10; ++n) {
        world.nodes[0].voter->on_block_imported(world.now, block(n), block(n - 1).hash, effects);
    }
    world.nodes[0].voter->on_best_block(world.now, block(10), BlockNumber{5}, effects);
    world.run_for(60s);
    EXPECT_EQ(world.nodes[0].finalized.back(), block(5));
}

TEST(GrandpaVoter, late_votes_of_the_last_round_lower_the_estimate_that_binds_this_one) {
    World world(4);
    for (std::size_t i = 1; i < 4; ++i) {
        world.nodes[i].voter->set_silent(true);
    }
    world.start();
    world.grow(1, 1);
    world.grow(2, 4, 1);
    world.grow(2, 4);
    const auto vote = [&](std::size_t from, std::uint64_t round, VoteKind kind, BlockRef target) {
        world.send(
            from, 0,
            VoteMessage{
                RoundNumber(round), AuthoritySetId(0), {{kind, target}, {}, voter_id(from)}});
    };
    // 1. Round 1 ends here with one precommit for #2 and two below: who is missing could lift #2.
    world.run_for(2500ms);
    for (const std::size_t from : {1u, 2u, 3u}) {
        vote(from, 1, VoteKind::prevote, block(2));
    }
    world.run_for(2s);
    vote(1, 1, VoteKind::precommit, block(1));
    vote(2, 1, VoteKind::precommit, block(1));
    ASSERT_EQ(world.nodes[0].voter->round().number(), RoundNumber(2));
    // 2. It does not, and the others vote for another fork.
    vote(3, 1, VoteKind::precommit, block(1));
    for (const std::size_t from : {1u, 2u, 3u}) {
        vote(from, 2, VoteKind::prevote, block(2, 1));
    }
    world.run_for(5s);
    const SignVote& last = world.nodes[0].signed_votes.back();
    EXPECT_EQ(last.round, RoundNumber(2));
    EXPECT_EQ(last.vote, (Vote{VoteKind::precommit, block(2, 1)}));
}

TEST(GrandpaVoter, who_is_a_round_behind_is_offered_the_votes_of_the_round_before_its_own) {
    World world(4);
    world.start();
    world.grow(1, 8);
    world.run_for(60s);
    const RoundNumber present = world.nodes[0].voter->round().number();
    ASSERT_GT(present, RoundNumber(4));
    ASSERT_EQ(world.nodes[0].finalized.back(), block(6)) << "nothing old is left to finalise";
    std::set<RoundNumber> offered;
    world.lost = [&](std::size_t from, std::size_t to, const GossipMessage& message) {
        if (const auto* vote = std::get_if<VoteMessage>(&message); from == 0 && to == 3 && vote) {
            offered.insert(vote->round);
        }
        return false;
    };
    world.nodes[0].voter->on_peer_disconnected(PeerKey(3));
    world.connect(0, 3);
    world.send(3, 0, NeighborMessage{present - 1, AuthoritySetId(0), 0});
    EXPECT_TRUE(offered.contains(present - 1));
    EXPECT_TRUE(offered.contains(present - 2));
}

}  // namespace
}  // namespace stipple::grandpa
