#include "rpc/subscriptions/followed_tree.hpp"

#include "rpc/subscriptions/limits.hpp"

#include <gtest/gtest.h>

namespace stipple::rpc {
namespace {

using Added = FollowedTree::Added;

BlockHash hash_of(std::uint32_t n) {
    BlockHash hash;
    hash.bytes[0] = static_cast<std::uint8_t>(n);
    hash.bytes[1] = static_cast<std::uint8_t>(n >> 8);
    return hash;
}

/// 0 is final; 1 to 3 above it, 12 and 13 fork off at 1, 23 at 2.
FollowedTree forked() {
    FollowedTree tree;
    tree.begin({hash_of(0)}, {hash_of(0), 0});
    EXPECT_EQ(tree.add({hash_of(1), 1}, hash_of(0)), Added::added);
    EXPECT_EQ(tree.add({hash_of(2), 2}, hash_of(1)), Added::added);
    EXPECT_EQ(tree.add({hash_of(3), 3}, hash_of(2)), Added::added);
    EXPECT_EQ(tree.add({hash_of(12), 2}, hash_of(1)), Added::added);
    EXPECT_EQ(tree.add({hash_of(13), 3}, hash_of(12)), Added::added);
    EXPECT_EQ(tree.add({hash_of(23), 3}, hash_of(2)), Added::added);
    return tree;
}

TEST(FollowedTree, tells_a_block_once_and_notices_gaps) {
    FollowedTree tree = forked();
    EXPECT_EQ(tree.add({hash_of(2), 2}, hash_of(1)), Added::told_before);
    EXPECT_EQ(tree.add({hash_of(0), 0}, hash_of(99)), Added::told_before);
    EXPECT_EQ(tree.add({hash_of(50), 5}, hash_of(49)), Added::gap);
    EXPECT_TRUE(tree.knows(hash_of(13)));
    EXPECT_FALSE(tree.knows(hash_of(50)));
}

TEST(FollowedTree, says_what_became_final_and_what_was_pruned) {
    FollowedTree tree = forked();
    const auto finality = tree.finalize({hash_of(2), 2});
    ASSERT_TRUE(finality.has_value());
    EXPECT_EQ(finality->finalized, (std::vector{hash_of(1), hash_of(2)}));
    EXPECT_EQ(finality->pruned, (std::vector{hash_of(12), hash_of(13)}));
    EXPECT_TRUE(tree.knows(hash_of(2)));
    EXPECT_TRUE(tree.knows(hash_of(23)));
    EXPECT_FALSE(tree.knows(hash_of(13)));
    EXPECT_EQ(tree.size(), 2U);
    EXPECT_TRUE(tree.finalize({hash_of(1), 1})->finalized.empty());
    EXPECT_FALSE(tree.finalize({hash_of(60), 6}).has_value());
}

TEST(FollowedTree, is_bounded) {
    FollowedTree tree;
    tree.begin({hash_of(0)}, {hash_of(0), 0});
    for (std::uint32_t i = 1; i <= kFollowedBlocksMax; ++i) {
        ASSERT_EQ(tree.add({hash_of(i), i}, hash_of(i - 1)), Added::added);
    }
    const std::uint32_t next = kFollowedBlocksMax + 1;
    EXPECT_EQ(tree.add({hash_of(next), next}, hash_of(next - 1)), Added::full);
    for (std::uint32_t i = 1; i <= 40; ++i) {
        ASSERT_TRUE(tree.finalize({hash_of(i), i}).has_value());
    }
    EXPECT_FALSE(tree.knows(hash_of(40 - kFollowFinalizedMax)));
    EXPECT_TRUE(tree.knows(hash_of(41 - kFollowFinalizedMax)));
}

}  // namespace
}  // namespace stipple::rpc
