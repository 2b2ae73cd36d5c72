#include "consensus/grandpa/voter_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace stipple::grandpa {
namespace {

using testing::block;
using testing::voter_id;
using testing::voter_list;

// A trunk of 10 blocks; fork 1 leaves it above block 4.
BlockTree forked_tree() {
    BlockTree tree;
    tree.finalize(block(0));
    for (BlockNumber n = 1; n <= 10; ++n) {
        tree.insert(block(n), block(n - 1).hash);
        if (n >= 5) {
            tree.insert(block(n, 1), block(n - 1, n == 5 ? 0 : 1).hash);
        }
    }
    return tree;
}

class Rounds : public ::testing::Test {
 protected:
    VoteOutcome vote(Phase phase, std::size_t voter, BlockRef target) {
        return round_.import(phase, {target, {}, voter_id(voter)}, tree_);
    }
    void all(Phase phase, std::size_t first, std::size_t last, BlockRef target) {
        for (std::size_t i = first; i <= last; ++i) {
            EXPECT_EQ(vote(phase, i, target), VoteOutcome::counted);
        }
    }
    BlockTree tree_ = forked_tree();
    // Ten voters: f = 3, threshold 7.
    Round round_{RoundNumber(1),
                 std::make_shared<const VoterSet>(*VoterSet::create(voter_list(10))), block(0)};
};

TEST_F(Rounds, have_no_ghost_below_the_threshold) {
    all(Phase::prevote, 0, 5, block(6));
    EXPECT_EQ(round_.state(), RoundState{});
    all(Phase::prevote, 6, 6, block(6));
    EXPECT_EQ(round_.state().prevote_ghost, block(6));
    EXPECT_EQ(round_.state().estimate, block(6));
    EXPECT_FALSE(round_.state().completable);
}

TEST_F(Rounds, put_the_ghost_where_the_forks_part) {
    all(Phase::prevote, 0, 4, block(9));
    all(Phase::prevote, 5, 9, block(8, 1));
    EXPECT_EQ(round_.state().prevote_ghost, block(4));
}

TEST_F(Rounds, finalize_what_both_phases_agree_on) {
    all(Phase::prevote, 0, 9, block(9));
    all(Phase::precommit, 0, 3, block(9));
    all(Phase::precommit, 4, 6, block(7));
    EXPECT_EQ(round_.state().finalized, block(7));
    EXPECT_EQ(round_.state().estimate, block(9));  // three more may still come
    all(Phase::precommit, 7, 9, block(7));
    // Four for 9, and three of the others may yet equivocate: seven.
    EXPECT_EQ(round_.state().estimate, block(9));
    EXPECT_TRUE(round_.state().completable);
    const Commit commit = round_.commit(tree_);
    EXPECT_EQ(commit.target, block(7));
    EXPECT_EQ(commit.precommits.size(), 10u);
}

TEST_F(Rounds, are_completable_when_the_estimate_falls_below_the_ghost) {
    all(Phase::prevote, 0, 9, block(9));
    all(Phase::precommit, 0, 6, block(4));
    EXPECT_EQ(round_.state().estimate, block(4));
    EXPECT_TRUE(round_.state().completable);
    EXPECT_EQ(round_.state().finalized, block(4));
}

TEST_F(Rounds, count_an_equivocator_for_every_block_but_once) {
    all(Phase::prevote, 0, 5, block(8));
    EXPECT_EQ(vote(Phase::prevote, 6, block(5, 1)), VoteOutcome::counted);
    EXPECT_EQ(round_.state().prevote_ghost, block(4));
    EXPECT_EQ(vote(Phase::prevote, 6, block(5, 1)), VoteOutcome::duplicate);
    EXPECT_EQ(vote(Phase::prevote, 6, block(6, 1)), VoteOutcome::equivocation);
    EXPECT_EQ(round_.state().prevote_ghost, block(8));
    EXPECT_EQ(vote(Phase::prevote, 6, block(7, 1)), VoteOutcome::surplus);
    EXPECT_EQ(round_.participation(Phase::prevote), 7u);
    EXPECT_EQ(round_.equivocation(Phase::prevote, voter_id(6))->second.target, block(6, 1));
    EXPECT_FALSE(round_.equivocation(Phase::prevote, voter_id(5)));
}

TEST_F(Rounds, refuse_strangers_and_blocks_below_their_base) {
    Round later(RoundNumber(2), std::make_shared<const VoterSet>(*VoterSet::create(voter_list(4))),
                block(5));
    EXPECT_EQ(later.import(Phase::prevote, {block(6), {}, voter_id(7)}, tree_),
              VoteOutcome::unknown_voter);
    EXPECT_EQ(later.import(Phase::prevote, {block(3), {}, voter_id(1)}, tree_),
              VoteOutcome::outside);
    EXPECT_EQ(later.import(Phase::prevote, {block(7, 1), {}, voter_id(1)}, tree_),
              VoteOutcome::outside);
    EXPECT_EQ(later.import(Phase::prevote, {block(5), {}, voter_id(1)}, tree_),
              VoteOutcome::counted);
}

TEST(VoterSet, orders_voters_adds_up_weights_and_refuses_nonsense) {
    const auto set =
        VoterSet::create({{voter_id(2), 5}, {voter_id(0), 1}, {voter_id(2), 4}, {voter_id(1), 2}});
    ASSERT_TRUE(set);
    EXPECT_EQ(set->size(), 3u);
    EXPECT_EQ(set->total_weight(), 12u);
    EXPECT_EQ(set->threshold(), 9u);  // f = 11 / 3 = 3
    EXPECT_EQ(set->id(set->primary(RoundNumber(4))), voter_id(1));
    EXPECT_EQ(set->weight(2), 9u);
    EXPECT_FALSE(set->find(voter_id(7)));
    EXPECT_FALSE(VoterSet::create({}));
    EXPECT_FALSE(VoterSet::create({{voter_id(0), 0}}));
    EXPECT_FALSE(VoterSet::create({{voter_id(0), ~0ULL}, {voter_id(1), 1}}));
    EXPECT_EQ(VoterSet::create(voter_list(4))->threshold(), 3u);
    EXPECT_EQ(VoterSet::create(voter_list(1))->threshold(), 1u);
}

TEST(BlockTree, keeps_what_descends_from_the_final_block_and_nothing_else) {
    Prng prng(Seed{7});
    for (int round = 0; round < 50; ++round) {
        BlockTree tree;
        tree.finalize(block(0));
        std::vector<std::pair<BlockRef, BlockRef>> all{{block(0), block(0)}};  // with its parent
        for (std::uint8_t i = 1; i < 200; ++i) {
            const BlockRef parent =
                all[all.size() - 1 - prng.below(std::min(all.size(), 6UL))].first;
            all.emplace_back(block(parent.number + 1, i), parent);
            ASSERT_TRUE(tree.insert(all.back().first, parent.hash));
        }
        BlockRef final_block = block(0);
        while (final_block.number < 12) {
            std::vector<BlockRef> above;
            for (const auto& [each, parent] : all) {
                if (each.number > final_block.number && tree.contains(each.hash)) {
                    above.push_back(each);
                }
            }
            if (above.empty()) {
                break;
            }
            final_block = above[prng.below(above.size())];
            tree.finalize(final_block);
            std::set<BlockHash> kept{final_block.hash};
            for (const auto& [each, parent] : all) {  // parents come first
                if (each.number > final_block.number && kept.contains(parent.hash)) {
                    kept.insert(each.hash);
                }
            }
            ASSERT_EQ(tree.size(), kept.size());
            for (const BlockHash& hash : kept) {
                ASSERT_TRUE(tree.contains(hash));
            }
        }
    }
}

TEST(BlockTree, finds_ancestors_as_a_walk_over_parents_does) {
    constexpr BlockNumber kHeight = 700;
    BlockTree tree;
    tree.finalize(block(0));
    std::map<BlockHash, BlockRef> parents;
    Prng prng(Seed{4});
    std::vector<BlockRef> tips(3, block(0));
    for (BlockNumber n = 1; n <= kHeight; ++n) {
        for (std::uint8_t fork = 0; fork < tips.size(); ++fork) {
            // Now and then a fork begins anew from the one beside it.
            const BlockRef parent =
                prng.below(100) == 0 ? tips[(fork + 1U) % tips.size()] : tips[fork];
            const BlockRef made = block(parent.number + 1, static_cast<std::uint8_t>(fork + 1));
            if (!parents.contains(made.hash)) {
                parents[made.hash] = parent;
                ASSERT_TRUE(tree.insert(made, parent.hash));
                tips[fork] = made;
            }
        }
    }
    const auto walked = [&](BlockRef at, BlockNumber number) {
        while (at.number > number) {
            at = parents.at(at.hash);
        }
        return at;
    };
    const BlockRef final_block = walked(tips[0], kHeight / 3);
    for (const bool finalized : {false, true}) {
        for (int i = 0; i < 2000; ++i) {
            const BlockNumber lowest = finalized ? final_block.number : 0;
            const BlockRef from =
                walked(tips[0],
                       lowest + 1 + static_cast<BlockNumber>(prng.below(tips[0].number - lowest)));
            const auto number =
                lowest + static_cast<BlockNumber>(prng.below(from.number - lowest + 1));
            ASSERT_EQ(tree.ancestor_at(from, number), walked(from, number)) << from.number;
        }
        tree.finalize(final_block);
    }
    EXPECT_FALSE(tree.ancestor_at(tips[0], final_block.number - 2)) << "no longer known";
}

}  // namespace
}  // namespace stipple::grandpa
