// Mass deletions: one range in the block's rows, batches of bounded size in the base, both ways.
#include "base/memory_store.hpp"
#include "state/overlay/overlay.hpp"
#include "state/store/store.hpp"
#include "state/trie/memory_state.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

constexpr std::size_t kKeys = 6000;
constexpr std::size_t kValueBytes = 2048;
constexpr std::size_t kBatchBytesMax = 5 * 1024 * 1024;  // kBatchBytes and one row
const TrieId kChild{to_bytes("crowdloan")};

/// Remembers how large its batches were.
class MeasuredStore final : public KeyValueStore {
 public:
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return store_.get(column, key);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return store_.iterate(column, lower, upper);
    }
    Result<> commit(const WriteBatch& batch, Durability durability) override {
        largest_ = std::max(largest_, batch.size_bytes());
        total_ += batch.size_bytes();
        return store_.commit(batch, durability);
    }
    std::shared_ptr<const StoreReader> snapshot() const override { return store_.snapshot(); }
    void set_history_floor(std::uint64_t floor) override { store_.set_history_floor(floor); }

    void start() { largest_ = total_ = 0; }
    std::size_t largest() const { return largest_; }
    std::size_t total() const { return total_; }

 private:
    MemoryStore store_;
    std::size_t largest_ = 0;
    std::size_t total_ = 0;
};

Bytes key_of(std::size_t n) {
    Bytes key = to_bytes("account:");
    append_be(key, static_cast<std::uint32_t>(n));
    return key;
}

MemoryState whole_state() {
    MemoryState::Pairs pairs;
    for (std::size_t n = 0; n < kKeys; ++n) {
        pairs[key_of(n)] = Bytes(kValueBytes, static_cast<std::uint8_t>(n));
    }
    MemoryState::Pairs top{{to_bytes("kept"), Bytes{1}}};
    top.insert(pairs.begin(), pairs.end());
    return MemoryState(top, {{kChild, pairs}}, StateVersion::v1);
}

BlockRef block(BlockNumber number) {
    BlockRef ref;
    ref.number = number;
    ref.hash.bytes[0] = static_cast<std::uint8_t>(number);
    return ref;
}

std::size_t keys_below(const Reader& state, const TrieId& trie) {
    std::size_t count = 0;
    for (auto at = state.keys(trie, as_bytes("account:"));
         at->valid() && starts_with(at->key(), as_bytes("account:")); at->next()) {
        ++count;
    }
    return count;
}

TEST(Clearing, takes_and_gives_back_many_keys_in_batches_of_bounded_size) {
    MeasuredStore database;
    auto store = *Store::open(database, {});
    const MemoryState genesis = whole_state();
    ASSERT_TRUE(store->initialize(block(0), genesis.as_difference()));
    const auto before = *store->view(block(0));
    Overlay overlay(*before);
    ASSERT_TRUE(overlay.clear_prefix(kChild, {}, std::nullopt));
    ASSERT_TRUE(overlay.clear_prefix(TrieId::main(), as_bytes("account:"), std::nullopt));
    const auto changes = std::make_shared<const Difference>(*overlay.difference(StateVersion::v1));
    ASSERT_EQ(changes->tries.at(kChild).cleared.size(), 1U);
    EXPECT_EQ(changes->tries.at(kChild).cleared[0].keys, kKeys);
    EXPECT_TRUE(changes->tries.at(kChild).values.empty());

    database.start();
    WriteBatch batch;
    const auto ticket = store->stage(block(1), block(0).hash, changes, batch);
    ASSERT_TRUE(ticket);
    EXPECT_LT(batch.size_bytes(), 4096U);
    ASSERT_TRUE(database.commit(batch, Durability::buffered));
    store->publish(*ticket);
    ASSERT_TRUE(store->finalize(block(1)));
    EXPECT_GT(database.total(), 2 * kKeys * kValueBytes);
    EXPECT_LT(database.largest(), kBatchBytesMax);
    EXPECT_EQ(keys_below(**store->view(block(1)), kChild), 0U);
    EXPECT_EQ(keys_below(**store->view(block(1)), TrieId::main()), 0U);
    EXPECT_EQ((*store->view(block(1)))->get(as_bytes("kept")).value(), Bytes{1});
    EXPECT_EQ(keys_below(**store->view(block(0)), kChild), kKeys);

    database.start();
    ASSERT_TRUE(store->revert_to(block(0)));
    EXPECT_GT(database.total(), 2 * kKeys * kValueBytes);
    EXPECT_LT(database.largest(), kBatchBytesMax);
    const auto again = *store->view(block(0));
    EXPECT_EQ(keys_below(*again, kChild), kKeys);
    EXPECT_EQ(keys_below(*again, TrieId::main()), kKeys);
    EXPECT_EQ(*again->root(kChild), *genesis.root(kChild));
    EXPECT_EQ(again->get(kChild, key_of(77)).value(), Bytes(kValueBytes, 77));
}

}  // namespace
}  // namespace stipple::state::store
