#include "network/peers/reputation.hpp"

#include <gtest/gtest.h>

namespace stipple::network {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Reputation, decays_by_a_two_hundredth_a_second_and_at_least_by_one) {
    EXPECT_EQ(decayed(0, 1000), 0);
    EXPECT_EQ(decayed(1000, 1), 995);
    EXPECT_EQ(decayed(-1000, 1), -995);
    EXPECT_EQ(decayed(100, 1), 99);
    EXPECT_EQ(decayed(-100, 100), 0);
    EXPECT_EQ(decayed(3, 2), 1);
}

TEST(Reputation, is_zero_after_3544_seconds_from_either_end) {
    for (const std::int32_t end : {kReputationLowest, std::numeric_limits<std::int32_t>::max()}) {
        EXPECT_EQ(decayed(end, 3544), 0);
        EXPECT_NE(decayed(end, 3543), 0);
    }
}

TEST(Reputation, is_banned_for_69_seconds_from_the_lowest) {
    Reputation reputation;
    reputation.change({seconds(10)}, kReputationLowest);
    EXPECT_TRUE(reputation.banned({seconds(10)}));
    EXPECT_TRUE(reputation.banned({seconds(10 + 68)}));
    EXPECT_FALSE(reputation.banned({seconds(10 + 69)}));
    EXPECT_EQ(kBannedBelow, -1'524'713'356);
}

TEST(Reputation, saturates_at_both_ends) {
    Reputation reputation;
    reputation.change({}, kReputationLowest);
    reputation.change({}, kReputationLowest);
    EXPECT_EQ(reputation.value({}), kReputationLowest);
    reputation.change({}, std::numeric_limits<std::int32_t>::max());
    reputation.change({}, std::numeric_limits<std::int32_t>::max());
    reputation.change({}, std::numeric_limits<std::int32_t>::max());
    EXPECT_EQ(reputation.value({}), std::numeric_limits<std::int32_t>::max());
}

TEST(Reputation, decays_with_whole_seconds_of_the_clock) {
    Reputation reputation;
    reputation.change({milliseconds(900)}, 1000);
    EXPECT_EQ(reputation.value({milliseconds(999)}), 1000);
    EXPECT_EQ(reputation.value({milliseconds(1000)}), 995);
    EXPECT_EQ(reputation.value({milliseconds(500)}), 1000) << "time does not run backwards";
}

TEST(Reputation, is_the_same_however_often_it_is_looked_at) {
    Reputation watched;
    Reputation left;
    watched.change({}, -123'456);
    left.change({}, -123'456);
    for (int i = 1; i <= 500; ++i) {
        watched.settle({milliseconds(700) * i});
    }
    EXPECT_EQ(watched.value({milliseconds(350'000)}), left.value({milliseconds(350'000)}));
}

}  // namespace
}  // namespace stipple::network
