#include "chain/offchain/local_storage.hpp"

#include "base/memory_store.hpp"
#include "chain/offchain/limits.hpp"

#include <gtest/gtest.h>

namespace stipple::chain::offchain {
namespace {

const Bytes kKey = to_bytes("lock");

TEST(OffchainStorage, keeps_replaces_and_removes_values) {
    MemoryStore database;
    LocalStorage storage(database);
    EXPECT_EQ(storage.get(kKey), std::nullopt);
    storage.set(kKey, Bytes{1});
    EXPECT_EQ(storage.get(kKey), Bytes{1});
    storage.set(kKey, Bytes{});
    EXPECT_EQ(storage.get(kKey), Bytes{});
    storage.set(kKey, std::nullopt);
    EXPECT_EQ(storage.get(kKey), std::nullopt);
}

TEST(OffchainStorage, compare_and_set_writes_only_over_what_was_expected) {
    MemoryStore database;
    LocalStorage storage(database);
    EXPECT_FALSE(storage.compare_and_set(kKey, Bytes{1}, {2}));
    EXPECT_TRUE(storage.compare_and_set(kKey, std::nullopt, {2}));
    EXPECT_FALSE(storage.compare_and_set(kKey, std::nullopt, {3}));
    EXPECT_TRUE(storage.compare_and_set(kKey, Bytes{2}, {3}));
    EXPECT_EQ(storage.get(kKey), Bytes{3});
}

TEST(OffchainStorage, an_absent_value_is_not_an_empty_one) {
    MemoryStore database;
    LocalStorage storage(database);
    storage.set(kKey, Bytes{});
    EXPECT_FALSE(storage.compare_and_set(kKey, std::nullopt, {1}));
    EXPECT_TRUE(storage.compare_and_set(kKey, Bytes{}, {1}));
}

TEST(OffchainStorage, sees_what_imported_blocks_index) {
    MemoryStore database;
    LocalStorage storage(database);
    storage.set(to_bytes("old"), Bytes{9});
    WriteBatch batch;
    put_index_changes(batch, {{kKey, Bytes{7}}, {to_bytes("old"), std::nullopt}});
    ASSERT_TRUE(database.commit(batch, Durability::buffered));
    EXPECT_EQ(storage.get(kKey), Bytes{7});
    EXPECT_EQ(storage.get(to_bytes("old")), std::nullopt);
}

TEST(OffchainStorage, survives_the_object) {
    MemoryStore database;
    LocalStorage(database).set(kKey, Bytes{5});
    EXPECT_EQ(LocalStorage(database).get(kKey), Bytes{5});
    EXPECT_EQ(to_hex(row_key(kKey)), "73746f726167656c6f636b");
}

TEST(OffchainStorage, refuses_keys_and_values_above_their_bounds) {
    MemoryStore database;
    LocalStorage storage(database);
    const Bytes long_key(kKeyBytesMax + 1, 1);
    storage.set(long_key, Bytes{1});
    EXPECT_EQ(storage.get(long_key), std::nullopt);
    EXPECT_FALSE(storage.compare_and_set(kKey, std::nullopt, Bytes(kValueBytesMax + 1, 1)));
    EXPECT_EQ(storage.get(kKey), std::nullopt);
}

}  // namespace
}  // namespace stipple::chain::offchain
