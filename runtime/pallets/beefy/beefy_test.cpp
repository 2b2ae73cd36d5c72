#include "pallets/beefy/beefy.hpp"

#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

ValidatorKeys one_validator(std::uint8_t seed) {
    SessionKeys keys;
    keys.beefy.bytes.fill(seed);
    return {{test_account(seed), keys}};
}

TEST(Beefy, announces_a_set_in_every_session) {
    TestBlock block;
    Beefy::on_genesis_session(one_validator(1));
    EXPECT_EQ(Beefy::validator_set()->id, 0U);
    Beefy::on_new_session(one_validator(1), one_validator(2), 1);
    Beefy::on_new_session(one_validator(2), one_validator(2), 2);
    const BeefyValidatorSet now = *Beefy::validator_set();
    EXPECT_EQ(now.id, 2U);
    EXPECT_EQ(now.validators, std::vector{std::get<1>(one_validator(2)[0]).beefy});
    EXPECT_EQ(Beefy::set_id_session.get(2), 2U);

    // AuthoritiesChange: index 1, the keys, the id.
    Bytes log{1, 1 << 2};
    log.insert(log.end(), 33, 2);
    append(log, scale::encode(std::uint64_t{2}));
    const Digest digest = System::digest.get();
    ASSERT_EQ(digest.logs.size(), 2U);
    EXPECT_EQ(digest.logs[1], DigestItem(ConsensusDigest{engine_id("BEEF"), log}));
}
TEST(Beefy, forgets_the_sessions_of_old_sets) {
    TestBlock block;
    Beefy::on_genesis_session(one_validator(1));
    for (SessionIndex session = 1; session <= Beefy::kMaxSetIdSessionEntries; ++session) {
        EXPECT_TRUE(Beefy::set_id_session.contains(0));
        Beefy::on_new_session(one_validator(1), one_validator(1), session);
    }
    EXPECT_FALSE(Beefy::set_id_session.contains(0));
    EXPECT_TRUE(Beefy::set_id_session.contains(1));
}
TEST(Beefy, says_who_is_disabled) {
    TestBlock block;
    Beefy::on_disabled(7);
    EXPECT_EQ(System::digest.get().logs.back(),
              DigestItem(ConsensusDigest{engine_id("BEEF"), Bytes{2, 7, 0, 0, 0}}));
}
TEST(Beefy, begins_where_root_says) {
    TestBlock block;
    EXPECT_EQ(Beefy::genesis_block.get(), std::nullopt);
    EXPECT_EQ(Beefy::set_new_genesis(Origin::none(), 5).error(), DispatchError::bad_origin());
    EXPECT_EQ(Beefy::set_new_genesis(Origin::root(), 0).error(),
              Beefy::error(Beefy::kInvalidConfiguration));
    ASSERT_TRUE(Beefy::set_new_genesis(Origin::root(), 5));
    EXPECT_EQ(Beefy::genesis_block.get(), 6U);
    EXPECT_EQ(Beefy::validator_set(), std::nullopt);
}

}  // namespace
}  // namespace stipple::runtime
