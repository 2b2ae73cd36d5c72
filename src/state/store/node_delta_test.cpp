#include "state/store/node_delta.hpp"

#include "base/prng.hpp"
#include "state/store/rows.hpp"
#include "state/trie/trie.hpp"

#include <gtest/gtest.h>

#include <map>

namespace stipple::state::store {
namespace {

/// The root branch of a trie with sixteen children and these values.
Bytes root_branch(std::map<Bytes, Bytes, ByteLess> pairs) {
    for (std::uint8_t n = 0; n < 16; ++n) {
        pairs.try_emplace({static_cast<std::uint8_t>(n << 4)}, Bytes(40, n));
    }
    std::vector<trie::KeyValue> views;
    for (const auto& [key, value] : pairs) {
        views.push_back({key, value});
    }
    return encode_node(trie::build(views, StateVersion::v0).nodes.at({}));
}

TEST(NodeDelta, keeps_only_the_slots_that_changed) {
    const Bytes older = root_branch({});
    Bytes newer = root_branch({{{0x30}, Bytes(40, 77)}});
    const Bytes plain_newer = newer;
    const Bytes kept = keep_older(older, newer);
    ASSERT_TRUE(is_delta(kept));
    EXPECT_EQ(kept.size(), 3U + 33U);
    EXPECT_EQ(node_count(newer), 1);
    EXPECT_EQ(to_bytes(**decode_node(newer)), to_bytes(**decode_node(plain_newer)));
    EXPECT_EQ(*apply_delta(newer, kept), older);
    EXPECT_EQ(*restore_older(newer, kept), older);
}

TEST(NodeDelta, a_child_can_change_between_hash_and_inline_node) {
    const Bytes older = root_branch({});
    Bytes newer = root_branch({{{0x30}, Bytes(2, 1)}});
    const Bytes kept = keep_older(older, newer);
    ASSERT_TRUE(is_delta(kept));
    EXPECT_EQ(*apply_delta(newer, kept), older);
    Bytes back = older;
    const Bytes other = keep_older(newer, back);
    ASSERT_TRUE(is_delta(other));
    EXPECT_EQ(to_bytes(**decode_node(*apply_delta(back, other))), to_bytes(**decode_node(newer)));
}

TEST(NodeDelta, other_shapes_and_every_64th_are_kept_whole) {
    const Bytes older = root_branch({});
    Bytes with_value = root_branch({{{}, {1}}});
    EXPECT_EQ(keep_older(older, with_value), older);
    Bytes gone = encode_node(std::nullopt);
    EXPECT_EQ(keep_older(older, gone), older);

    Bytes now = older;
    int in_a_row = 0;
    for (std::uint8_t n = 0; n < 200; ++n) {
        Bytes next = root_branch({{{0x30}, Bytes(40, static_cast<std::uint8_t>(n + 20))}});
        in_a_row = is_delta(keep_older(now, next)) ? in_a_row + 1 : 0;
        ASSERT_LE(in_a_row, kDeltasMax);
        ASSERT_EQ(node_count(next), in_a_row);
        now = next;
    }
}

TEST(NodeDelta, what_does_not_fit_is_an_error) {
    const Bytes older = root_branch({});
    Bytes newer = root_branch({{{0x30}, Bytes(40, 77)}});
    const Bytes kept = keep_older(older, newer);
    EXPECT_FALSE(apply_delta(encode_node(std::nullopt), kept));
    for (std::size_t length = 0; length < kept.size(); ++length) {
        EXPECT_FALSE(apply_delta(newer, ByteView(kept).first(length))) << length;
    }
    Bytes longer = kept;
    longer.push_back(0);
    EXPECT_FALSE(apply_delta(newer, longer));
}

}  // namespace
}  // namespace stipple::state::store
