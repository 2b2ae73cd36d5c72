#include "kit/arithmetic.hpp"

#include "kit/bounded.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr uint128 kMost = ~uint128{0};

TEST(Arithmetic, says_when_it_leaves_its_range) {
    EXPECT_EQ(checked_add<std::uint8_t>(250, 5), std::uint8_t{255});
    EXPECT_FALSE(checked_add<std::uint8_t>(250, 6));
    EXPECT_FALSE(checked_sub<std::uint32_t>(1, 2));
    EXPECT_EQ(checked_mul<std::uint32_t>(65'536, 65'535), 4'294'901'760U);
    EXPECT_FALSE(checked_mul<std::uint32_t>(65'536, 65'536));
    EXPECT_FALSE(checked_mul<uint128>(kMost, 2));
    EXPECT_EQ(checked_mul<uint128>(kMost, 1).value_or(0), kMost);
}
TEST(Arithmetic, stops_at_the_ends_of_its_range) {
    EXPECT_EQ(saturating_add<std::uint64_t>(UINT64_MAX - 1, 5), UINT64_MAX);
    EXPECT_EQ(saturating_sub<std::uint64_t>(5, 6), 0U);
    EXPECT_EQ(saturating_mul<std::uint64_t>(UINT64_MAX / 2, 3), UINT64_MAX);
}
TEST(Arithmetic, keeps_the_whole_product_of_a_fraction) {
    EXPECT_TRUE(multiply_by_rational(kMost, kMost, kMost) == kMost);
    EXPECT_TRUE(multiply_by_rational(kMost, kMost - 1, kMost) == kMost - 1);
    EXPECT_TRUE(multiply_by_rational(kMost, 3, 4) == kMost / 4 * 3 + 2) << "rounded down";
    EXPECT_TRUE(multiply_by_rational(kMost, 2, 1) == kMost) << "saturated";
    EXPECT_TRUE(multiply_by_rational(7, 5, 3) == 11);
    EXPECT_TRUE(multiply_by_rational(0, kMost, 1) == 0);
    // (2^100 + 1) * (2^100 - 1) / 2^90 = 2^110 - 2^-90, rounded down.
    const uint128 big = uint128{1} << 100;
    EXPECT_TRUE(multiply_by_rational(big + 1, big - 1, uint128{1} << 90) ==
                (uint128{1} << 110) - 1);
}
TEST(Arithmetic, has_fractions_without_floating_point) {
    EXPECT_EQ(Perbill::percent(25).of(1001), 250U);
    EXPECT_EQ(Perbill::percent(200).parts, Perbill::kOne);
    EXPECT_TRUE(Perbill::percent(100).of_balance(kMost) == kMost);
    EXPECT_TRUE(FixedU128{FixedU128::kOne / 2}.times(7) == 3);
}
TEST(BoundedVec, refuses_more_than_its_bound_also_when_it_is_decoded) {
    using Three = BoundedVec<std::uint8_t, 3>;
    Three full{{1, 2}};
    EXPECT_TRUE(full.try_push(3));
    EXPECT_FALSE(full.try_push(4));
    EXPECT_EQ(full.size(), 3U);
    EXPECT_FALSE(Three::from({1, 2, 3, 4}));
    EXPECT_EQ(Three::truncate({1, 2, 3, 4}), full);
    const Bytes four = scale::encode(std::vector<std::uint8_t>{1, 2, 3, 4});
    EXPECT_FALSE(scale::decode<Three>(four));
    using Weak = WeakBoundedVec<std::uint8_t, 3>;
    const auto decoded = scale::decode<Weak>(four);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->size(), 4U) << "an upgrade may have lowered the bound";
}

}  // namespace
}  // namespace stipple::runtime
