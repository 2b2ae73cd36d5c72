#include "consensus/babe/clock_watch.hpp"

#include <gtest/gtest.h>

namespace stipple::babe {
namespace {

using namespace std::chrono_literals;

TEST(ClockWatch, tells_of_jumps_and_not_of_time_that_passes) {
    ClockWatch watch;
    EXPECT_FALSE(watch.on_time(Instant{10s}, {1'700'000'000'000}));
    EXPECT_FALSE(watch.on_time(Instant{16s}, {1'700'000'006'000}));
    EXPECT_FALSE(watch.on_time(Instant{22s}, {1'700'000'012'400})) << "corrected by and by";
    EXPECT_EQ(watch.on_time(Instant{28s}, {1'700'000'028'400}), 10'000ms);
    EXPECT_FALSE(watch.on_time(Instant{34s}, {1'700'000'034'400})) << "told once";
    EXPECT_EQ(watch.on_time(Instant{40s}, {1'700'000'035'400}), -5000ms);
}

TEST(ClockWatch, takes_several_early_blocks_in_a_row_for_a_slow_clock) {
    ClockWatch watch;
    EXPECT_FALSE(watch.on_block(Slot(11), Slot(10)));
    EXPECT_FALSE(watch.on_block(Slot(11), Slot(10)));
    EXPECT_FALSE(watch.on_block(Slot(10), Slot(10))) << "one in its time";
    EXPECT_FALSE(watch.on_block(Slot(12), Slot(11)));
    EXPECT_FALSE(watch.on_block(Slot(13), Slot(12)));
    EXPECT_TRUE(watch.on_block(Slot(14), Slot(13)));
    EXPECT_FALSE(watch.on_block(Slot(15), Slot(14))) << "told once";
}

}  // namespace
}  // namespace stipple::babe
