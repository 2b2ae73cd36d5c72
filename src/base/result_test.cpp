#include "base/result.hpp"

#include "base/prng.hpp"
#include "base/strong.hpp"

#include <gtest/gtest.h>

namespace stipple {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) {
        return fail("odd");
    }
    return value / 2;
}

Result<int> quarter(int value) {
    TRY_ASSIGN(const int once, half(value));
    TRY(half(once));
    return half(once);
}

TEST(Result, propagates_the_first_error) {
    EXPECT_EQ(quarter(12).value(), 3);
    EXPECT_EQ(quarter(6).error().message(), "odd");
}

TEST(Result, puts_each_layer_in_front) {
    const auto failed = fail_in("import #120", half(3));
    EXPECT_EQ(failed.error().message(), "import #120: odd");
}

struct LeftTag;
struct RightTag;
static_assert(!std::is_convertible_v<FixedBytes<4, LeftTag>, FixedBytes<4, RightTag>>);
static_assert(!std::is_convertible_v<StrongNumber<int, LeftTag>, StrongNumber<int, RightTag>>);

TEST(FixedBytes, takes_just_its_length) {
    using Four = FixedBytes<4, LeftTag>;
    EXPECT_EQ(Four::from_hex("0x01020304")->hex(), "0x01020304");
    EXPECT_FALSE(Four::from_hex("0x010203"));
    EXPECT_FALSE(Four::from(Bytes(5)));
}

TEST(Prng, repeats_from_its_seed) {
    // splitmix64 of seed 0, as its authors print it.
    Prng prng(Seed{0});
    EXPECT_EQ(prng.next(), 0xe220a8397b1dcdafULL);
    EXPECT_EQ(prng.next(), 0x6e789e6aa1b965f4ULL);
    EXPECT_LT(prng.below(7), 7U);
}

TEST(Check, ends_the_process_and_names_the_condition) {
    EXPECT_DEATH(CHECK(1 == 2), "1 == 2");
}

}  // namespace
}  // namespace stipple
