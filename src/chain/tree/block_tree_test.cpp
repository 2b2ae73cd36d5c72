#include "chain/tree/block_tree.hpp"

#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace stipple::chain {
namespace {

BlockHash hash_of(std::uint64_t id) {
    BlockHash hash;
    for (std::size_t i = 0; i < sizeof id; ++i) {
        hash.bytes[i] = static_cast<std::uint8_t>(id >> (8 * i));
    }
    return hash;
}
BlockRef ref(std::uint64_t id, BlockNumber number) {
    return {hash_of(id), number};
}

/// The same by brute force: a list of blocks in order of arrival, each with its whole ancestry.
struct Model {
    struct Entry {
        BlockRef block;
        std::uint64_t weight = 0;
        std::vector<BlockRef> chain;  ///< from the finalised block down to this one
    };
    std::vector<Entry> entries;

    explicit Model(BlockRef finalized) { entries.push_back({finalized, 0, {finalized}}); }
    const Entry* find(const BlockHash& hash) const {
        const auto at = std::ranges::find_if(
            entries, [&](const Entry& entry) { return entry.block.hash == hash; });
        return at == entries.end() ? nullptr : &*at;
    }
    BlockRef best() const {
        const Entry* best = &entries.front();
        for (const Entry& entry : entries) {
            if (std::pair(entry.weight, entry.block.number) >
                std::pair(best->weight, best->block.number)) {
                best = &entry;
            }
        }
        return best->block;
    }
    bool descends(const Entry& entry, const BlockHash& ancestor) const {
        return std::ranges::any_of(entry.chain,
                                   [&](const BlockRef& block) { return block.hash == ancestor; });
    }
    std::vector<BlockRef> leaves() const {
        std::vector<BlockRef> found;
        for (const Entry& entry : entries) {
            const bool parent = std::ranges::any_of(entries, [&](const Entry& other) {
                return &other != &entry && descends(other, entry.block.hash);
            });
            if (!parent) {
                found.push_back(entry.block);
            }
        }
        return found;
    }
    std::set<BlockRef> finalize(const BlockHash& hash) {
        const Entry winner = *find(hash);
        std::set<BlockRef> dropped;
        std::vector<Entry> kept;
        for (Entry& entry : entries) {
            if (descends(entry, hash)) {
                entry.chain.erase(entry.chain.begin(),
                                  std::ranges::find(entry.chain, winner.block));
                kept.push_back(entry);
            } else if (!descends(winner, entry.block.hash)) {
                dropped.insert(entry.block);
            }
        }
        entries = std::move(kept);
        return dropped;
    }
};

void expect_same(const BlockTree& tree, const Model& model, Prng& random) {
    EXPECT_EQ(tree.best(), model.best());
    EXPECT_EQ(tree.leaves(), model.leaves());
    EXPECT_EQ(tree.size() + 1, model.entries.size());
    const auto pick = [&]() -> const Model::Entry& {
        return model.entries[random.below(model.entries.size())];
    };
    const auto& a = pick();
    const auto& b = pick();
    EXPECT_EQ(tree.is_descendant(a.block.hash, b.block.hash), model.descends(b, a.block.hash));
    const Route route = tree.route(a.block.hash, b.block.hash);
    const std::size_t common = route.common.number - model.entries.front().block.number;
    EXPECT_EQ(a.chain[common], route.common);
    EXPECT_EQ(b.chain[common], route.common);
    EXPECT_EQ(route.enacted, std::vector(b.chain.begin() + static_cast<std::ptrdiff_t>(common) + 1,
                                         b.chain.end()));
    EXPECT_EQ(route.retracted.size() + common + 1, a.chain.size());
}

TEST(BlockTree, agrees_with_brute_force_on_random_forks_and_finality) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Prng random(Seed{seed});
        const BlockRef genesis = ref(0, 0);
        BlockTree tree(genesis, 0);
        Model model(genesis);
        for (std::uint64_t id = 1; id < 120; ++id) {
            const std::size_t back = random.below(std::min<std::size_t>(6, model.entries.size()));
            const Model::Entry parent = model.entries[model.entries.size() - 1 - back];
            const BlockRef block = ref(id, parent.block.number + 1);
            const std::uint64_t weight = parent.weight + random.below(2);
            const BlockRef best_before = model.best();
            auto chain = parent.chain;
            chain.push_back(block);
            model.entries.push_back({block, weight, chain});
            EXPECT_EQ(tree.insert(block, parent.block.hash, weight), model.best() != best_before);
            if (random.chance(1, 12)) {
                const BlockHash target =
                    model.entries[random.below(model.entries.size())].block.hash;
                const auto outcome = tree.finalize(target);
                const auto dropped = model.finalize(target);
                ASSERT_TRUE(outcome.has_value());
                EXPECT_EQ(std::set(outcome->dropped.begin(), outcome->dropped.end()), dropped);
                EXPECT_EQ(outcome->reorganization.has_value(),
                          model.find(outcome->best_before.hash) == nullptr);
                EXPECT_EQ(tree.finalized().hash, target);
            }
            expect_same(tree, model, random);
        }
    }
}

TEST(BlockTree, more_primary_slots_win_over_a_longer_chain) {
    BlockTree tree(ref(0, 10), 5);
    EXPECT_EQ(tree.insert(ref(1, 11), hash_of(0), 5), true);
    EXPECT_EQ(tree.insert(ref(2, 12), hash_of(1), 5), true);
    EXPECT_EQ(tree.insert(ref(3, 11), hash_of(0), 6), true);
    EXPECT_EQ(tree.best(), ref(3, 11));
    EXPECT_EQ(tree.insert(ref(4, 13), hash_of(2), 6), true) << "equal weight, higher number";
    EXPECT_EQ(tree.insert(ref(5, 12), hash_of(3), 6), false);
    EXPECT_EQ(tree.insert(ref(6, 13), hash_of(5), 6), false) << "equal in all: first seen stays";
}

TEST(BlockTree, refuses_blocks_that_do_not_fit) {
    BlockTree tree(ref(0, 10), 5);
    ASSERT_TRUE(tree.insert(ref(1, 11), hash_of(0), 6));
    EXPECT_EQ(tree.insert(ref(1, 11), hash_of(0), 6).error(), InsertError::already_known);
    EXPECT_EQ(tree.insert(ref(2, 12), hash_of(9), 6).error(), InsertError::unknown_parent);
    EXPECT_EQ(tree.insert(ref(2, 13), hash_of(1), 6).error(), InsertError::bad_number);
    EXPECT_EQ(tree.insert(ref(2, 12), hash_of(1), 5).error(), InsertError::bad_weight);
    EXPECT_EQ(tree.insert(ref(2, 0), hash_of(1), 6).error(), InsertError::bad_number);
    EXPECT_FALSE(tree.finalize(hash_of(9)).has_value());
    EXPECT_EQ(tree.size(), 1U);
}

TEST(BlockTree, an_author_cannot_put_any_number_of_blocks_under_one_parent) {
    BlockTree tree(ref(0, 0), 0);
    for (std::uint64_t id = 1; id <= kChildrenMax; ++id) {
        ASSERT_TRUE(tree.insert(ref(id, 1), hash_of(0), 0));
    }
    EXPECT_EQ(tree.insert(ref(kChildrenMax + 1, 1), hash_of(0), 0).error(),
              InsertError::too_many_children);
}

TEST(BlockTree, a_stalled_finality_has_an_end) {
    BlockTree tree(ref(0, 0), 0);
    for (std::uint64_t id = 1; id <= kUnfinalizedBlocksMax; ++id) {
        ASSERT_TRUE(tree.insert(ref(id, static_cast<BlockNumber>(id)), hash_of(id - 1), 0));
    }
    const auto next = static_cast<BlockNumber>(kUnfinalizedBlocksMax + 1);
    EXPECT_EQ(tree.insert(ref(next, next), hash_of(next - 1), 0).error(),
              InsertError::too_many_blocks);
    ASSERT_TRUE(tree.finalize(hash_of(2)));
    EXPECT_TRUE(tree.insert(ref(next, next), hash_of(next - 1), 0));
}

TEST(BlockTree, drops_children_before_their_parents) {
    BlockTree tree(ref(0, 0), 0);
    ASSERT_TRUE(tree.insert(ref(1, 1), hash_of(0), 0));
    ASSERT_TRUE(tree.insert(ref(2, 1), hash_of(0), 0));
    ASSERT_TRUE(tree.insert(ref(3, 2), hash_of(2), 0));
    ASSERT_TRUE(tree.insert(ref(4, 3), hash_of(3), 0));
    const auto outcome = tree.finalize(hash_of(1));
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->dropped, (std::vector{ref(4, 3), ref(3, 2), ref(2, 1)}));
    ASSERT_TRUE(outcome->reorganization.has_value());
    EXPECT_EQ(outcome->reorganization->retracted, (std::vector{ref(4, 3), ref(3, 2), ref(2, 1)}));
    EXPECT_EQ(outcome->reorganization->enacted, std::vector{ref(1, 1)});
    EXPECT_EQ(tree.best(), ref(1, 1));
}

TEST(BlockTree, truncation_keeps_one_chain) {
    BlockTree tree(ref(0, 0), 0);
    ASSERT_TRUE(tree.insert(ref(1, 1), hash_of(0), 0));
    ASSERT_TRUE(tree.insert(ref(2, 2), hash_of(1), 0));
    ASSERT_TRUE(tree.insert(ref(3, 2), hash_of(1), 1));
    EXPECT_EQ(tree.truncate_to(hash_of(1)), (std::vector{ref(3, 2), ref(2, 2)}));
    EXPECT_EQ(tree.best(), ref(1, 1));
    EXPECT_EQ(tree.leaves(), std::vector{ref(1, 1)});
}

}  // namespace
}  // namespace stipple::chain
