#include "kit/sorting.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

TEST(Sorting, puts_any_number_of_items_in_order_and_leaves_equals_in_theirs) {
    std::uint32_t state = 1;
    for (std::uint32_t count = 0; count < 70; ++count) {
        using Item = std::pair<std::uint32_t, std::uint32_t>;
        std::vector<Item> items;
        for (std::uint32_t i = 0; i < count; ++i) {
            state = state * 1'664'525 + 1'013'904'223;
            items.emplace_back(state >> 28, i);
        }
        std::vector<Item> whole = items;
        sort_by(items, [](const Item& a, const Item& b) { return a.first < b.first; });
        sort(whole);  // by the place, too
        EXPECT_TRUE(items == whole) << count;
        for (std::size_t i = 1; i < items.size(); ++i) {
            EXPECT_TRUE(items[i - 1] < items[i]) << count;
        }
        EXPECT_EQ(items.size(), count);
    }
}

}  // namespace
}  // namespace stipple::runtime
