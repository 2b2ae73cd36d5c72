#include "pallets/timestamp/timestamp.hpp"

#include "pallets/babe/babe.hpp"
#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr Moment kParent = 600'000'000;

InherentData clock(Moment now) {
    InherentData data;
    data.values[inherent_id(Timestamp::kInherent)] = scale::encode(now);
    return data;
}
Moment moment_of(const RuntimeCall& call) {
    return scale::decode<Compact<Moment>>(call.arguments())->value;
}
RuntimeCall claim(Moment moment) {
    return RuntimeCall::make(Timestamp::index(), 0, Compact<Moment>{moment});
}
struct TimestampTest : ::testing::Test {
    TestBlock block;
    TimestampTest() { Timestamp::now.set(kParent); }
};

TEST_F(TimestampTest, is_the_author_s_clock_but_never_too_close_to_the_parent) {
    EXPECT_EQ(moment_of(*Timestamp::create_inherent(clock(kParent + 6'000))), kParent + 6'000);
    EXPECT_EQ(moment_of(*Timestamp::create_inherent(clock(kParent + 1))),
              kParent + Timestamp::kMinimumPeriodMs);
    EXPECT_FALSE(Timestamp::create_inherent({}));
}
TEST_F(TimestampTest, of_others_may_be_a_little_ahead_of_our_clock) {
    const InherentData ours = clock(kParent + 6'000);
    EXPECT_FALSE(Timestamp::check_inherent(claim(kParent + 6'000), ours));
    EXPECT_FALSE(Timestamp::check_inherent(claim(kParent + 6'000 + Timestamp::kDriftMaxMs), ours));
    const auto far =
        Timestamp::check_inherent(claim(kParent + 6'001 + Timestamp::kDriftMaxMs), ours);
    ASSERT_TRUE(far);
    EXPECT_TRUE(far->fatal);
    EXPECT_TRUE(Timestamp::check_inherent(claim(kParent + 1), ours)) << "too early";
}
TEST_F(TimestampTest, is_set_by_the_inherent_alone) {
    Babe::current_slot.set(Slot((kParent + 6'000) / config::kSlotDurationMs));
    EXPECT_EQ(Timestamp::set(Origin::signed_by(test_account(1)), {kParent + 6'000}).error(),
              DispatchError::bad_origin());
    ASSERT_TRUE(Timestamp::set(Origin::none(), {kParent + 6'000}));
    EXPECT_EQ(Timestamp::now.get(), kParent + 6'000);
    EXPECT_TRUE(Timestamp::did_update.exists());
    Timestamp::on_finalize(1);
    EXPECT_FALSE(Timestamp::did_update.exists());
    EXPECT_EQ(claim(1).info().kind, DispatchClass::mandatory);
}

}  // namespace
}  // namespace stipple::runtime
