#include "pallets/grandpa/grandpa.hpp"

#include "pallets/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace stipple::runtime {
namespace {

grandpa::AuthorityList voters(std::uint8_t seed) {
    grandpa::Authority one;
    one.id.bytes.fill(seed);
    one.weight = 1;
    return {one};
}
/// Whether the block at hand tells the voters this.
bool is_announced(const grandpa::ConsensusLog& log) {
    const auto logs = System::digest.get().logs;
    return std::ranges::find(
               logs, DigestItem(ConsensusDigest{kGrandpaEngine, scale::encode(log)})) != logs.end();
}
struct GrandpaTest : ::testing::Test {
    TestBlock block;
    GrandpaTest() {
        Grandpa::set_genesis_authorities(voters(1));
        Grandpa::set_id_session.insert(0, 0);
    }
    /// Ends the block at hand and begins another.
    void next_block() {
        Grandpa::on_finalize(System::number.get());
        block.next();
    }
};

TEST_F(GrandpaTest, schedules_the_voters_of_a_changed_session_at_once) {
    Grandpa::on_new_session(true, voters(2), 1);
    EXPECT_EQ(Grandpa::current_set_id.get(), 1U);
    EXPECT_EQ(Grandpa::set_id_session.get(1), 1U);
    Grandpa::on_finalize(1);
    EXPECT_TRUE(is_announced(grandpa::ScheduledChange{voters(2), 0}));
    EXPECT_EQ(Grandpa::authorities.get().items, voters(2));
    EXPECT_TRUE(block.has_event(Grandpa::encode_event(Grandpa::kNewAuthorities, voters(2))));
    EXPECT_FALSE(Grandpa::pending_change.exists());
}
TEST_F(GrandpaTest, keeps_the_set_through_a_session_of_the_same) {
    Grandpa::on_new_session(false, voters(1), 1);
    Grandpa::on_finalize(1);
    EXPECT_EQ(Grandpa::current_set_id.get(), 0U);
    EXPECT_EQ(Grandpa::set_id_session.get(0), 1U) << "the set's last session so far";
    EXPECT_TRUE(System::digest.get().logs.empty());
}
TEST_F(GrandpaTest, forces_a_change_when_root_says_that_finality_stalled) {
    constexpr BlockNumber kDelay = 3;
    constexpr BlockNumber kMedian = 7;
    const Origin stranger = Origin::signed_by(test_account(1));
    EXPECT_EQ(Grandpa::note_stalled(stranger, kDelay, kMedian).error(),
              DispatchError::bad_origin());
    ASSERT_TRUE(Grandpa::note_stalled(Origin::root(), kDelay, kMedian));
    Grandpa::on_new_session(false, voters(2), 1);
    EXPECT_FALSE(Grandpa::stalled.exists());
    Grandpa::on_finalize(1);
    EXPECT_TRUE(is_announced(grandpa::ForcedChange{kMedian, {voters(2), kDelay}}));
    block.next();
    for (BlockNumber number = 2; number < 1 + kDelay; ++number) {
        next_block();
        EXPECT_EQ(Grandpa::authorities.get().items, voters(1)) << number;
    }
    next_block();
    EXPECT_EQ(Grandpa::authorities.get().items, voters(2));
    EXPECT_EQ(Grandpa::current_set_id.get(), 1U);
}
TEST_F(GrandpaTest, makes_one_change_at_a_time_and_forces_none_too_soon) {
    ASSERT_TRUE(Grandpa::schedule_change(voters(2), 2, BlockNumber{0}));
    EXPECT_EQ(Grandpa::schedule_change(voters(3), 0, std::nullopt).error(),
              Grandpa::error(Grandpa::kChangePending));
    Grandpa::on_new_session(true, voters(3), 1);
    EXPECT_EQ(Grandpa::current_set_id.get(), 0U) << "no set for a change that cannot be";
    for (int i = 0; i < 3; ++i) {
        next_block();
    }
    EXPECT_EQ(Grandpa::authorities.get().items, voters(2));
    EXPECT_EQ(Grandpa::schedule_change(voters(3), 2, BlockNumber{0}).error(),
              Grandpa::error(Grandpa::kTooSoon));
    next_block();
    EXPECT_TRUE(Grandpa::schedule_change(voters(3), 2, BlockNumber{0}));
}

}  // namespace
}  // namespace stipple::runtime
