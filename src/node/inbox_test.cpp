#include "node/inbox.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stipple::node {
namespace {

using Clock = std::chrono::steady_clock;

TEST(Inbox, takes_lower_lanes_first_and_keeps_order_within_one) {
    Inbox<int> inbox;
    ASSERT_TRUE(inbox.push(Lane::transactions, 1));
    ASSERT_TRUE(inbox.push(Lane::transactions, 2));
    ASSERT_TRUE(inbox.push(Lane::job_results, 3));
    ASSERT_TRUE(inbox.push(Lane::control, 4));
    for (const int expected : {4, 3, 1, 2}) {
        EXPECT_EQ(inbox.pop(Clock::now()), expected);
    }
    EXPECT_FALSE(inbox.pop(Clock::now()));
}

TEST(Inbox, refuses_when_a_lane_is_full_and_leaves_the_others_open) {
    Inbox<int> inbox;
    for (std::size_t i = 0;
         i < kLaneLimits[static_cast<std::size_t>(Lane::transactions)].length_max; ++i) {
        ASSERT_TRUE(inbox.push(Lane::transactions, 0));
    }
    EXPECT_FALSE(inbox.push(Lane::transactions, 0));
    EXPECT_TRUE(inbox.push(Lane::control, 1));
    EXPECT_EQ(inbox.pop({}), 1);
}

TEST(Inbox, wakes_the_core_when_something_arrives) {
    Inbox<int> inbox;
    std::thread other([&] { EXPECT_TRUE(inbox.push(Lane::control, 9)); });
    EXPECT_EQ(inbox.pop(Clock::now() + std::chrono::seconds(20)), 9);
    other.join();
}

TEST(Inbox, gives_what_is_inside_after_closing_and_then_nothing) {
    Inbox<int> inbox;
    ASSERT_TRUE(inbox.push(Lane::control, 1));
    inbox.close();
    EXPECT_FALSE(inbox.push(Lane::control, 2));
    EXPECT_EQ(inbox.pop({}), 1);
    EXPECT_FALSE(inbox.pop({}));
}

}  // namespace
}  // namespace stipple::node
