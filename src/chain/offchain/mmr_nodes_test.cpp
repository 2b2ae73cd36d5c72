#include "chain/offchain/mmr_nodes.hpp"

#include "base/memory_store.hpp"

#include <gtest/gtest.h>

namespace stipple::chain::offchain {
namespace {

TEST(MmrNodes, lie_where_a_range_built_leaf_by_leaf_has_them) {
    // A range as its definition has it: a leaf is pushed, then two peaks of one height join.
    std::vector<int> heights;
    std::uint64_t next = 0;
    for (std::uint64_t leaf = 0; leaf < 2000; ++leaf) {
        std::vector<std::uint64_t> expected{next++};
        heights.push_back(0);
        while (heights.size() > 1 && heights[heights.size() - 2] == heights.back()) {
            heights.pop_back();
            ++heights.back();
            expected.push_back(next++);
        }
        EXPECT_EQ(mmr_leaf_position(leaf), expected.front());
        EXPECT_EQ(mmr_nodes_of_leaf(leaf), expected);
    }
}

TEST(MmrNodes, have_keys_as_the_pallet_makes_them) {
    BlockHash parent;
    parent.bytes.fill(0xab);
    EXPECT_EQ(to_hex(mmr_final_key(5)), "0c6d6d720500000000000000");
    EXPECT_EQ(to_hex(mmr_temporary_key(5, parent)),
              "0c6d6d720500000000000000" + to_hex(parent.view()));
}

TEST(MmrNodes, move_to_their_final_keys_with_their_block_and_go_with_a_losing_one) {
    MemoryStore store;
    LocalStorage storage(store);
    BlockHash winner;
    winner.bytes.fill(1);
    BlockHash loser;
    loser.bytes.fill(2);
    const std::uint64_t leaf = 3;  // completes two inner nodes
    ASSERT_EQ(mmr_nodes_of_leaf(leaf), (std::vector<std::uint64_t>{4, 5, 6}));
    for (const std::uint64_t position : mmr_nodes_of_leaf(leaf)) {
        const auto value = static_cast<std::uint8_t>(position);
        storage.set(mmr_temporary_key(position, winner), Bytes{1, value});
        storage.set(mmr_temporary_key(position, loser), Bytes{2, value});
    }
    canonicalize_mmr_nodes(storage, leaf, winner);
    prune_mmr_nodes(storage, leaf, loser);
    for (const std::uint64_t position : mmr_nodes_of_leaf(leaf)) {
        EXPECT_EQ(storage.get(mmr_final_key(position)),
                  (Bytes{1, static_cast<std::uint8_t>(position)}));
        EXPECT_FALSE(storage.get(mmr_temporary_key(position, winner)));
        EXPECT_FALSE(storage.get(mmr_temporary_key(position, loser)));
    }
    canonicalize_mmr_nodes(storage, leaf, winner);  // again: nothing is lost
    EXPECT_TRUE(storage.get(mmr_final_key(4)));
}

}  // namespace
}  // namespace stipple::chain::offchain
