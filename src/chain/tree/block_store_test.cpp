#include "chain/tree/block_store.hpp"

#include "base/memory_store.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

BlockHash hash_of(std::uint8_t id) {
    BlockHash hash;
    hash.bytes.fill(id);
    return hash;
}

void commit(MemoryStore& database, const WriteBatch& batch) {
    ASSERT_TRUE(database.commit(batch, Durability::buffered).has_value());
}

TEST(BlockStore, gives_back_what_was_put) {
    MemoryStore database;
    const BlockStore store(database);
    Header header;
    header.number = 300;
    header.digest = {PreRuntimeDigest{kBabeEngine, {1, 2}}};
    const Body body = {{{1, 2, 3}}, {{}}};
    const Justifications justifications = {{kGrandpaEngine, {9}}};
    WriteBatch batch;
    BlockStore::put_block(batch, hash_of(1), scale::encode(header), scale::encode(body),
                          justifications);
    EXPECT_EQ(*store.header(hash_of(1)), std::nullopt);
    commit(database, batch);
    EXPECT_EQ(store.header(hash_of(1)).value().value(), header);
    EXPECT_EQ(store.number(hash_of(1)).value().value(), 300U);
    EXPECT_EQ(store.body(hash_of(1)).value().value(), body);
    EXPECT_EQ(store.justifications(hash_of(1)).value().value(), justifications);
    WriteBatch erase;
    BlockStore::erase_block(erase, hash_of(1));
    commit(database, erase);
    EXPECT_FALSE(store.body(hash_of(1)).value().has_value());
}

TEST(BlockStore, rebuilds_the_tree_with_the_order_of_arrival) {
    MemoryStore database;
    const BlockStore store(database);
    WriteBatch batch;
    BlockStore::put_finalized(batch, {{hash_of(9), 7}, 3});
    BlockStore::put_tree_row(batch, hash_of(2), {hash_of(9), 8, 4, 11});
    BlockStore::put_tree_row(batch, hash_of(1), {hash_of(9), 8, 4, 12});
    BlockStore::put_tree_row(batch, hash_of(3), {hash_of(1), 9, 4, 20});
    BlockStore::put_best(batch, {hash_of(3), 9});
    commit(database, batch);
    const auto loaded = store.load_tree();
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
    EXPECT_EQ(loaded->next_arrival, 21U);
    EXPECT_EQ(loaded->tree.leaves(), (std::vector<BlockRef>{{hash_of(2), 8}, {hash_of(3), 9}}));
    EXPECT_EQ(loaded->tree.best().hash, hash_of(3));
    EXPECT_EQ(loaded->tree.weight(hash_of(9)), 3U);
}

TEST(BlockStore, names_damage) {
    MemoryStore database;
    const BlockStore store(database);
    WriteBatch batch;
    batch.put(Column::headers, to_bytes(hash_of(1).view()), {1, 2, 3});
    BlockStore::put_finalized(batch, {{hash_of(9), 7}, 3});
    BlockStore::put_best(batch, {hash_of(9), 7});
    BlockStore::put_tree_row(batch, hash_of(2), {hash_of(8), 8, 4, 11});
    commit(database, batch);
    EXPECT_NE(store.header(hash_of(1)).error().message().find(hash_of(1).hex()), std::string::npos);
    EXPECT_FALSE(store.number(hash_of(1)).has_value());
    EXPECT_NE(store.load_tree().error().message().find("does not fit"), std::string::npos);
}

TEST(BlockStore, moves_canonical_numbers_along_a_route) {
    MemoryStore database;
    const BlockStore store(database);
    WriteBatch batch;
    BlockStore::put_route(batch, {{}, {}, {{hash_of(1), 1}, {hash_of(2), 2}, {hash_of(3), 3}}});
    BlockStore::put_route(batch,
                          {{{hash_of(3), 3}, {hash_of(2), 2}}, {hash_of(1), 1}, {{hash_of(4), 2}}});
    commit(database, batch);
    EXPECT_EQ(store.canonical_hash(1).value(), hash_of(1));
    EXPECT_EQ(store.canonical_hash(2).value(), hash_of(4));
    EXPECT_FALSE(store.canonical_hash(3).value().has_value());
}

}  // namespace
}  // namespace stipple::chain
