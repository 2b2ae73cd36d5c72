#include "pallets/session/session.hpp"

#include "pallets/babe/babe.hpp"
#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

SessionKeys keys_of(std::uint8_t seed) {
    SessionKeys keys;
    keys.grandpa.bytes.fill(seed);
    keys.babe.bytes.fill(seed);
    keys.para_validator.bytes.fill(seed);
    keys.para_assignment.bytes.fill(seed);
    keys.authority_discovery.bytes.fill(seed);
    keys.beefy.bytes.fill(seed);
    return keys;
}
/// Validators 1 and 2 with keys of the same numbers.
struct SessionTest : ::testing::Test {
    TestBlock block;

    SessionTest() {
        ValidatorKeys both;
        for (const std::uint8_t one : {std::uint8_t{1}, std::uint8_t{2}}) {
            block.endow(one, config::kUnit);
            EXPECT_TRUE(set_keys(one, one));
            both.emplace_back(test_account(one), keys_of(one));
        }
        Session::validators.set({test_account(1), test_account(2)});
        Session::queued_keys.set(both);
    }
    static DispatchResult set_keys(std::uint8_t who, std::uint8_t seed) {
        return Session::set_keys(Origin::signed_by(test_account(who)), keys_of(seed), {});
    }
    static std::uint32_t consumers(std::uint8_t who) {
        return System::account.get(test_account(who)).consumers;
    }
    static crypto::Sr25519Public first_author() { return Babe::authorities.get().items.front().id; }
};

TEST_F(SessionTest, uses_new_keys_from_the_second_rotation_on) {
    Session::rotate();
    EXPECT_EQ(first_author(), keys_of(1).babe);
    ASSERT_TRUE(set_keys(1, 9));
    Session::rotate();
    EXPECT_EQ(first_author(), keys_of(1).babe);
    EXPECT_EQ(Babe::next_authorities.get().items.front().id, keys_of(9).babe);
    EXPECT_TRUE(Session::queued_changed.get());
    Session::rotate();
    EXPECT_EQ(first_author(), keys_of(9).babe);
    EXPECT_EQ(Session::current_index.get(), 3U);
    EXPECT_TRUE(block.has_event(Session::encode_event(Session::kNewSession, 3U)));
}
TEST_F(SessionTest, gives_a_key_to_one_validator_only) {
    EXPECT_EQ(set_keys(2, 1).error(), Session::error(Session::kDuplicatedKey));
    ASSERT_TRUE(set_keys(1, 7));
    EXPECT_TRUE(set_keys(2, 1)) << "the first has given them up";
    EXPECT_EQ(consumers(1), 1U);
    EXPECT_EQ(set_keys(3, 8).error(), Session::error(Session::kNoAccount));
}
TEST_F(SessionTest, forgets_keys_that_are_purged) {
    const Origin first = Origin::signed_by(test_account(1));
    ASSERT_TRUE(Session::purge_keys(first));
    EXPECT_EQ(consumers(1), 0U);
    EXPECT_EQ(Session::purge_keys(first).error(), Session::error(Session::kNoKeys));
    EXPECT_TRUE(set_keys(2, 1)) << "nobody's keys";
    Session::rotate();
    Session::rotate();
    EXPECT_EQ(Session::validators.get(), (std::vector{test_account(2)})) << "1 sits out";
}
TEST_F(SessionTest, disables_until_the_set_changes) {
    EXPECT_TRUE(Session::disable(1));
    EXPECT_FALSE(Session::disable(1));
    EXPECT_FALSE(Session::disable(2)) << "there are two";
    EXPECT_TRUE(Session::is_disabled(1));
    EXPECT_FALSE(Session::is_disabled(0));
    Session::rotate();
    EXPECT_TRUE(Session::is_disabled(1));
    ASSERT_TRUE(set_keys(2, 9));
    Session::rotate();
    EXPECT_TRUE(Session::is_disabled(1));
    Session::rotate();
    EXPECT_FALSE(Session::is_disabled(1));
}

}  // namespace
}  // namespace stipple::runtime
