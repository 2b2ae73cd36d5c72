#include "chain/pool/queues.hpp"

#include "base/prng.hpp"
#include "chain/pool/ban_list.hpp"
#include "chain/pool/limits.hpp"
#include "chain/pool/watch_list.hpp"

#include <gtest/gtest.h>

namespace stipple::chain::pool {
namespace {

using Names = std::vector<int>;

ExtrinsicHash hash_of(int name) {
    Bytes bytes(32, 0);
    bytes[0] = static_cast<std::uint8_t>(name);
    bytes[1] = static_cast<std::uint8_t>(name >> 8);
    return ExtrinsicHash::copy(bytes);
}
int name_of(const ExtrinsicHash& hash) {
    return hash.bytes[0] | hash.bytes[1] << 8;
}
std::vector<Tag> tags(std::string_view letters) {
    std::vector<Tag> result;
    for (const char letter : letters) {
        result.push_back({static_cast<std::uint8_t>(letter)});
    }
    return result;
}
/// Tags are letters: tx(1, "ab", "c") requires a and b, provides c.
TransactionPtr tx(int name, std::string_view required, std::string_view provided,
                  std::uint64_t priority = 1, std::uint64_t valid_till = 1000) {
    return std::make_shared<const Transaction>(Transaction{.hash = hash_of(name),
                                                           .extrinsic = nullptr,
                                                           .bytes = 10,
                                                           .priority = priority,
                                                           .valid_till = valid_till,
                                                           .requires_tags = tags(required),
                                                           .provides_tags = tags(provided)});
}
Names names(const std::vector<TransactionPtr>& transactions) {
    Names result;
    for (const TransactionPtr& transaction : transactions) {
        result.push_back(name_of(transaction->hash));
    }
    return result;
}
Names walk(const Queues& queues, int invalid = -1) {
    Names result;
    ReadyIterator iterator = queues.ready().iterate();
    while (const TransactionPtr next = iterator.next()) {
        result.push_back(name_of(next->hash));
        if (result.back() == invalid) {
            iterator.report_invalid(next->hash);
        }
    }
    return result;
}
struct Fixture : ::testing::Test {
    Queues queues;
    QueueChanges put(const TransactionPtr& transaction) {
        auto changes = queues.import(transaction);
        EXPECT_TRUE(changes) << "refused with " << static_cast<int>(changes.error().kind);
        EXPECT_EQ(queues.find_inconsistency(), "");
        return changes ? *std::move(changes) : QueueChanges{};
    }
    PoolError refused(const TransactionPtr& transaction) {
        const auto changes = queues.import(transaction);
        EXPECT_FALSE(changes);
        EXPECT_EQ(queues.find_inconsistency(), "");
        return changes ? PoolError{} : changes.error();
    }
};
using QueuesTest = Fixture;

TEST_F(QueuesTest, order_is_priority_then_expiry_then_arrival) {
    put(tx(1, "", "a", 5, 100));
    put(tx(2, "", "b", 9, 900));
    put(tx(3, "", "c", 5, 50));
    put(tx(4, "", "d", 5, 100));
    EXPECT_EQ(walk(queues), (Names{2, 3, 1, 4}));
}

TEST_F(QueuesTest, never_gives_a_transaction_before_what_it_needs) {
    put(tx(1, "", "a", 1));
    put(tx(2, "a", "b", 100));
    put(tx(3, "b", "c", 200));
    put(tx(4, "", "d", 50));
    EXPECT_EQ(walk(queues), (Names{4, 1, 2, 3}));
}

TEST_F(QueuesTest, an_invalid_one_takes_its_dependents_out_of_the_walk) {
    put(tx(1, "", "a", 9));
    put(tx(2, "a", "b"));
    put(tx(3, "b", "c"));
    put(tx(4, "", "d"));
    EXPECT_EQ(walk(queues, 1), (Names{1, 4}));
}

TEST_F(QueuesTest, a_gap_waits_in_future_and_is_promoted_in_order) {
    EXPECT_FALSE(put(tx(3, "b", "c")).ready);
    EXPECT_FALSE(put(tx(2, "a", "b")).ready);
    EXPECT_EQ(queues.future().size(), 2u);
    const QueueChanges changes = put(tx(1, "", "a"));
    EXPECT_TRUE(changes.ready);
    EXPECT_EQ(names(changes.promoted), (Names{2, 3}));
    EXPECT_EQ(walk(queues), (Names{1, 2, 3}));
}

TEST_F(QueuesTest, one_that_needs_two_tags_waits_for_both) {
    put(tx(3, "ab", "c"));
    put(tx(1, "", "a"));
    EXPECT_EQ(queues.future().size(), 1u);
    EXPECT_EQ(names(put(tx(2, "", "b")).promoted), Names{3});
}

TEST_F(QueuesTest, a_higher_priority_usurps_and_inherits_dependents) {
    put(tx(1, "", "a", 5));
    put(tx(2, "a", "b"));
    const QueueChanges changes = put(tx(3, "", "a", 6));
    ASSERT_EQ(changes.usurped.size(), 1u);
    EXPECT_EQ(name_of(changes.usurped[0].transaction->hash), 1);
    EXPECT_EQ(name_of(changes.usurped[0].by), 3);
    EXPECT_EQ(walk(queues), (Names{3, 2}));
}

TEST_F(QueuesTest, an_equal_priority_does_not_usurp) {
    put(tx(1, "", "a", 5));
    const PoolError error = refused(tx(2, "", "a", 5));
    EXPECT_EQ(error.kind, PoolErrorKind::too_low_priority);
    EXPECT_EQ(error.old_priority, 5u);
    EXPECT_EQ(error.new_priority, 5u);
}

TEST_F(QueuesTest, replacing_two_needs_more_than_their_sum) {
    put(tx(1, "", "a", 5));
    put(tx(2, "", "b", 6));
    EXPECT_EQ(refused(tx(3, "", "ab", 11)).kind, PoolErrorKind::too_low_priority);
    EXPECT_EQ(put(tx(4, "", "ab", 12)).usurped.size(), 2u);
}

TEST_F(QueuesTest, priorities_of_holders_saturate_when_summed) {
    constexpr auto kMost = ~std::uint64_t{0};
    put(tx(1, "", "a", kMost));
    put(tx(2, "", "b", kMost));
    EXPECT_EQ(refused(tx(3, "", "ab", kMost)).old_priority, kMost);
}

TEST_F(QueuesTest, dependents_of_a_lost_tag_go_with_the_usurped) {
    put(tx(1, "", "ax", 5));
    put(tx(2, "x", "b"));
    put(tx(3, "b", "c"));
    const QueueChanges changes = put(tx(4, "", "a", 6));
    EXPECT_EQ(changes.usurped.size(), 3u);
    EXPECT_EQ(walk(queues), Names{4});
}

TEST_F(QueuesTest, the_same_transaction_twice_is_already_imported) {
    put(tx(1, "", "a"));
    EXPECT_EQ(refused(tx(1, "", "a")).kind, PoolErrorKind::already_imported);
    put(tx(2, "z", "b"));
    EXPECT_EQ(refused(tx(2, "z", "b")).kind, PoolErrorKind::already_imported);
}

TEST_F(QueuesTest, cycles_are_refused_and_change_nothing) {
    put(tx(1, "", "a", 1));
    put(tx(2, "a", "b", 1));
    EXPECT_EQ(refused(tx(3, "b", "a", 9)).kind, PoolErrorKind::cycle);
    EXPECT_EQ(walk(queues), (Names{1, 2}));
    put(tx(4, "", "pq", 1));
    EXPECT_EQ(refused(tx(5, "q", "p", 9)).kind, PoolErrorKind::cycle);
    EXPECT_TRUE(queues.contains(hash_of(4)));
}

TEST_F(QueuesTest, a_cycle_closed_by_promotion_fails_the_promoted_one) {
    put(tx(1, "a", "b", 5));  // waits for a
    const QueueChanges changes = put(tx(2, "", "ab", 1));
    EXPECT_EQ(names(changes.failed), Names{1});
    EXPECT_EQ(walk(queues), Names{2});
}

TEST_F(QueuesTest, pruning_takes_the_provider_and_frees_its_dependents) {
    put(tx(1, "", "a"));
    put(tx(2, "a", "b"));
    put(tx(3, "c", "d"));
    queues.start_block();
    const QueueChanges changes = queues.prune_tags(tags("ac"));
    EXPECT_EQ(names(changes.pruned), Names{1});
    EXPECT_EQ(names(changes.promoted), Names{3});
    EXPECT_EQ(walk(queues), (Names{2, 3}));
    EXPECT_EQ(queues.find_inconsistency(), "");
}

TEST_F(QueuesTest, pruning_a_late_tag_takes_earlier_ones_too) {
    put(tx(1, "", "a"));
    put(tx(2, "a", "b"));
    queues.start_block();
    EXPECT_EQ(names(queues.prune_tags(tags("b")).pruned), (Names{2, 1}));
    EXPECT_EQ(queues.ready().size(), 0u);
}

TEST_F(QueuesTest, futures_whose_tag_the_chain_has_fail) {
    put(tx(1, "z", "a"));
    queues.start_block();
    EXPECT_EQ(names(queues.prune_tags(tags("a")).failed), Names{1});
    EXPECT_EQ(queues.find_inconsistency(), "");
}

TEST_F(QueuesTest, tags_of_the_last_two_blocks_count_as_provided) {
    queues.start_block();
    queues.prune_tags(tags("a"));
    EXPECT_TRUE(put(tx(1, "a", "b")).ready);
    queues.start_block();
    EXPECT_TRUE(put(tx(2, "a", "c")).ready);
    queues.start_block();
    EXPECT_FALSE(put(tx(3, "a", "d")).ready);
}

TEST_F(QueuesTest, a_provider_that_comes_back_goes_first_again) {
    put(tx(1, "", "a"));
    put(tx(2, "a", "b", 100));
    queues.start_block();
    queues.prune_tags(tags("a"));
    EXPECT_EQ(walk(queues), Names{2});
    queues.forget_pruned_tags();
    put(tx(1, "", "a"));
    EXPECT_EQ(walk(queues), (Names{1, 2}));
}

TEST_F(QueuesTest, the_worst_and_what_needs_it_leave_when_full) {
    put(tx(1, "", "a", 1));
    put(tx(2, "a", "b", 50));
    put(tx(3, "", "c", 9));
    put(tx(4, "", "d", 8));
    EXPECT_EQ(names(queues.enforce({3, 1000}, {9, 90})), (Names{1, 2}));
    EXPECT_EQ(names(queues.enforce({9, 10}, {9, 90})), Names{4});
    EXPECT_EQ(queues.find_inconsistency(), "");
}

TEST_F(QueuesTest, the_oldest_leaves_a_full_future_queue) {
    put(tx(1, "x", "a", 99));
    put(tx(2, "y", "b"));
    put(tx(3, "z", "c"));
    EXPECT_EQ(names(queues.enforce({9, 90}, {2, 90})), Names{1});
    EXPECT_EQ(names(queues.enforce({9, 90}, {9, 10})), Names{2});
}

TEST_F(QueuesTest, expired_verdicts_leave_with_their_dependents) {
    put(tx(1, "", "a", 1, 10));
    put(tx(2, "a", "b", 1, 99));
    put(tx(3, "z", "c", 1, 10));
    put(tx(4, "", "d", 1, 11));
    EXPECT_EQ(names(queues.remove_expired(10)), (Names{1, 2, 3}));
    EXPECT_EQ(walk(queues), Names{4});
}

TEST_F(QueuesTest, a_new_verdict_with_the_same_tags_keeps_the_place) {
    put(tx(1, "", "a", 5));
    put(tx(2, "", "b", 5));
    queues.update(tx(1, "", "a", 5));
    EXPECT_EQ(walk(queues), (Names{1, 2}));
    queues.update(tx(1, "", "a", 4));
    EXPECT_EQ(walk(queues), (Names{2, 1}));
    EXPECT_EQ(queues.find_inconsistency(), "");
}

TEST_F(QueuesTest, a_new_verdict_with_other_tags_goes_through_import) {
    put(tx(1, "", "a"));
    put(tx(2, "a", "b"));
    queues.update(tx(1, "", "x"));
    EXPECT_EQ(walk(queues), Names{1});
    EXPECT_EQ(queues.future().size(), 1u);
    EXPECT_EQ(queues.find_inconsistency(), "");
}

TEST(QueuesModel, random_tags_leave_the_indexes_consistent) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Prng random(Seed{seed});
        Queues queues;
        const auto letters = [&](std::size_t most) {
            std::set<char> chosen;
            for (std::size_t i = random.below(most + 1); i > 0; --i) {
                chosen.insert(static_cast<char>('a' + random.below(12)));
            }
            return std::string(chosen.begin(), chosen.end());
        };
        const auto any = [&] { return static_cast<int>(random.below(40)); };
        for (int step = 0; step < 120; ++step) {
            switch (random.below(8)) {
                case 0:
                    queues.remove(hash_of(any()));
                    break;
                case 1:
                    queues.start_block();
                    queues.prune_tags(tags(letters(3)));
                    break;
                case 2:
                    queues.forget_pruned_tags();
                    break;
                case 3:
                    queues.remove_expired(random.below(30));
                    break;
                case 4:
                    queues.enforce({10, 90}, {5, 40});
                    break;
                case 5: {
                    const auto provided = letters(2);
                    queues.update(
                        tx(any(), letters(2), provided.empty() ? "a" : provided, random.below(5)));
                    break;
                }
                default: {
                    const auto provided = letters(2);
                    (void)queues.import(tx(any(), letters(2), provided.empty() ? "a" : provided,
                                           random.below(5), random.below(60)));
                }
            }
            ASSERT_EQ(queues.find_inconsistency(), "") << "seed " << seed << " step " << step;
        }
    }
}

TEST(BanList, bans_run_out_and_can_be_lifted) {
    BanList bans(std::chrono::minutes(30), 10);
    const Instant start{};
    bans.ban(start, hash_of(1));
    bans.ban(start + std::chrono::minutes(1), hash_of(2));
    EXPECT_TRUE(bans.is_banned(start + std::chrono::minutes(29), hash_of(1)));
    EXPECT_FALSE(bans.is_banned(start + std::chrono::minutes(30), hash_of(1)));
    bans.expire(start + std::chrono::minutes(30));
    EXPECT_EQ(bans.size(), 1u);
    bans.lift(hash_of(2));
    EXPECT_EQ(bans.size(), 0u);
}

TEST(BanList, the_oldest_ban_makes_room) {
    BanList bans(std::chrono::minutes(30), 3);
    for (int name = 1; name <= 4; ++name) {
        bans.ban(Instant{}, hash_of(name));
    }
    EXPECT_EQ(bans.size(), 3u);
    EXPECT_FALSE(bans.is_banned(Instant{}, hash_of(1)));
    EXPECT_TRUE(bans.is_banned(Instant{}, hash_of(4)));
}

TEST(BanList, a_time_of_zero_bans_nothing) {
    BanList bans(Duration::zero(), 3);
    bans.ban(Instant{}, hash_of(1));
    EXPECT_FALSE(bans.is_banned(Instant{}, hash_of(1)));
}

TEST(WatchList, the_oldest_block_times_out_when_too_many_wait_for_finality) {
    WatchList watches;
    std::vector<WatchList::Notice> notices;
    for (int name = 0; name <= static_cast<int>(kFinalityWatchBlocksMax); ++name) {
        EXPECT_TRUE(watches.watch(hash_of(name)));
        watches.note_in_block(hash_of(name), BlockHash(hash_of(name).bytes), 1, notices);
    }
    EXPECT_EQ(watches.waiting_blocks(), kFinalityWatchBlocksMax);
    EXPECT_EQ(notices.back().status.kind, StatusKind::finality_timeout);
    EXPECT_EQ(notices.back().hash, hash_of(0));
    EXPECT_FALSE(watches.is_watched(hash_of(0)));
}

TEST(WatchList, refuses_more_than_its_bound) {
    WatchList watches;
    for (int name = 0; name < static_cast<int>(kWatchedMax); ++name) {
        ASSERT_TRUE(watches.watch(hash_of(name)));
    }
    EXPECT_FALSE(watches.watch(hash_of(static_cast<int>(kWatchedMax))));
    EXPECT_EQ(watches.size(), kWatchedMax);
}

}  // namespace
}  // namespace stipple::chain::pool
