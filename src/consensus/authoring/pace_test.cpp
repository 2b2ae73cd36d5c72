#include "consensus/authoring/pace.hpp"

#include <gtest/gtest.h>

namespace stipple::authoring {
namespace {

using namespace std::chrono_literals;

TEST(Lenience, is_none_without_a_missed_slot) {
    EXPECT_EQ(lenience(Slot(10), Slot(9), 6s), 0s);
    EXPECT_EQ(lenience(Slot(10), Slot(10), 6s), 0s);
    EXPECT_EQ(lenience(Slot(9), Slot(10), 6s), 0s);
}

TEST(Lenience, doubles_with_each_two_missed_slots_up_to_128_slots) {
    EXPECT_EQ(lenience(Slot(11), Slot(9), 6s), 4s);
    EXPECT_EQ(lenience(Slot(12), Slot(9), 6s), 8s);
    EXPECT_EQ(lenience(Slot(13), Slot(9), 6s), 8s);
    EXPECT_EQ(lenience(Slot(14), Slot(9), 6s), 16s);
    EXPECT_EQ(lenience(Slot(24), Slot(9), 6s), 128 * 4s);
    EXPECT_EQ(lenience(Slot(UINT64_MAX), Slot(0), 6s), 128 * 4s);
}

TEST(Backoff, lets_a_chain_grow_by_its_slack) {
    for (BlockNumber head = 0; head <= 51; ++head) {
        EXPECT_FALSE(backs_off({}, head, Slot(head), 0, Slot(head + 1)));
    }
    EXPECT_TRUE(backs_off({}, 52, Slot(52), 0, Slot(53)));
    EXPECT_FALSE(backs_off({}, 52, Slot(52), 0, Slot(54)));
    EXPECT_FALSE(backs_off({}, 52, Slot(52), 2, Slot(53))) << "finality went on";
}

TEST(Backoff, never_stops_a_chain_for_good) {
    EXPECT_TRUE(backs_off({}, 1'000'000, Slot(5), 0, Slot(105)));
    EXPECT_FALSE(backs_off({}, 1'000'000, Slot(5), 0, Slot(106)));
    const Backoff testing{.slots_max = 10};
    EXPECT_TRUE(backs_off(testing, 1'000'000, Slot(5), 0, Slot(15)));
    EXPECT_FALSE(backs_off(testing, 1'000'000, Slot(5), 0, Slot(16)));
    EXPECT_FALSE(backs_off({}, UINT32_MAX, Slot(9), 0, Slot(9))) << "not after the head's slot";
}

// What the field's own test states: an author alone on a chain that finalises nothing makes blocks
// ever more slowly, at last one in slots_max + 1 slots.
TEST(Backoff, slows_a_lone_author_down_by_and_by) {
    const Backoff rule{.slots_max = 100, .unfinalized = 5, .blocks_a_slot = 2};
    BlockNumber head = 1;
    std::uint64_t head_slot = 1;
    std::vector<std::uint64_t> gaps;
    for (std::uint64_t slot = 2; slot < 20'000; ++slot) {
        if (!backs_off(rule, head, Slot(head_slot), 1, Slot(slot))) {
            gaps.push_back(slot - head_slot);
            ++head;
            head_slot = slot;
        }
    }
    EXPECT_TRUE(std::is_sorted(gaps.begin(), gaps.end()));
    EXPECT_EQ(gaps.front(), 1u);
    EXPECT_EQ(gaps[7], 2u);
    EXPECT_EQ(gaps.back(), 101u);
}

}  // namespace
}  // namespace stipple::authoring
