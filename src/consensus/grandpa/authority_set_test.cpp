#include "consensus/grandpa/authority_set.hpp"

#include "base/memory_store.hpp"
#include "consensus/grandpa/limits.hpp"
#include "consensus/grandpa/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::grandpa {
namespace {

using testing::block;
using testing::voter_list;

class Sets : public ::testing::Test {
 protected:
    void SetUp() override { tree_.finalize(block(0)); }
    std::expected<ImportedBlock, ChangeError> import(BlockRef at,
                                                     std::optional<ConsensusLog> log = {},
                                                     std::uint8_t parent_fork = 0) {
        Header header;
        header.number = at.number;
        header.parent_hash = block(at.number - 1, parent_fork).hash;
        if (log) {
            header.digest.push_back(ConsensusDigest{kGrandpaEngine, scale::encode(*log)});
        }
        auto outcome = set_.on_block_imported(at, header, tree_);
        tree_.insert(at, header.parent_hash);
        return outcome;
    }
    void grow(BlockNumber first, BlockNumber last) {
        for (BlockNumber n = first; n <= last; ++n) {
            ASSERT_TRUE(import(block(n)));
        }
    }
    BlockTree tree_;
    AuthoritySet set_ = *AuthoritySet::genesis(voter_list(4));
};

TEST_F(Sets, change_when_the_delayed_block_is_final) {
    grow(1, 2);
    ASSERT_TRUE(import(block(3), ScheduledChange{voter_list(5), 2}));
    EXPECT_FALSE(import(block(4))->needs_justification);
    EXPECT_TRUE(import(block(5))->needs_justification);
    EXPECT_FALSE(import(block(6))->needs_justification);
    EXPECT_EQ(set_.vote_limit(block(6), tree_), BlockNumber{5});
    EXPECT_EQ(set_.vote_limit(block(4), tree_), std::nullopt);
    EXPECT_FALSE(set_.on_finalized(block(4), tree_).set_changed);
    EXPECT_EQ(set_.id(), AuthoritySetId(0));
    EXPECT_TRUE(set_.on_finalized(block(5), tree_).set_changed);
    EXPECT_EQ(set_.id(), AuthoritySetId(1));
    EXPECT_EQ(set_.authorities(), voter_list(5));
    EXPECT_TRUE(set_.pending().empty());
    ASSERT_EQ(set_.past_sets().size(), 1u);
    EXPECT_EQ(set_.past_sets()[0].last_block, 5u);
}

TEST_F(Sets, keep_a_change_whose_signal_was_final_long_before_it_holds) {
    ASSERT_TRUE(import(block(1), ScheduledChange{voter_list(5), 4}));
    grow(2, 6);
    for (BlockNumber n = 1; n <= 4; ++n) {
        EXPECT_FALSE(set_.on_finalized(block(n), tree_).set_changed);
        tree_.finalize(block(n));
        EXPECT_EQ(set_.vote_limit(block(6), tree_), BlockNumber{5});
    }
    EXPECT_TRUE(set_.on_finalized(block(5), tree_).set_changed);
    EXPECT_EQ(set_.authorities(), voter_list(5));
}

TEST_F(Sets, change_at_once_without_a_delay) {
    EXPECT_TRUE(import(block(1), ScheduledChange{voter_list(2), 0})->needs_justification);
    EXPECT_TRUE(set_.on_finalized(block(1), tree_).set_changed);
}

TEST_F(Sets, drop_the_changes_of_dead_forks) {
    grow(1, 3);
    ASSERT_TRUE(import(block(4), ScheduledChange{voter_list(5), 1}));
    ASSERT_TRUE(import(block(4, 1), ScheduledChange{voter_list(6), 1}));
    ASSERT_TRUE(import(block(5, 1), {}, 1));
    EXPECT_EQ(set_.pending().size(), 2u);
    EXPECT_TRUE(set_.on_finalized(block(5, 1), tree_).set_changed);
    EXPECT_EQ(set_.authorities(), voter_list(6));
    EXPECT_TRUE(set_.pending().empty());
}

TEST_F(Sets, change_by_force_at_import) {
    grow(1, 2);
    ASSERT_TRUE(import(block(3), ForcedChange{2, {voter_list(7), 2}}));
    EXPECT_FALSE(import(block(4))->set_changed);
    EXPECT_EQ(import(block(4, 1), ForcedChange{2, {voter_list(7), 2}}).error(),
              ChangeError::several_forced_changes);
    const auto changed = import(block(5));
    ASSERT_TRUE(changed);
    EXPECT_TRUE(changed->set_changed);
    EXPECT_EQ(set_.id(), AuthoritySetId(1));
    EXPECT_EQ(set_.authorities(), voter_list(7));
    EXPECT_EQ(set_.past_sets()[0].last_block, 2u);
}

TEST_F(Sets, refuse_force_over_an_unfinished_scheduled_change_and_bad_lists) {
    ASSERT_TRUE(import(block(1), ScheduledChange{voter_list(5), 0}));
    EXPECT_EQ(import(block(2), ForcedChange{1, {voter_list(7), 0}}).error(),
              ChangeError::unfinished_change_below);
    EXPECT_EQ(import(block(3), ScheduledChange{{}, 0}).error(), ChangeError::invalid_authorities);
    EXPECT_FALSE(AuthoritySet::genesis({}));
}

TEST_F(Sets, bound_what_is_pending) {
    grow(1, 1);
    for (std::uint32_t i = 0; i < kPendingChangesMax; ++i) {
        BlockRef at = block(2);
        at.hash.bytes[4] = static_cast<std::uint8_t>(i);
        at.hash.bytes[5] = static_cast<std::uint8_t>(i >> 8);
        at.hash.bytes[6] = 1;
        ASSERT_TRUE(import(at, ScheduledChange{voter_list(1), 9}));
    }
    EXPECT_EQ(import(block(2), ScheduledChange{voter_list(1), 9}).error(),
              ChangeError::too_many_changes);
}

TEST_F(Sets, come_back_from_the_store) {
    MemoryStore store;
    ASSERT_TRUE(store.commit(set_.rows(), Durability::buffered));
    grow(1, 2);
    const auto rows = import(block(3), ScheduledChange{voter_list(5), 2})->rows;
    ASSERT_TRUE(store.commit(rows, Durability::buffered));
    const auto loaded = AuthoritySet::load(store);
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_EQ((**loaded).pending(), set_.pending());
    EXPECT_EQ((**loaded).authorities(), voter_list(4));
    WriteBatch damage;
    damage.put(Column::consensus, to_bytes("grandpa/set"), Bytes{1, 2});
    ASSERT_TRUE(store.commit(damage, Durability::buffered));
    EXPECT_FALSE(AuthoritySet::load(store));
}

}  // namespace
}  // namespace stipple::grandpa
