#include "state/store/store.hpp"

#include "base/memory_store.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

BlockRef block(BlockNumber number, std::uint8_t fork = 0) {
    BlockRef ref;
    ref.number = number;
    ref.hash.bytes[0] = fork;
    ref.hash.bytes[31] = static_cast<std::uint8_t>(number);
    ref.hash.bytes[30] = static_cast<std::uint8_t>(number >> 8);
    return ref;
}

struct Write {
    std::string_view key;
    std::optional<std::string_view> value;
};

std::shared_ptr<const Difference> difference(std::initializer_list<Write> writes,
                                             const TrieId& trie = TrieId::main()) {
    auto made = std::make_shared<Difference>();
    auto& changes = made->tries[trie];
    for (const auto& write : writes) {
        const ByteView value = write.value ? as_bytes(*write.value) : ByteView{};
        changes.values.set(as_bytes(write.key), write.value
                                                    ? ValueChange({value, ValueForm::inline_bytes})
                                                    : std::nullopt);
    }
    return made;
}

/// A store over a database in memory, with helpers to say: this block does that.
class StoreTest : public ::testing::Test {
 protected:
    void SetUp() override { reopen(); }
    void reopen(StoreConfig config = {}) {
        store_.reset();
        auto opened = Store::open(database_, config);
        ASSERT_TRUE(opened) << opened.error().message();
        store_ = std::move(*opened);
    }
    void initialize(std::initializer_list<Write> writes) {
        ASSERT_TRUE(store_->initialize(block(0), *difference(writes)));
    }
    void add(BlockRef at, BlockRef parent, std::shared_ptr<const Difference> changes) {
        WriteBatch batch;
        auto ticket = store_->stage(at, parent.hash, std::move(changes), batch);
        ASSERT_TRUE(ticket) << ticket.error().message();
        ASSERT_TRUE(database_.commit(batch, Durability::buffered));
        store_->publish(*ticket);
    }
    void add(BlockRef at, BlockRef parent, std::initializer_list<Write> writes) {
        add(at, parent, difference(writes));
    }
    std::string read(BlockRef at, std::string_view key, const TrieId& trie = TrieId::main()) {
        const auto view = store_->view(at);
        if (!view) {
            return view.error().message();
        }
        const auto value = (*view)->get(trie, as_bytes(key));
        return !value ? value.error().message() : std::string(*value ? as_text(**value) : "absent");
    }
    std::string keys(BlockRef at, std::string_view from = "") {
        std::string out;
        const auto view = store_->view(at);
        EXPECT_TRUE(view);
        const auto cursor = (*view)->keys(TrieId::main(), as_bytes(from));
        for (; cursor->valid(); cursor->next()) {
            const auto value = cursor->value();
            EXPECT_TRUE(value);
            out += std::string(as_text(cursor->key())) + "=" + std::string(as_text(value->bytes)) +
                   " ";
        }
        EXPECT_TRUE(cursor->status());
        return out;
    }

    MemoryStore database_;
    std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, reads_layers_then_the_base) {
    initialize({{"a", "0"}, {"b", "0"}});
    add(block(1), block(0), {{"a", "1"}, {"c", "1"}});
    add(block(2), block(1), {{"a", std::nullopt}});
    add(block(2, 1), block(1), {{"b", "fork"}});
    EXPECT_EQ(read(block(0), "a"), "0");
    EXPECT_EQ(read(block(1), "a"), "1");
    EXPECT_EQ(read(block(2), "a"), "absent");
    EXPECT_EQ(read(block(2, 1), "a"), "1");
    EXPECT_EQ(keys(block(2)), "b=0 c=1 ");
    EXPECT_EQ(keys(block(2, 1), "b"), "b=fork c=1 ");
    EXPECT_NE(read(block(3), "a").find("state unknown"), std::string::npos);
}

TEST_F(StoreTest, finality_moves_the_base_and_older_blocks_are_read_from_history) {
    initialize({{"a", "0"}, {"b", "0"}});
    add(block(1), block(0), {{"a", "1"}, {"c", "1"}});
    add(block(1, 1), block(0), {{"a", "loser"}});
    add(block(2), block(1), {{"a", std::nullopt}});
    add(block(3), block(2), {{"d", "3"}});
    ASSERT_TRUE(store_->finalize(block(2)));
    EXPECT_EQ(store_->base(), block(2));
    for (int pass = 0; pass < 2; ++pass) {
        EXPECT_EQ(keys(block(0)), "a=0 b=0 ");
        EXPECT_EQ(keys(block(1)), "a=1 b=0 c=1 ");
        EXPECT_EQ(keys(block(2)), "b=0 c=1 ");
        EXPECT_EQ(keys(block(3)), "b=0 c=1 d=3 ");
        EXPECT_EQ(read(block(1), "a"), "1");
        EXPECT_EQ(read(block(0), "c"), "absent");
        EXPECT_FALSE(store_->has_state(block(1, 1)));
        reopen();
    }
}

TEST_F(StoreTest, a_key_never_sees_history_of_a_longer_key) {
    using namespace std::string_view_literals;
    initialize({{"k", "short"}, {"k\0"sv, "long"}, {"k\0\0\0\0\0\0\0\0"sv, "longer"}});
    add(block(1), block(0), {{"k\0"sv, "long 1"}, {"k\0\0\0\0\0\0\0\0"sv, "longer 1"}});
    add(block(2), block(1), {{"z", "2"}});
    ASSERT_TRUE(store_->finalize(block(2)));
    EXPECT_EQ(read(block(0), "k"), "short");
    EXPECT_EQ(read(block(0), "k\0"sv), "long");
    EXPECT_EQ(read(block(1), "k\0"sv), "long 1");
}

TEST_F(StoreTest, a_view_outlives_the_finality_of_its_rival) {
    initialize({{"a", "0"}});
    add(block(1), block(0), {{"a", "1"}});
    add(block(1, 1), block(0), {{"b", "rival"}});
    const auto rival = store_->view(block(1, 1));
    ASSERT_TRUE(rival);
    ASSERT_TRUE(store_->finalize(block(1)));
    EXPECT_EQ(as_text(**(*rival)->get(as_bytes("a"))), "0");
    EXPECT_EQ(as_text(**(*rival)->get(as_bytes("b"))), "rival");
    EXPECT_FALSE(store_->view(block(1, 1)));
}

TEST_F(StoreTest, child_tries_are_apart_from_the_main_one) {
    initialize({{"a", "main"}});
    const TrieId child{to_bytes("c")};
    add(block(1), block(0), difference({{"a", "child"}}, child));
    ASSERT_TRUE(store_->finalize(block(1)));
    EXPECT_EQ(read(block(1), "a"), "main");
    EXPECT_EQ(read(block(1), "a", child), "child");
    EXPECT_EQ(read(block(0), "a", child), "absent");
    EXPECT_EQ(keys(block(1)), "a=main ");
}

TEST_F(StoreTest, the_floor_follows_finality_but_not_past_a_pin) {
    reopen({.pruning = {.blocks = 16}});
    initialize({{"a", "0"}});
    std::shared_ptr<const Reader> pin;
    for (BlockNumber n = 1; n <= 60; ++n) {
        add(block(n), block(n - 1), {{"a", std::to_string(n)}});
        ASSERT_TRUE(store_->finalize(block(n)));
        if (n == 20) {
            pin = *store_->view(block(10));
        }
    }
    EXPECT_EQ(store_->prune_floor(), 10U);
    EXPECT_EQ(as_text(**pin->get(as_bytes("a"))), "10");
    EXPECT_EQ(read(block(10), "a"), "10");
    EXPECT_NE(read(block(9), "a").find("state pruned"), std::string::npos);
    pin.reset();
    add(block(61), block(60), {{"a", "61"}});
    ASSERT_TRUE(store_->finalize(block(61)));
    EXPECT_EQ(store_->prune_floor(), 44U);
    EXPECT_FALSE(store_->has_state(block(43)));
    EXPECT_EQ(read(block(44), "a"), "44");
}

TEST_F(StoreTest, the_base_runs_ahead_when_finality_stalls_and_comes_back_when_it_chose_a_fork) {
    reopen({.layers_max = 8});
    initialize({{"a", "0"}, {"b", "0"}});
    add(block(1), block(0), {{"a", "1"}});
    add(block(2), block(1), {{"a", "2"}});
    add(block(2, 1), block(1), {{"a", "fork"}, {"b", std::nullopt}});
    for (BlockNumber n = 3; n <= 40; ++n) {
        add(block(n), block(n - 1), {{"a", std::to_string(n)}});
    }
    EXPECT_EQ(store_->base(), block(32));
    EXPECT_EQ(read(block(2, 1), "a"), "fork");
    EXPECT_EQ(read(block(1), "a"), "1");
    const auto doomed = *store_->view(block(30));
    reopen({.layers_max = 8});
    EXPECT_EQ(store_->base(), block(32));
    EXPECT_EQ(read(block(40), "a"), "40");
    ASSERT_TRUE(store_->finalize(block(2, 1)));
    EXPECT_EQ(store_->base(), block(2, 1));
    EXPECT_EQ(keys(block(2, 1)), "a=fork ");
    EXPECT_EQ(keys(block(1)), "a=1 b=0 ");
    EXPECT_FALSE(store_->has_state(block(2)));
    EXPECT_FALSE(store_->has_state(block(40)));
}

TEST_F(StoreTest, the_floor_leaves_room_for_the_base_to_go_back) {
    reopen({.pruning = {.blocks = 4}, .layers_max = 3});
    initialize({{"a", "0"}});
    add(block(1), block(0), {{"a", "1"}});
    add(block(2, 1), block(1), {{"b", "fork 2"}});
    for (BlockNumber n = 2; n <= 40; ++n) {
        add(block(n), block(n - 1), {{"a", std::to_string(n)}});
    }
    for (BlockNumber n = 3; n <= 60; ++n) {
        add(block(n, 1), block(n - 1, 1), {{"b", std::to_string(n)}});
    }
    EXPECT_GT(store_->base().number, 30U);
    const auto finalized = store_->finalize(block(60, 1));
    ASSERT_TRUE(finalized) << finalized.error().message();
    EXPECT_EQ(store_->base(), block(60, 1));
    EXPECT_EQ(keys(block(60, 1)), "a=1 b=60 ");
    WriteBatch batch;
    EXPECT_FALSE(store_->stage(block(60, 1), block(59, 1).hash, difference({}), batch));
}

TEST_F(StoreTest, reverting_takes_blocks_away_from_views_as_well) {
    initialize({{"a", "0"}});
    for (BlockNumber n = 1; n <= 5; ++n) {
        add(block(n), block(n - 1), {{"a", std::to_string(n)}});
    }
    ASSERT_TRUE(store_->finalize(block(4)));
    const auto kept = *store_->view(block(1));
    const auto gone = *store_->view(block(3));
    ASSERT_TRUE(store_->revert_to(block(2)));
    EXPECT_EQ(store_->base(), block(2));
    EXPECT_EQ(as_text(**kept->get(as_bytes("a"))), "1");
    EXPECT_FALSE(gone->get(as_bytes("a")));
    EXPECT_FALSE(store_->has_state(block(5)));
    add(block(3, 7), block(2), {{"a", "other"}});
    ASSERT_TRUE(store_->finalize(block(3, 7)));
    EXPECT_EQ(read(block(3, 7), "a"), "other");
    EXPECT_EQ(read(block(2), "a"), "2");
}

TEST_F(StoreTest, tells_which_keys_a_block_changed) {
    initialize({{"a", "0"}, {"b", "0"}});
    add(block(1), block(0), {{"a", "0"}, {"b", std::nullopt}, {"c", "1"}, {"d", std::nullopt}});
    using Keys = std::vector<std::pair<TrieId, Bytes>>;
    const Keys expected{{TrieId::main(), to_bytes("b")}, {TrieId::main(), to_bytes("c")}};
    EXPECT_EQ(*store_->changed_keys(block(1)), expected);
    ASSERT_TRUE(store_->finalize(block(1)));
    EXPECT_EQ(*store_->changed_keys(block(1)), expected);
}

}  // namespace
}  // namespace stipple::state::store
