#include "consensus/beefy/oracle.hpp"
#include "consensus/beefy/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::beefy {
namespace {

using testing::proof_of;
using testing::root_of;
using testing::set_of;
using testing::vote_of;

Rounds rounds_of(const ValidatorSet& set, BlockNumber start = 1) {
    return {start, std::make_shared<const ValidatorSet>(set)};
}

TEST(BeefyThreshold, is_all_but_a_third) {
    const std::pair<std::size_t, std::size_t> known[] = {{1, 1},    {2, 2},     {3, 3},     {4, 3},
                                                         {5, 4},    {6, 5},     {7, 5},     {10, 7},
                                                         {100, 67}, {300, 201}, {1000, 667}};
    for (const auto& [validators, needed] : known) {
        EXPECT_EQ(threshold(validators), needed) << validators;
    }
}

TEST(BeefyRounds, conclude_with_the_signatures_of_just_enough_validators) {
    Rounds rounds = rounds_of(set_of(4, 7));
    EXPECT_EQ(rounds.add(vote_of(0, 5, 7)).verdict, VoteVerdict::counted);
    EXPECT_EQ(rounds.add(vote_of(0, 5, 7)).verdict, VoteVerdict::counted);
    EXPECT_EQ(rounds.add(vote_of(3, 5, 7)).verdict, VoteVerdict::counted);
    const auto last = rounds.add(vote_of(1, 5, 7));
    ASSERT_EQ(last.verdict, VoteVerdict::concluded);
    EXPECT_EQ(last.proof->signed_commitment.signature_count(), 3u);
    EXPECT_FALSE(last.proof->signed_commitment.signatures[2]);
    EXPECT_TRUE(verify_finality_proof(*last.proof, 5, set_of(4, 7)));
}

TEST(BeefyRounds, count_a_key_as_often_as_it_stands_in_the_set) {
    ValidatorSet set = set_of(2, 1);
    set.validators.push_back(testing::id_of(0));
    set.validators.push_back(testing::id_of(0));
    Rounds rounds = rounds_of(set);
    const auto alone = rounds.add(vote_of(0, 1, 1));
    ASSERT_EQ(alone.verdict, VoteVerdict::concluded);
    EXPECT_EQ(alone.proof->signed_commitment.signature_count(), 3u);
    EXPECT_TRUE(verify_finality_proof(*alone.proof, 1, set));
}

TEST(BeefyRounds, report_two_payloads_of_one_validator_once_and_count_only_the_first) {
    Rounds rounds = rounds_of(set_of(4, 1));
    rounds.add(vote_of(0, 5, 1));
    const auto second = rounds.add(vote_of(0, 5, 1, 1));
    EXPECT_EQ(second.verdict, VoteVerdict::double_voted);
    ASSERT_TRUE(second.equivocation);
    EXPECT_TRUE(check_double_voting(*second.equivocation));
    EXPECT_FALSE(rounds.add(vote_of(0, 5, 1, 2)).equivocation);
    rounds.add(vote_of(1, 5, 1, 1));
    EXPECT_EQ(rounds.add(vote_of(2, 5, 1, 1)).verdict, VoteVerdict::counted);
}

TEST(BeefyRounds, pass_over_what_is_of_another_set_or_over) {
    Rounds rounds = rounds_of(set_of(4, 1), 3);
    EXPECT_EQ(rounds.add(vote_of(0, 2, 1)).verdict, VoteVerdict::stale);
    EXPECT_EQ(rounds.add(vote_of(0, 5, 2)).verdict, VoteVerdict::invalid);
    EXPECT_EQ(rounds.add(vote_of(4, 5, 1)).verdict, VoteVerdict::invalid);
    rounds.add(vote_of(0, 5, 1));
    rounds.add(vote_of(0, 9, 1));
    rounds.conclude(5);
    EXPECT_FALSE(rounds.mandatory_done());
    EXPECT_EQ(rounds.add(vote_of(1, 5, 1)).verdict, VoteVerdict::stale);
    EXPECT_EQ(rounds.open_vote_count(), 1u);
    rounds.conclude(3);
    EXPECT_TRUE(rounds.mandatory_done());
    EXPECT_EQ(rounds.best_done(), 5u);
}

TEST(BeefyRounds, keep_a_bounded_number_of_open_votes_of_one_validator) {
    Rounds rounds = rounds_of(set_of(4, 1));
    for (BlockNumber block = 1; block <= kOpenVotesPerValidatorMax; ++block) {
        EXPECT_EQ(rounds.add(vote_of(0, block, 1)).verdict, VoteVerdict::counted);
    }
    EXPECT_EQ(rounds.add(vote_of(0, 1000, 1)).verdict, VoteVerdict::too_many);
    EXPECT_EQ(rounds.add(vote_of(1, 1000, 1)).verdict, VoteVerdict::counted);
    rounds.conclude(10);
    EXPECT_EQ(rounds.add(vote_of(0, 1000, 1)).verdict, VoteVerdict::counted);
    EXPECT_EQ(rounds.open_vote_count(), kOpenVotesPerValidatorMax - 10 + 2);
}

TEST(BeefyProof, is_refused_for_each_reason) {
    const ValidatorSet set = set_of(4, 1);
    const FinalityProof good = proof_of(set, 9, 3);
    EXPECT_TRUE(verify_finality_proof(good, 9, set));
    EXPECT_EQ(verify_finality_proof(good, 8, set).error(), ProofError::wrong_block);
    EXPECT_EQ(verify_finality_proof(good, 9, set_of(4, 2)).error(), ProofError::wrong_set);
    EXPECT_EQ(verify_finality_proof(good, 9, set_of(5, 1)).error(), ProofError::wrong_set);
    EXPECT_EQ(verify_finality_proof(proof_of(set, 9, 2), 9, set).error(),
              ProofError::not_enough_signatures);
    FinalityProof forged = good;
    forged.signed_commitment.commitment.payload = root_of(9, 1);
    EXPECT_EQ(verify_finality_proof(forged, 9, set).error(), ProofError::not_enough_signatures);
    FinalityProof swapped = good;
    std::swap(swapped.signed_commitment.signatures[0], swapped.signed_commitment.signatures[1]);
    EXPECT_EQ(verify_finality_proof(swapped, 9, set).error(), ProofError::not_enough_signatures);
}

TEST(BeefyTarget, follows_the_least_distance_and_powers_of_two) {
    struct Known {
        BlockNumber grandpa, beefy, start;
        std::uint32_t delta;
        std::optional<BlockNumber> target;
    };
    // As the Rust node's own tests have them.
    const Known known[] = {{1, 1, 1, 4, {}},         {2, 1, 1, 4, {}},
                           {4, 2, 1, 4, {}},         {6, 2, 1, 4, 6},
                           {9, 4, 1, 4, 8},          {10, 10, 1, 8, {}},
                           {12, 10, 1, 8, {}},       {18, 10, 1, 8, 18},
                           {1008, 1000, 1, 4, 1004}, {1016, 1000, 1, 4, 1008},
                           {1032, 1000, 1, 4, 1016}, {1064, 1000, 1, 4, 1032},
                           {1128, 1000, 1, 4, 1064}, {1256, 1000, 1, 4, 1128},
                           {1512, 1000, 1, 4, 1256}, {1024, 1, 1, 4, 513},
                           {1008, 1002, 1, 4, 1006}, {1010, 1002, 1, 4, 1006},
                           {1016, 1006, 1, 4, 1014}, {1008, 1002, 1004, 4, 1004}};
    for (const Known& one : known) {
        EXPECT_EQ(vote_target(one.grandpa, one.beefy, one.start, one.delta), one.target)
            << one.grandpa << " " << one.beefy;
    }
    EXPECT_EQ(vote_target(5, 0, 6, 4), std::nullopt);  // mandatory, not final yet
}

TEST(BeefyOracle, lets_nothing_count_beside_a_pending_mandatory_block) {
    auto oracle = VotingOracle::create({{1, set_of(4, 0), false, {}}}, 30, 0, 8);
    ASSERT_TRUE(oracle);
    oracle->add_session({11, set_of(4, 1), false, {}});
    oracle->add_session({21, set_of(4, 2), false, {}});
    EXPECT_EQ(oracle->accepted(), std::pair(1u, 1u));
    EXPECT_EQ(oracle->reach_of(5), Reach::later);
    oracle->conclude(1);
    EXPECT_EQ(oracle->session_count(), 2u);
    EXPECT_EQ(oracle->mandatory_pending(), 11u);
    EXPECT_EQ(oracle->target(), 11u);
    oracle->conclude(11);
    oracle->conclude(21);
    EXPECT_EQ(oracle->session_count(), 1u);
    EXPECT_EQ(oracle->mandatory_pending(), std::nullopt);
    EXPECT_EQ(oracle->accepted(), std::pair(21u, 30u));
    EXPECT_EQ(oracle->target(), 29u);
    EXPECT_EQ(oracle->reach_of(20), Reach::past);
}

TEST(BeefyOracle, refuses_sessions_that_contradict_each_other) {
    const Session first{1, set_of(4, 0), false, {}};
    const auto create = [](std::vector<Session> sessions, BlockNumber grandpa, BlockNumber beefy) {
        return VotingOracle::create(std::move(sessions), grandpa, beefy, 8).has_value();
    };
    EXPECT_TRUE(create({first, {5, set_of(4, 1), false, {}}}, 9, 0));
    EXPECT_FALSE(create({}, 9, 0));
    EXPECT_FALSE(create({first}, 9, 10));
    EXPECT_FALSE(create({{10, set_of(4, 0), false, {}}}, 9, 0));
    EXPECT_FALSE(create({{1, {}, false, {}}}, 9, 0));
    EXPECT_FALSE(create({first, {1, set_of(4, 1), false, {}}}, 9, 0));
    EXPECT_FALSE(create({first, {5, set_of(4, 0), false, {}}}, 9, 0));
    EXPECT_FALSE(create({first, {5, set_of(4, 1), true, 5}}, 9, 0));
}

}  // namespace
}  // namespace stipple::beefy
