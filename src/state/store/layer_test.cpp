#include "state/store/layer.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

/// A layer that sets `key` to one byte.
std::shared_ptr<const Layer> layer(const std::shared_ptr<LayerIndexes>& indexes, BlockNumber number,
                                   std::string_view key, std::uint8_t value) {
    auto difference = std::make_shared<Difference>();
    auto& main = difference->tries[TrieId::main()];
    main.values.set(as_bytes(key), StoredValue{{value}, {}});
    main.nodes.set(Bytes{value}, Bytes{value});
    return std::make_shared<const Layer>(BlockRef{{}, number}, BlockHash{}, std::move(difference),
                                         indexes);
}

int found(const LayerIndexes& indexes, const Chain& chain, std::string_view key) {
    const void* change = indexes.values.find(value_row(TrieId::main(), as_bytes(key)), chain);
    return change == nullptr ? -1 : (*static_cast<const ValueChange*>(change))->bytes[0];
}

TEST(LayerIndex, finds_the_newest_change_among_the_ancestors_only) {
    const auto indexes = std::make_shared<LayerIndexes>();
    const auto one = layer(indexes, 1, "a", 1);
    const auto two = layer(indexes, 2, "a", 2);
    const auto rival = layer(indexes, 2, "a", 12);
    const auto three = layer(indexes, 3, "b", 3);
    const Chain chain{1, {one, two, three}};
    const Chain rival_chain{1, {one, rival}};
    const Chain short_chain{1, {one}};
    const Chain above{3, {three}};
    EXPECT_EQ(found(*indexes, chain, "a"), 2);
    EXPECT_EQ(found(*indexes, rival_chain, "a"), 12);
    EXPECT_EQ(found(*indexes, short_chain, "a"), 1);
    EXPECT_EQ(found(*indexes, above, "a"), -1);
    EXPECT_EQ(found(*indexes, chain, "b"), 3);
    EXPECT_EQ(found(*indexes, rival_chain, "b"), -1);
}

TEST(LayerIndex, is_empty_when_the_last_holder_lets_go) {
    const auto indexes = std::make_shared<LayerIndexes>();
    auto one = layer(indexes, 1, "a", 1);
    auto two = layer(indexes, 2, "a", 2);
    auto pinned = std::make_shared<const Chain>(Chain{1, {one}});
    one.reset();
    EXPECT_EQ(found(*indexes, *pinned, "a"), 1);
    two.reset();
    EXPECT_EQ(found(*indexes, *pinned, "a"), 1);
    EXPECT_FALSE(indexes->values.empty());
    pinned.reset();
    EXPECT_TRUE(indexes->values.empty());
    EXPECT_TRUE(indexes->nodes.empty());
}

}  // namespace
}  // namespace stipple::state::store
