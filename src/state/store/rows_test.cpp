#include "state/store/rows.hpp"

#include "base/prng.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

Bytes random_key(Prng& random) {
    static constexpr std::uint8_t kBytes[] = {0, 0, 1, 0xfe, 0xff, 0xff};
    Bytes key;
    for (std::uint64_t n = random.below(6); n > 0; --n) {
        key.push_back(kBytes[random.below(sizeof kBytes)]);
    }
    return key;
}

TEST(Rows, stand_in_the_order_of_keys_and_none_begins_another) {
    Prng random(Seed{1});
    const TrieId tries[] = {TrieId::main(), {{0}}, {{0, 0}}, {Bytes(254, 1)}, {Bytes(300, 1)}};
    for (int n = 0; n < 20'000; ++n) {
        const auto& trie = tries[random.below(5)];
        const auto& other = tries[random.below(5)];
        const Bytes a = random_key(random);
        const Bytes b = random_key(random);
        const Bytes row_a = value_row(trie, a);
        const Bytes row_b = value_row(other, b);
        if (trie == other) {
            ASSERT_EQ(compare(a, b) < 0, compare(row_a, row_b) < 0);
        }
        ASSERT_EQ(starts_with(row_b, row_a), trie == other && a == b);
    }
}

TEST(Rows, are_read_back_as_they_were_written) {
    Prng random(Seed{2});
    for (int n = 0; n < 5'000; ++n) {
        const TrieId trie{random_key(random)};
        const Bytes key = random_key(random);
        const auto name = parse_row(RowKind::value, value_row(trie, key));
        ASSERT_TRUE(name && name->trie == trie && name->key == key);
        NibblePath path = random.bytes(random.below(9));
        for (auto& nibble : path) {
            nibble = static_cast<std::uint8_t>(random.chance(1, 2) ? 0 : nibble & 15);
        }
        const auto slot = parse_row(RowKind::node, node_row(trie, path));
        ASSERT_TRUE(slot && slot->trie == trie && slot->key == path);
    }
}

TEST(Rows, that_are_damaged_are_refused) {
    const Bytes row = value_row(TrieId{{'c', 0}}, Bytes{1, 0, 2});
    for (std::size_t length = 0; length < row.size(); ++length) {
        EXPECT_FALSE(parse_row(RowKind::value, ByteView(row).first(length))) << length;
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(parse_row(RowKind::value, longer));
    EXPECT_FALSE(decode_value(Bytes{}));
    EXPECT_FALSE(decode_value(Bytes{9, 1}));
    EXPECT_FALSE(decode_node(Bytes{2, 1}));
    EXPECT_FALSE(decode_block_state(Bytes(67, 0)));
}

TEST(Rows, tell_an_empty_value_from_none_and_inline_from_hashed) {
    for (const auto form : {ValueForm::inline_bytes, ValueForm::hashed}) {
        for (const std::size_t size : {0U, 1U, 40U}) {
            const StoredValue value{Bytes(size, 0), form};
            EXPECT_EQ(*decode_value(encode_value(value)), value);
            EXPECT_FALSE(is_absent(encode_value(value)));
        }
    }
    EXPECT_EQ(*decode_value(encode_value(std::nullopt)), std::nullopt);
}

}  // namespace
}  // namespace stipple::state::store
