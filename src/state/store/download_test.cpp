#include "state/store/download.hpp"

#include "base/memory_store.hpp"
#include "base/prng.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/trie.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

BlockRef block(std::uint8_t number) {
    return {BlockHash::copy(Bytes(32, number)), number};
}

MemoryState some_state(std::uint64_t seed) {
    Prng random(Seed{seed});
    const auto pairs = [&](std::size_t count) {
        MemoryState::Pairs made;
        for (std::size_t n = 0; n < count; ++n) {
            made[random.bytes(random.below(4))] = random.bytes(random.below(60));
        }
        return made;
    };
    std::map<TrieId, MemoryState::Pairs> children;
    children[TrieId{{'a'}}] = pairs(100);
    children[TrieId{{'a', 0}}] = pairs(3);
    children[TrieId{Bytes(300, 7)}] = children[TrieId{{'a'}}];  // of the same root
    return {pairs(300), std::move(children), StateVersion::v1};
}

void expect_same(const Reader& view, const MemoryState& state) {
    for (const auto& [trie, changes] : state.as_difference().tries) {
        EXPECT_EQ(*view.root(trie), *state.root(trie));
        const auto expected = state.keys(trie, {});
        const auto found = view.keys(trie, {});
        for (; expected->valid(); expected->next(), found->next()) {
            ASSERT_TRUE(found->valid());
            ASSERT_TRUE(equal(found->key(), expected->key()));
            ASSERT_EQ(*found->value(), *expected->value());
        }
        EXPECT_FALSE(found->valid());
        for (const auto& [path, branch] : changes.nodes) {
            ASSERT_EQ(*view.branch(trie, path), std::optional(to_bytes(*branch)));
        }
    }
}

std::unique_ptr<Store> open(KeyValueStore& database) {
    auto store = Store::open(database, {});
    EXPECT_TRUE(store) << (store ? "" : store.error().message());
    return std::move(*store);
}

/// Feeds up to `chunks` chunks.
void feed(StateDownload& download, const MemoryState& source, std::size_t chunks) {
    for (; chunks > 0 && !download.complete(); --chunks) {
        const auto proof = prove_range(source, download.next(), 1000);
        ASSERT_TRUE(proof && *proof);
        const auto added = download.add(**proof);
        ASSERT_TRUE(added && *added);
    }
}

TEST(StateDownload, takes_the_place_of_the_state_in_use) {
    MemoryStore database;
    auto store = open(database);
    const MemoryState old = some_state(1);
    ASSERT_TRUE(store->initialize(block(0), old.as_difference()));
    const auto old_view = *store->view(block(0));
    const MemoryState state = some_state(2);
    auto download = store->download(block(9), *state.root(TrieId::main()));
    ASSERT_TRUE(download);
    feed(**download, state, 4);
    EXPECT_FALSE((*download)->complete());
    EXPECT_EQ((*download)->progress().chunks, 4U);
    EXPECT_GT((*download)->progress().keys, 4U);
    expect_same(*old_view, old);
    feed(**download, state, SIZE_MAX);
    EXPECT_EQ((*download)->progress().percent, 100U);
    const auto reader = (*download)->reader();
    ASSERT_TRUE(reader);
    expect_same(**reader, state);
    expect_same(*old_view, old);
    WriteBatch rows;
    rows.put(Column::meta, to_bytes("with the switch"), {1});
    const auto done = (*download)->finish(std::move(rows));
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(*database.get(Column::meta, as_bytes("with the switch")), Bytes{1});

    EXPECT_EQ(store->base(), block(9));
    EXPECT_EQ(store->prune_floor(), 9U);
    EXPECT_FALSE(store->has_state(block(0)));
    EXPECT_FALSE(old_view->value(TrieId::main(), Bytes{1}));
    expect_same(**store->view(block(9)), state);
    store = open(database);
    expect_same(**store->view(block(9)), state);
    EXPECT_FALSE(store->has_state(block(0)));

    // And on from there, until the next download goes back to the first columns.
    trie::ValueWrites writes;
    writes[Bytes{1, 2, 3, 4, 5}].value = Bytes{7};
    Difference difference;
    const auto view = *store->view(block(9));
    auto changed = trie::update(*view, TrieId::main(), writes, StateVersion::v1);
    difference.root = changed->root;
    difference.tries.emplace(TrieId::main(), std::move(*changed));
    WriteBatch batch;
    const auto ticket = store->stage(block(10), block(9).hash,
                                     std::make_shared<const Difference>(difference), batch);
    ASSERT_TRUE(ticket && database.commit(batch, Durability::synced));
    store->publish(*ticket);
    ASSERT_TRUE(store->finalize(block(10)));
    MemoryState next = state;
    next.apply(difference);
    expect_same(**store->view(block(10)), next);
    auto again = store->download(block(20), *old.root(TrieId::main()));
    feed(**again, old, SIZE_MAX);
    ASSERT_TRUE((*again)->finish());
    expect_same(**store->view(block(20)), old);
}

TEST(StateDownload, goes_on_where_it_was_after_a_restart) {
    MemoryStore database;
    const MemoryState state = some_state(3);
    const StateRoot root = *state.root(TrieId::main());
    std::uint64_t chunks = 0;
    while (true) {
        auto store = open(database);  // a fresh node: no state of its own yet
        auto download = store->download(block(9), root);
        ASSERT_TRUE(download);
        EXPECT_EQ((*download)->progress().chunks, chunks);
        feed(**download, state, 3);
        chunks = (*download)->progress().chunks;
        if ((*download)->complete()) {
            store = nullptr;
            break;
        }
    }
    EXPECT_GT(chunks, 6U);
    auto store = open(database);
    auto download = store->download(block(9), root);
    ASSERT_TRUE((*download)->complete());
    ASSERT_TRUE((*download)->finish());
    expect_same(**store->view(block(9)), state);
}

TEST(StateDownload, of_another_block_starts_anew) {
    MemoryStore database;
    auto store = open(database);
    const MemoryState first = some_state(4);
    const MemoryState second = some_state(5);
    auto download = store->download(block(5), *first.root(TrieId::main()));
    feed(**download, first, 5);
    download = store->download(block(6), *second.root(TrieId::main()));
    EXPECT_EQ((*download)->progress().chunks, 0U);
    feed(**download, second, SIZE_MAX);
    ASSERT_TRUE((*download)->finish());
    expect_same(**store->view(block(6)), second);
}

TEST(StateDownload, believes_no_peer) {
    MemoryStore database;
    auto store = open(database);
    const MemoryState state = some_state(6);
    auto download = store->download(block(5), *state.root(TrieId::main()));
    const auto other = prove_range(some_state(7), {}, 1000);
    const auto verdict = (*download)->add(**other);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->error(), RangeProofError::bad_proof);
    feed(**download, state, 2);
    // The beginning again, where something further on was asked for.
    const auto late = prove_range(state, {}, 100);
    const auto useless = (*download)->add(**late);
    ASSERT_TRUE(useless);
    EXPECT_FALSE(*useless);
    feed(**download, state, SIZE_MAX);
    ASSERT_TRUE((*download)->finish());
    expect_same(**store->view(block(5)), state);
}

TEST(StateDownload, comes_too_late_when_finality_was_faster) {
    MemoryStore database;
    auto store = open(database);
    const MemoryState state = some_state(8);
    ASSERT_TRUE(store->initialize(block(7), state.as_difference()));
    auto download = store->download(block(7), *state.root(TrieId::main()));
    feed(**download, state, SIZE_MAX);
    EXPECT_FALSE((*download)->finish());
    ASSERT_TRUE((*download)->abandon());
    expect_same(**store->view(block(7)), state);
}

/// Feeds without proofs, up to `chunks` chunks.
std::optional<ClaimError> feed_claims(StateDownload& download, const MemoryState& source,
                                      std::size_t chunks,
                                      const std::function<void(ClaimedTrie&)>& alter = {}) {
    for (; chunks > 0 && !download.complete(); --chunks) {
        const auto range = read_range(source, download.next(), 1000);
        EXPECT_TRUE(range && *range);
        std::vector<ClaimedTrie> claimed;
        for (const auto& trie : (*range)->tries) {
            ClaimedTrie one{.root = {}, .values = {}, .complete = trie.complete};
            if (!trie.trie.is_main()) {
                one.root = to_bytes(trie.root);
            }
            for (const auto& [key, value] : trie.values) {
                one.values.emplace_back(key, value.bytes);
            }
            if (alter) {
                alter(one);
            }
            claimed.push_back(std::move(one));
        }
        const auto added = download.add_claimed(claimed, StateVersion::v1);
        EXPECT_TRUE(added);
        if (!*added) {
            return added->error();
        }
    }
    return std::nullopt;
}

TEST(StateDownload, without_proofs_is_judged_by_the_root_and_void_after_a_restart) {
    MemoryStore database;
    const MemoryState state = some_state(9);
    const StateRoot root = *state.root(TrieId::main());
    auto store = open(database);
    auto download = store->download(block(9), root);
    EXPECT_EQ(feed_claims(**download, state, 5), std::nullopt);
    EXPECT_EQ((*download)->progress().chunks, 5U);
    store = open(database);
    download = store->download(block(9), root);
    EXPECT_EQ((*download)->progress().chunks, 0U);

    // A value that is not the state's is found out at the end; then it begins anew.
    const auto lie = [](ClaimedTrie& claimed) {
        if (!claimed.values.empty() && !claimed.root.empty()) {
            claimed.values.back().second.push_back(7);
        }
    };
    EXPECT_EQ(feed_claims(**download, state, SIZE_MAX, lie), ClaimError::wrong_root);
    ASSERT_TRUE((*download)->abandon());
    download = store->download(block(9), root);
    const auto swap = [](ClaimedTrie& claimed) {
        if (claimed.values.size() > 1) {
            std::swap(claimed.values[0], claimed.values[1]);
        }
    };
    EXPECT_EQ(feed_claims(**download, state, SIZE_MAX, swap), ClaimError::bad_order);
    const auto omit = [](ClaimedTrie& claimed) {
        if (!claimed.root.empty()) {
            claimed = {.root = {}, .values = {}, .complete = true};
        }
    };
    EXPECT_TRUE(feed_claims(**download, state, SIZE_MAX, omit).has_value());
    ASSERT_TRUE((*download)->abandon());
    download = store->download(block(9), root);
    EXPECT_EQ(feed_claims(**download, state, SIZE_MAX), std::nullopt);
    ASSERT_TRUE((*download)->complete());
    ASSERT_TRUE((*download)->finish());
    expect_same(**store->view(block(9)), state);
}

TEST(StateDownload, of_one_key_has_no_branch) {
    MemoryStore database;
    auto store = open(database);
    const MemoryState state({}, {{TrieId{{'x'}}, {{Bytes{1}, Bytes{2}}, {Bytes{3}, Bytes{4}}}}},
                            StateVersion::v1);
    auto download = store->download(block(7), *state.root(TrieId::main()));
    feed(**download, state, SIZE_MAX);
    ASSERT_TRUE((*download)->finish());
    expect_same(**store->view(block(7)), state);
}

}  // namespace
}  // namespace stipple::state::store
