#include "sim/disk.hpp"

#include <gtest/gtest.h>

#include <set>

namespace stipple::sim {
namespace {

Bytes key(std::uint8_t number) {
    return Bytes{number};
}
void put(ForgetfulStore& store, std::uint8_t number, Durability durability) {
    WriteBatch batch;
    batch.put(Column::meta, key(number), Bytes{1});
    ASSERT_TRUE(store.commit(batch, durability).has_value());
}
/// How many of the rows 0, 1, 2, ... are there, if they are a prefix.
std::optional<std::uint8_t> prefix(const ForgetfulStore& store, std::uint8_t count) {
    std::uint8_t there = 0;
    for (std::uint8_t i = 0; i < count; ++i) {
        const bool found = store.get(Column::meta, key(i))->has_value();
        if (found && there != i) {
            return std::nullopt;
        }
        there = static_cast<std::uint8_t>(there + (found ? 1 : 0));
    }
    return there;
}

TEST(ForgetfulStore, a_crash_leaves_a_prefix_that_holds_all_that_was_synced) {
    std::set<std::uint8_t> seen;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        ForgetfulStore store(true);
        Prng prng(Seed{seed});
        put(store, 0, Durability::buffered);
        put(store, 1, Durability::synced);
        put(store, 2, Durability::buffered);
        put(store, 3, Durability::buffered);
        store.crash(prng);
        const auto kept = prefix(store, 4);
        ASSERT_TRUE(kept.has_value());
        EXPECT_GE(*kept, 2);
        seen.insert(*kept);
    }
    EXPECT_EQ(seen, (std::set<std::uint8_t>{2, 3, 4}));
}

TEST(ForgetfulStore, the_power_may_go_between_any_two_batches_of_a_job) {
    std::set<std::uint8_t> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        ForgetfulStore store(true);
        Prng prng(Seed{seed});
        put(store, 0, Durability::synced);
        store.lose_power_within();
        put(store, 1, Durability::synced);
        put(store, 2, Durability::buffered);
        put(store, 3, Durability::synced);
        store.crash(prng);
        const auto kept = prefix(store, 4);
        ASSERT_TRUE(kept.has_value());
        seen.insert(*kept);
    }
    EXPECT_EQ(seen, (std::set<std::uint8_t>{1, 2, 3, 4}));
}

TEST(ForgetfulStore, what_survived_a_crash_survives_the_next) {
    Prng prng(Seed{5});
    ForgetfulStore store(true);
    put(store, 0, Durability::buffered);
    store.crash(prng);
    const auto kept = prefix(store, 1);
    for (int i = 0; i < 20; ++i) {
        store.crash(prng);
    }
    EXPECT_EQ(prefix(store, 1), kept);
}

}  // namespace
}  // namespace stipple::sim
