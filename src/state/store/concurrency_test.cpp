// Views on many threads while the store thread imports, finalises and prunes: every read answers
// for its own block. Meant for the tsan preset as well.
#include "base/memory_store.hpp"
#include "base/prng.hpp"
#include "state/store/store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace stipple::state::store {
namespace {

constexpr BlockNumber kBlocks = 3000;

BlockRef block(BlockNumber number) {
    BlockRef ref;
    ref.number = number;
    ref.hash.bytes[0] = static_cast<std::uint8_t>(number);
    ref.hash.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    return ref;
}

/// Key k holds the last block <= n whose number is a multiple of k.
Bytes expected(BlockNumber n, BlockNumber k) {
    Bytes value;
    append_le(value, n / k * k);
    return value;
}

std::shared_ptr<const Difference> changes_of(BlockNumber n) {
    auto difference = std::make_shared<Difference>();
    auto& values = difference->tries[TrieId::main()].values;
    for (std::uint8_t k = 1; k <= 20; ++k) {
        if (n % k == 0) {
            values.set(Bytes{k}, StoredValue{expected(n, k), {}});
        }
    }
    return difference;
}

/// Reads views of recent blocks until `done`; returns how many reads were right.
std::uint64_t read_until(const Store& store, const std::atomic<BlockNumber>& head,
                         const std::atomic<bool>& done, Seed seed) {
    Prng random(seed);
    std::uint64_t right = 0;
    while (!done.load()) {
        const BlockNumber top = head.load();
        const BlockNumber n = top - static_cast<BlockNumber>(random.below(std::min(top, 24U) + 1));
        const auto view = store.view(block(n));
        if (!view) {
            EXPECT_NE(view.error().message().find("state pruned"), std::string::npos)
                << view.error().message();
            continue;
        }
        for (int reads = 0; reads < 30; ++reads) {
            const auto k = static_cast<std::uint8_t>(random.below(20) + 1);
            const auto value = (*view)->get(Bytes{k});
            if (!value || *value != expected(n, k)) {
                ADD_FAILURE() << "block " << n << " key " << int{k};
                return right;
            }
            ++right;
        }
        std::uint8_t at = 0;
        for (auto cursor = (*view)->keys(TrieId::main(), {}); cursor->valid(); cursor->next()) {
            ++at;
            if (!equal(cursor->key(), Bytes{at}) || cursor->value()->bytes != expected(n, at)) {
                ADD_FAILURE() << "iteration at block " << n << " key " << int{at};
                return right;
            }
        }
        EXPECT_EQ(at, 20);
    }
    return right;
}

TEST(StoreThreads, views_answer_for_their_block_while_the_base_moves) {
    MemoryStore database;
    const auto store = *Store::open(
        database, {.pruning = {.blocks = 16}, .cache_bytes = 64 << 10, .layers_max = 6});
    ASSERT_TRUE(store->initialize(block(0), *changes_of(0)));
    std::atomic<BlockNumber> head = 0;
    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> right = 0;
    std::vector<std::thread> readers;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        readers.emplace_back([&, seed] { right += read_until(*store, head, done, Seed{seed}); });
    }
    for (BlockNumber n = 1; n <= kBlocks; ++n) {
        WriteBatch batch;
        const auto ticket = store->stage(block(n), block(n - 1).hash, changes_of(n), batch);
        ASSERT_TRUE(ticket);
        ASSERT_TRUE(database.commit(batch, Durability::buffered));
        store->publish(*ticket);
        head = n;
        if (n % 5 == 0) {
            ASSERT_TRUE(store->finalize(block(n - n / 5 % 4)));
        }
    }
    done = true;
    for (auto& reader : readers) {
        reader.join();
    }
    EXPECT_GT(right.load(), 0U);
    EXPECT_GT(store->prune_floor(), 100U);
}

}  // namespace
}  // namespace stipple::state::store
