#include "consensus/beefy/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::beefy {
namespace {

using testing::proof_of;
using testing::set_of;
using testing::vote_of;
using testing::World;
using namespace std::chrono_literals;

TEST(BeefyVoter, concludes_mandatory_blocks_and_then_one_block_in_eight) {
    World world(4, 1);
    world.sessions.emplace(21, set_of(4, 1));
    world.start();
    for (BlockNumber block = 2; block <= 40; ++block) {
        world.finalize(block);
    }
    for (const auto& node : world.nodes) {
        std::vector<BlockNumber> blocks;
        for (const auto& [block, proof] : node.proofs) {
            blocks.push_back(block);
            EXPECT_TRUE(
                verify_finality_proof(proof, block, world.sessions.at(block < 21 ? 1 : 21)));
        }
        EXPECT_EQ(blocks, (std::vector<BlockNumber>{1, 9, 17, 21, 29, 37}));
        EXPECT_TRUE(node.faults.empty());
    }
}

TEST(BeefyVoter, goes_on_with_three_of_four_and_not_with_two) {
    World world(4);
    world.nodes[3].online = false;
    world.start();
    world.finalize(9);
    EXPECT_EQ(world.nodes[0].best(), 9u);
    world.nodes[2].online = false;
    world.finalize(40);
    world.run_for(600s);
    EXPECT_EQ(world.nodes[0].best(), 9u);
    world.nodes[2].online = true;
    world.finalize_on(2, 40);
    world.deliver();
    EXPECT_GT(world.nodes[0].best(), 9u);
}

TEST(BeefyVoter, keeps_votes_and_proofs_that_come_before_their_block_is_final) {
    World world(4);
    world.start();
    world.finalize_on(0, 9);
    world.finalize_on(1, 9);
    world.deliver();  // 2 and 3 hear of votes for a block that is not final there
    EXPECT_EQ(world.nodes[3].voter->waiting(), 2u);
    world.finalize_on(2, 9);
    EXPECT_EQ(world.nodes[2].best(), 9u);
    world.deliver();
    EXPECT_EQ(world.nodes[0].best(), 9u);
    EXPECT_EQ(world.nodes[3].best(), 1u);
    EXPECT_EQ(world.nodes[3].voter->buffered_proofs(), 1u);
    world.finalize_on(3, 9);
    EXPECT_EQ(world.nodes[3].best(), 9u);
    EXPECT_EQ(world.nodes[3].voter->waiting(), 0u);
    EXPECT_TRUE(world.nodes[3].faults.empty());
}

TEST(BeefyVoter, keeps_a_bounded_number_of_early_votes) {
    World world(1, 2);
    world.start();
    for (std::size_t i = 0; i < kVotesEarlyMax + 10; ++i) {
        VoteMessage early = vote_of(0, 20, 0);
        early.signature.bytes[0] = static_cast<std::uint8_t>(i);
        early.signature.bytes[1] = static_cast<std::uint8_t>(i >> 8);
        world.send(2, 1, early);
    }
    EXPECT_EQ(world.nodes[1].voter->waiting(), kVotesEarlyMax);
    world.finalize_on(1, 40);
    EXPECT_EQ(world.nodes[1].voter->waiting(), 0u);
    EXPECT_GT(world.nodes[1].faults.size(), kVotesEarlyMax - 10);  // bad signatures, found out now
}

TEST(BeefyVoter, speaks_again_after_a_minute_to_those_who_refused) {
    World world(4);
    world.start();
    for (std::size_t i = 0; i < 2; ++i) {
        world.finalize_on(i, 80);
    }
    world.deliver();
    ASSERT_FALSE(world.nodes[3].faults.empty());
    EXPECT_EQ(world.nodes[3].faults.front(), PeerFault::future_message);
    world.finalize_on(3, 80);
    world.deliver();
    world.run_for(70s);
    EXPECT_GE(world.nodes[0].best(), 65u);
    EXPECT_EQ(world.nodes[3].best(), world.nodes[0].best());
}

TEST(BeefyVoter, fetches_the_proof_of_a_mandatory_block_it_missed) {
    World world(4);
    world.sessions.emplace(11, set_of(4, 1));
    world.sessions.emplace(21, set_of(4, 2));
    world.start();
    world.nodes[3].online = false;
    for (BlockNumber block = 2; block <= 40; ++block) {
        world.finalize(block);
    }
    EXPECT_EQ(world.nodes[0].best(), 37u);
    world.nodes[3].online = true;
    world.finalize_on(3, 40);
    EXPECT_EQ(world.nodes[3].best(), 1u);
    world.run_for(150s);  // the others speak again, which shows who is further
    EXPECT_EQ(world.nodes[3].best(), 37u);
    EXPECT_TRUE(world.nodes[3].proofs.contains(11));
    EXPECT_TRUE(world.nodes[3].proofs.contains(21));
    EXPECT_GT(world.nodes[0].fetches + world.nodes[1].fetches + world.nodes[2].fetches, 0u);
}

TEST(BeefyVoter, asks_the_next_peer_when_one_lies_or_has_nothing) {
    World world(4, 2);
    world.sessions.emplace(11, set_of(4, 1));
    world.start();
    world.nodes[5].online = false;
    for (BlockNumber block = 2; block <= 20; ++block) {
        world.finalize(block);
    }
    world.nodes[0].proofs.erase(11);
    world.nodes[1].proofs.at(11) = proof_of(set_of(4, 1), 11, 2);
    world.nodes[5].online = true;
    world.finalize_on(5, 20);
    world.run_for(90s);
    EXPECT_TRUE(world.nodes[5].proofs.contains(11));
    EXPECT_TRUE(verify_finality_proof(world.nodes[5].proofs.at(11), 11, set_of(4, 1)));
    EXPECT_GE(std::ranges::count(world.nodes[5].faults, PeerFault::refused_proof), 1);
    EXPECT_GE(std::ranges::count(world.nodes[5].faults, PeerFault::bad_proof), 1);
    const VoterCounts& counts = world.nodes[5].voter->counts();
    EXPECT_GE(counts.fetch_refused, 1u);
    EXPECT_GE(counts.fetched_bad, 1u);
    EXPECT_EQ(counts.fetched_good, 1u);
}

TEST(BeefyVoter, never_votes_twice_for_a_block_and_speaks_again_after_a_restart) {
    World world(4);
    world.nodes[2].online = world.nodes[3].online = false;
    world.start();
    EXPECT_EQ(world.nodes[0].voter->best_voted(), 1u);
    world.restart(0);
    EXPECT_EQ(world.nodes[0].voter->counts().votes_sent, 0u);
    world.nodes[2].online = true;
    world.restart(2);  // comes to know the others anew: their votes are sent to it
    EXPECT_EQ(world.nodes[0].best(), 1u);
    EXPECT_EQ(world.nodes[2].best(), 1u);
}

TEST(BeefyVoter, takes_up_missed_sessions_after_a_restart) {
    World world(4);
    world.sessions.emplace(11, set_of(4, 1));
    world.start();
    world.nodes[3].finalized = 20;  // while it was down
    world.restart(3);
    EXPECT_EQ(world.nodes[3].voter->oracle()->mandatory_pending(), 11u);
    for (std::size_t i = 0; i < 3; ++i) {
        world.finalize_on(i, 20);
    }
    world.deliver();
    EXPECT_EQ(world.nodes[3].best(), 19u);
}

TEST(BeefyVoter, begins_at_the_newest_proof_of_the_chain_when_it_has_no_state) {
    World world(4);
    world.sessions.emplace(11, set_of(4, 1));
    world.sessions.emplace(21, set_of(4, 2));
    world.nodes[0].proofs.emplace(13, proof_of(set_of(4, 1), 13, 3));
    const auto state = find_beginning(world.view_of(0), std::nullopt, 1, 30);
    ASSERT_TRUE(state && *state);
    EXPECT_EQ((*state)->best_beefy, 13u);
    ASSERT_EQ((*state)->sessions.size(), 1u);
    EXPECT_EQ((*state)->sessions[0].start, 21u);
    const auto settled = find_beginning(world.view_of(0), std::nullopt, 1, 18);
    ASSERT_TRUE(settled && *settled);
    EXPECT_TRUE((*settled)->sessions[0].mandatory_done);
    EXPECT_EQ((*settled)->sessions[0].start, 13u);
    world.oldest_state = 25;  // pruned: the set comes from the header
    const auto pruned = find_beginning(world.view_of(0), std::nullopt, 1, 18);
    ASSERT_TRUE(pruned && *pruned);
    EXPECT_EQ((*pruned)->sessions[0].set, set_of(4, 1));
    const auto reset = find_beginning(world.view_of(0), **settled, 15, 18);
    ASSERT_TRUE(reset && *reset);
    EXPECT_EQ((*reset)->pallet_genesis, 15u);
    EXPECT_EQ((*reset)->sessions[0].start, 15u);
}

TEST(BeefyVoter, reports_two_payloads_of_one_validator_and_never_its_own) {
    World world(4);
    world.nodes[1].online = world.nodes[2].online = world.nodes[3].online = false;
    world.start();
    world.nodes[3].online = true;
    world.send(3, 0, vote_of(1, 1, 0));
    world.send(3, 0, vote_of(1, 1, 0, 9));
    world.send(3, 0, vote_of(1, 1, 0, 8));
    ASSERT_EQ(world.nodes[0].equivocations.size(), 1u);
    EXPECT_TRUE(check_double_voting(world.nodes[0].equivocations[0]));
    world.send(3, 0, vote_of(0, 1, 0, 9));
    EXPECT_EQ(world.nodes[0].equivocations.size(), 1u);
    EXPECT_EQ(world.nodes[0].voter->counts().equivocations, 3u);
}

TEST(BeefyVoter, reports_peers_for_what_they_send) {
    World world(4, 1);
    world.sessions.emplace(11, set_of(4, 1));
    world.nodes[4].online = true;
    world.start();
    world.finalize(20);
    auto& faults = world.nodes[0].faults;
    const auto fault_of = [&](const GossipMessage& message) -> std::optional<PeerFault> {
        faults.clear();
        world.send(4, 0, message);
        return faults.empty() ? std::nullopt : std::optional(faults.front());
    };
    EXPECT_EQ(fault_of(vote_of(1, 9, 0)), PeerFault::past_message);
    EXPECT_EQ(fault_of(vote_of(1, 12, 1)), PeerFault::past_message);
    EXPECT_EQ(fault_of(vote_of(1, 53, 1)), PeerFault::future_message);
    EXPECT_EQ(fault_of(vote_of(1, 20, 3)), PeerFault::future_message);
    EXPECT_EQ(fault_of(vote_of(6, 20, 1)), PeerFault::unknown_voter);
    VoteMessage forged = vote_of(1, 20, 1);
    forged.commitment.payload = testing::root_of(20, 3);
    EXPECT_EQ(fault_of(forged), PeerFault::bad_signature);
    EXPECT_EQ(fault_of(forged), std::nullopt);  // known by now
    EXPECT_EQ(fault_of(vote_of(1, 20, 1)), std::nullopt);
    EXPECT_EQ(fault_of(proof_of(set_of(4, 1), 20, 2)), PeerFault::bad_proof);
    EXPECT_EQ(fault_of(proof_of(set_of(4, 1), 11, 3)), PeerFault::past_message);
    EXPECT_EQ(fault_of(proof_of(set_of(4, 2), 20, 3)), PeerFault::future_message);
    EXPECT_EQ(fault_of(proof_of(set_of(4, 1), 20, 3)), std::nullopt);
    EXPECT_EQ(world.nodes[0].best(), 20u);
}

TEST(BeefyVoter, keeps_quiet_while_the_node_is_far_behind) {
    World world(4);
    VoterEffects effects;
    for (auto& node : world.nodes) {
        node.voter->set_major_syncing(world.now, true, effects);
    }
    world.start();
    world.finalize(9);
    EXPECT_EQ(world.nodes[0].voter->best_voted(), 0u);
    for (std::size_t i = 0; i < 4; ++i) {
        VoterEffects ended;
        world.nodes[i].voter->set_major_syncing(world.now, false, ended);
        world.take(i, ended);
    }
    world.deliver();
    EXPECT_EQ(world.nodes[0].best(), 9u);
}

TEST(BeefyVoter, takes_proofs_that_come_with_blocks_once_their_block_is_final) {
    World world(4, 1);
    world.sessions.emplace(11, set_of(4, 1));
    auto& node = world.nodes[4];
    VoterEffects effects;
    node.voter->on_imported_proof(world.now, proof_of(set_of(4, 0), 1, 3), effects);
    node.voter->on_imported_proof(world.now, proof_of(set_of(4, 1), 11, 3), effects);
    node.voter->on_imported_proof(world.now, proof_of(set_of(4, 0), 14, 3), effects);
    EXPECT_TRUE(effects.empty());
    EXPECT_EQ(node.voter->buffered_proofs(), 3u);
    world.begin(4, 1);
    EXPECT_EQ(node.best(), 1u);
    world.finalize_on(4, 10);
    world.finalize_on(4, 20);
    EXPECT_EQ(node.best(), 11u);  // the third is of a set that is over
    EXPECT_EQ(node.voter->waiting(), 0u);
    EXPECT_EQ(node.voter->counts().good_imports, 3u);
    EXPECT_EQ(node.voter->counts().stale_proofs, 1u);
}

TEST(BeefyVoter, does_not_verify_again_what_the_import_of_its_block_has_verified) {
    World world(4, 1);
    world.begin(4, 1);
    VoterEffects effects;
    auto& voter = *world.nodes[4].voter;
    voter.on_imported_proof(world.now, proof_of(set_of(4, 0), 1, 3), effects);
    EXPECT_TRUE(std::ranges::none_of(effects, [](const VoterEffect& effect) {
        return std::holds_alternative<VerifyProof>(effect);
    }));
    EXPECT_TRUE(std::ranges::any_of(effects, [](const VoterEffect& effect) {
        return std::holds_alternative<Conclude>(effect);
    }));
    EXPECT_EQ(voter.oracle()->best_beefy(), 1u);
    voter.on_bad_import();
    EXPECT_EQ(voter.counts().bad_imports, 1u);
}

TEST(BeefyVoter, tries_again_when_it_could_not_sign) {
    World world(4);
    world.nodes[0].signs = world.nodes[1].signs = false;
    world.start();
    EXPECT_EQ(world.nodes[0].best(), 0u);
    world.nodes[0].signs = world.nodes[1].signs = true;
    world.finalize(2);
    EXPECT_EQ(world.nodes[0].best(), 1u);
}

TEST(BeefyVoter, buffers_a_bounded_number_of_proofs) {
    World world(1, 1);
    world.start();
    auto& node = world.nodes[1];
    VoterEffects effects;
    for (BlockNumber block = 2; block < kProofsBufferedMax + 100; ++block) {
        node.voter->on_imported_proof(world.now, {{{{}, block, ValidatorSetId(0)}, {}}}, effects);
    }
    EXPECT_EQ(node.voter->buffered_proofs(), kProofsBufferedMax);
    EXPECT_GT(node.voter->counts().buffered_dropped, 0u);
    FinalityProof large{{{{}, 10'000'000, ValidatorSetId(0)}, {}}};
    large.signed_commitment.signatures.resize(kSignaturesBufferedMax + 1);
    Voter fresh{VoterConfig{}};
    fresh.on_imported_proof(world.now, large, effects);
    EXPECT_EQ(fresh.buffered_proofs(), 0u);
}

}  // namespace
}  // namespace stipple::beefy
