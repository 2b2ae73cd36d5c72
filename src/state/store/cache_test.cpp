#include "state/store/cache.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

CachedRow row_of(std::uint8_t byte, std::size_t size = 1) {
    return std::make_shared<const Bytes>(size, byte);
}

TEST(RowCache, an_entry_serves_blocks_from_its_change_on) {
    RowCache cache(1 << 20);
    cache.insert(RowKind::value, Bytes{1}, row_of(7), 10, cache.generation());
    EXPECT_EQ(cache.find(RowKind::value, Bytes{1}, 9), nullptr);
    EXPECT_EQ(*cache.find(RowKind::value, Bytes{1}, 10), Bytes{7});
    EXPECT_EQ(*cache.find(RowKind::value, Bytes{1}, 11), Bytes{7});
    EXPECT_EQ(cache.find(RowKind::node, Bytes{1}, 11), nullptr);
}

TEST(RowCache, refuses_what_was_read_before_the_base_moved) {
    RowCache cache(1 << 20);
    const auto generation = cache.generation();
    cache.begin_step();
    cache.replace(RowKind::value, Bytes{1}, row_of(8), 11);
    cache.insert(RowKind::value, Bytes{1}, row_of(7), 10, generation);
    cache.insert(RowKind::value, Bytes{2}, row_of(7), 10, generation);
    EXPECT_EQ(*cache.find(RowKind::value, Bytes{1}, 11), Bytes{8});
    EXPECT_EQ(cache.find(RowKind::value, Bytes{2}, 11), nullptr);
}

TEST(RowCache, stays_within_its_bytes_and_drops_the_least_used) {
    constexpr std::size_t kBytes = 1 << 20;
    RowCache cache(kBytes);
    const auto generation = cache.generation();
    const Bytes hot{0xaa, 0xbb};
    cache.insert(RowKind::value, hot, row_of(1), 0, generation);
    for (std::uint32_t n = 0; n < 20'000; ++n) {
        Bytes key;
        append_le(key, n);
        cache.insert(RowKind::node, key, row_of(2, 100), 0, generation);
        ASSERT_NE(cache.find(RowKind::value, hot, 0), nullptr);
    }
    EXPECT_LE(cache.bytes(), kBytes);
    EXPECT_GT(cache.bytes(), kBytes / 2);
    cache.clear();
    EXPECT_EQ(cache.bytes(), 0U);
}

}  // namespace
}  // namespace stipple::state::store
