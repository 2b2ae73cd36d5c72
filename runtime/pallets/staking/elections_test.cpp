#include "pallets/staking/elections.hpp"

#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime::elections {
namespace {

std::vector<AccountId> candidates(std::uint8_t count) {
    std::vector<AccountId> all;
    for (std::uint8_t i = 1; i <= count; ++i) {
        all.push_back(test_account(i));
    }
    return all;
}
std::vector<Backing> backers(const std::vector<std::pair<std::uint8_t, Balance>>& list) {
    std::vector<Backing> all;
    for (const auto& [who, value] : list) {
        all.push_back({test_account(who), value});
    }
    return all;
}

TEST(Elections, divide_stakes_as_phragmen_does) {
    // By hand: the third has a score of 1/50 and is first; then the second needs
    // 1/40 + 3/5 / 40 = 0.04, the first 1/30 + 2/5 / 30. The voter of 30 carries
    // half its load for each.
    const auto elected = elect(candidates(3),
                               {{test_account(10), 10, {0, 1}},
                                {test_account(20), 20, {0, 2}},
                                {test_account(30), 30, {1, 2}}},
                               2);
    ASSERT_EQ(elected.size(), 2U);
    EXPECT_EQ(elected[0], (Elected{test_account(3), backers({{20, 20}, {30, 15}})}));
    EXPECT_EQ(elected[1], (Elected{test_account(2), backers({{10, 10}, {30, 15}})}));
}
TEST(Elections, give_seats_in_proportion) {
    // Voters of 60 back the first three, voters of 40 the other two: of five
    // seats three and two.
    const auto elected = elect(
        candidates(6), {{test_account(10), 60, {0, 1, 2, 5}}, {test_account(20), 40, {3, 4}}}, 4);
    std::vector<AccountId> order;
    for (const Elected& one : elected) {
        order.push_back(one.who);
    }
    // Scores: 1/60; 1/40; 2/60; then 3/60 and 2/40 are alike, and who stands
    // first has the seat.
    EXPECT_EQ(order, (std::vector<AccountId>{test_account(1), test_account(4), test_account(2),
                                             test_account(3)}));
    EXPECT_EQ(elected[0].backers, backers({{10, 20}}));
    EXPECT_EQ(elected[1].backers, backers({{20, 40}}));
}
TEST(Elections, lose_nothing_of_a_stake_to_rounding) {
    const auto elected = elect(candidates(3), {{test_account(10), 100, {0, 1, 2}}}, 3);
    Balance sum = 0;
    for (const Elected& one : elected) {
        for (const Backing& backing : one.backers) {
            sum += backing.value;
            EXPECT_GE(backing.value, 33U);
        }
    }
    EXPECT_EQ(sum, 100U);
}
TEST(Elections, elect_nobody_without_a_backer) {
    EXPECT_TRUE(elect(candidates(2), {}, 2).empty());
    EXPECT_EQ(
        elect(candidates(2), {{test_account(1), 1, {0}}, {test_account(2), 0, {1}}}, 2).size(), 1U);
    EXPECT_TRUE(elect(candidates(2), {{test_account(1), 1, {0}}}, 0).empty());
}
TEST(Elections, bear_the_largest_stakes) {
    const auto elected = elect(
        candidates(2),
        {{test_account(10), kBalanceMax / 2, {0, 1}}, {test_account(20), kBalanceMax / 2, {0, 1}}},
        2);
    ASSERT_EQ(elected.size(), 2U);
    Balance sum = 0;
    for (const Elected& one : elected) {
        for (const Backing& backing : one.backers) {
            sum += backing.value;
        }
    }
    EXPECT_EQ(sum, kBalanceMax / 2 * 2);
}

}  // namespace
}  // namespace stipple::runtime::elections
