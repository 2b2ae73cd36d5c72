// What an update reads and hashes of values that it does not change. `:code` has megabytes; a block
// sets and removes keys beside it, and must not pay for it.
#include "crypto/hash.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/updater.hpp"
#include "tests/support/counting_reader.hpp"

#include <gtest/gtest.h>

namespace stipple::state::trie {
namespace {

constexpr std::size_t kCodeBytes = 100'000;

MemoryState::Pairs pairs_with_code() {
    return {{to_bytes(kCodeKey), Bytes(kCodeBytes, 7)},
            {Bytes{0x11, 0x22}, Bytes(40, 1)},
            {Bytes{0x11, 0x33}, Bytes(40, 2)},
            {Bytes{0xf1, 0x33}, Bytes{3}}};
}

StateRoot root_of(const MemoryState::Pairs& pairs, StateVersion version) {
    std::vector<KeyValue> views;
    for (const auto& [key, value] : pairs) {
        views.push_back({key, value});
    }
    return root_of_sorted(views, version);
}

class LeafReads : public ::testing::TestWithParam<StateVersion> {
 protected:
    LeafReads() : state_(pairs_with_code(), {}, GetParam()), reader_(state_) {}

    TrieDifference after(const ValueWrites& writes) {
        return update(reader_, TrieId::main(), writes, GetParam()).value();
    }

    MemoryState state_;
    CountingReader reader_;
};

TEST_P(LeafReads, nothing_is_read_or_listed_for_removals_of_keys_that_are_not_there) {
    const auto changes = after({{{}, {}},
                                {to_bytes(":"), {}},
                                {to_bytes(":a"), {}},
                                {to_bytes(":code:more"), {}},
                                {to_bytes(":extrinsic_index"), {}},
                                {Bytes{0x11}, {}},
                                {Bytes{0x11, 0x22, 0x33}, {}},
                                {Bytes{0xf1, 0x32}, {}}});
    EXPECT_EQ(changes.root, state_.root(TrieId::main()).value());
    EXPECT_TRUE(changes.nodes.empty());
    EXPECT_EQ(changes.values.size(), 8U);
    EXPECT_EQ(reader_.value_bytes, 0U);
}

TEST_P(LeafReads, a_leaf_is_not_read_when_keys_change_in_other_slots) {
    auto pairs = pairs_with_code();
    pairs[Bytes{0x11, 0x22}] = Bytes(50, 9);
    pairs[Bytes{0x77}] = Bytes(50, 9);
    pairs.erase(Bytes{0xf1, 0x33});
    const auto changes = after({{Bytes{0x11, 0x22}, {Bytes(50, 9)}},
                                {to_bytes(":extrinsic_index"), {}},
                                {Bytes{0x77}, {Bytes(50, 9)}},
                                {Bytes{0xf1, 0x33}, {}}});
    EXPECT_EQ(changes.root, root_of(pairs, GetParam()));
    EXPECT_EQ(reader_.value_bytes, 0U);
}

TEST_P(LeafReads, a_leaf_is_not_read_when_it_is_replaced_or_removed) {
    auto pairs = pairs_with_code();
    pairs[to_bytes(kCodeKey)] = Bytes(50, 9);
    pairs[to_bytes(":x")] = Bytes{1};
    EXPECT_EQ(after({{to_bytes(kCodeKey), {Bytes(50, 9)}}, {to_bytes(":x"), {Bytes{1}}}}).root,
              root_of(pairs, GetParam()));
    pairs.erase(to_bytes(kCodeKey));
    EXPECT_EQ(after({{to_bytes(kCodeKey), {}}, {to_bytes(":x"), {Bytes{1}}}}).root,
              root_of(pairs, GetParam()));
    EXPECT_EQ(reader_.value_bytes, 0U);
}

TEST_P(LeafReads, a_leaf_that_is_written_alone_in_its_slot_is_found_without_a_walk) {
    const auto changes =
        after({{to_bytes(kCodeKey), {Bytes(50, 9)}}, {Bytes{0xf1, 0x33}, {Bytes(60, 5)}}});
    EXPECT_EQ(reader_.walks, 0U);
    auto pairs = pairs_with_code();
    pairs[to_bytes(kCodeKey)] = Bytes(50, 9);
    pairs[Bytes{0xf1, 0x33}] = Bytes(60, 5);
    EXPECT_EQ(changes.root, root_of(pairs, GetParam()));
    EXPECT_EQ(reader_.value_bytes, 0U);
}

TEST_P(LeafReads, a_leaf_that_moves_is_read_once) {
    auto pairs = pairs_with_code();
    pairs[to_bytes(":extrinsic_index")] = Bytes{1};
    const ValueWrites writes = {{to_bytes(":extrinsic_index"), {Bytes{1}}}};
    EXPECT_EQ(after(writes).root, root_of(pairs, GetParam()));
    EXPECT_EQ(reader_.value_bytes, kCodeBytes);
}

INSTANTIATE_TEST_SUITE_P(Versions, LeafReads,
                         ::testing::Values(StateVersion::v0, StateVersion::v1));

TEST(LeafReads, a_leaf_that_a_collapse_moves_keeps_its_value) {
    auto pairs = pairs_with_code();
    pairs[to_bytes(":extrinsic_index")] = Bytes{1};
    const MemoryState state(pairs, {}, StateVersion::v1);
    const CountingReader reader(state);
    const auto changes =
        update(reader, TrieId::main(), {{to_bytes(":extrinsic_index"), {}}}, StateVersion::v1);
    EXPECT_EQ(changes->root, root_of(pairs_with_code(), StateVersion::v1));
    EXPECT_EQ(reader.value_bytes, kCodeBytes);
}

TEST(LeafReads, the_hash_of_a_large_value_is_remembered_from_update_to_update) {
    const MemoryState state(pairs_with_code(), {}, StateVersion::v1);
    const CountingReader reader(state);
    ValueHashes known;
    for (std::uint8_t i = 0; i < 5; ++i) {
        auto pairs = pairs_with_code();
        const Bytes key = to_bytes(":extrinsic_index");
        const std::optional<Bytes> value(Bytes{i});
        pairs[key] = *value;
        const WriteView write{key, &value};
        const auto changes =
            update_sorted(reader, TrieId::main(), {&write, 1}, StateVersion::v1, known);
        EXPECT_EQ(changes->root, root_of(pairs, StateVersion::v1));
    }
    EXPECT_EQ(reader.value_bytes, kCodeBytes);
    ASSERT_EQ(known.by_key.size(), 1U);
    EXPECT_EQ(known.by_key.begin()->second, crypto::blake2b_256(Bytes(kCodeBytes, 7)));
}

}  // namespace
}  // namespace stipple::state::trie
