#include "base/memory_store.hpp"

#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <map>

namespace stipple {
namespace {

using Model = std::map<Bytes, Bytes, ByteLess>;

Bytes key_of(std::uint64_t n) {
    Bytes key;
    append_be(key, static_cast<std::uint16_t>(n));
    return key;
}

void expect_same(const StoreReader& reader, const Model& model) {
    const auto walk = reader.iterate(Column::values, {}, {});
    walk->seek({});
    for (const auto& [key, value] : model) {
        ASSERT_TRUE(walk->valid());
        ASSERT_TRUE(equal(walk->key(), key) && equal(walk->value(), value));
        walk->next();
    }
    ASSERT_FALSE(walk->valid());
    for (std::uint64_t n = 0; n < 200; ++n) {
        const auto found = model.find(key_of(n));
        const auto read = reader.get(Column::values, key_of(n));
        ASSERT_EQ(*read, found == model.end() ? std::nullopt : std::optional(found->second));
    }
}

TEST(MemoryStore, snapshots_never_change_under_random_writes) {
    Prng random(Seed{7});
    MemoryStore store;
    Model model;
    std::vector<std::pair<std::shared_ptr<const StoreReader>, Model>> snapshots;
    for (int step = 0; step < 400; ++step) {
        WriteBatch batch;
        for (std::uint64_t op = random.below(12); op > 0; --op) {
            const std::uint64_t n = random.below(200);
            const std::uint64_t what = random.below(10);
            if (what == 0) {
                const std::uint64_t end = n + random.below(20);
                batch.erase_range(Column::values, key_of(n), key_of(end));
                model.erase(model.lower_bound(key_of(n)), model.lower_bound(key_of(end)));
            } else if (what < 4) {
                batch.erase(Column::values, key_of(n));
                model.erase(key_of(n));
            } else {
                const Bytes value = random.bytes(random.below(9));
                batch.put(Column::values, key_of(n), value);
                model[key_of(n)] = value;
            }
        }
        ASSERT_TRUE(store.commit(batch, Durability::buffered));
        if (random.chance(1, 3)) {
            snapshots.emplace_back(store.snapshot(), model);
        }
        if (snapshots.size() > 10) {
            const auto at = random.below(snapshots.size());
            expect_same(*snapshots[at].first, snapshots[at].second);
            snapshots.erase(snapshots.begin() + static_cast<std::ptrdiff_t>(at));
        }
        expect_same(store, model);
        if (::testing::Test::HasFatalFailure()) {
            return;
        }
    }
}

TEST(MemoryStore, walks_both_ways_within_bounds) {
    MemoryStore store;
    WriteBatch batch;
    for (std::uint64_t n = 0; n < 10; ++n) {
        batch.put(Column::values, key_of(n), {static_cast<std::uint8_t>(n)});
    }
    ASSERT_TRUE(store.commit(batch, Durability::buffered));
    const auto walk = store.iterate(Column::values, key_of(3), key_of(7));
    std::vector<int> seen;
    for (walk->seek(key_of(0)); walk->valid(); walk->next()) {
        seen.push_back(walk->value()[0]);
    }
    for (walk->seek_for_prev(key_of(9)); walk->valid(); walk->prev()) {
        seen.push_back(walk->value()[0]);
    }
    EXPECT_EQ(seen, (std::vector<int>{3, 4, 5, 6, 6, 5, 4, 3}));
    walk->seek_for_prev(key_of(2));
    EXPECT_FALSE(walk->valid());
}

TEST(MemoryStore, drops_history_below_the_floor) {
    MemoryStore store;
    WriteBatch batch;
    for (std::uint64_t n = 1; n <= 200; ++n) {
        Bytes key = to_bytes("key");
        append_be(key, n);
        batch.put(Column::value_history, key, {1});
    }
    ASSERT_TRUE(store.commit(batch, Durability::buffered));
    store.set_history_floor(150);
    std::size_t rows = 0;
    const auto walk = store.iterate(Column::value_history, {}, {});
    for (walk->seek({}); walk->valid(); walk->next()) {
        ++rows;
    }
    EXPECT_EQ(rows, 50U);
}

}  // namespace
}  // namespace stipple
