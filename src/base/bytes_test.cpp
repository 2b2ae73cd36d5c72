#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace stipple {
namespace {

TEST(Hex, reads_both_cases_with_and_without_prefix) {
    EXPECT_EQ(from_hex("0x00ffAb"), (Bytes{0x00, 0xff, 0xab}));
    EXPECT_EQ(from_hex("00FFab"), (Bytes{0x00, 0xff, 0xab}));
    EXPECT_EQ(from_hex("0x"), Bytes{});
}

TEST(Hex, refuses_odd_lengths_and_other_characters) {
    EXPECT_FALSE(from_hex("0x0"));
    EXPECT_FALSE(from_hex("0g"));
    EXPECT_FALSE(from_hex("0x0x"));
}

TEST(Hex, writes_lower_case) {
    EXPECT_EQ(to_hex0x(Bytes{0x0a, 0xbc}), "0x0abc");
    EXPECT_EQ(to_hex({}), "");
}

TEST(EndOfPrefix, is_the_next_string_above_all_with_the_prefix) {
    EXPECT_EQ(end_of_prefix(Bytes{1, 2}), (Bytes{1, 3}));
    EXPECT_EQ(end_of_prefix(Bytes{1, 0xff, 0xff}), (Bytes{2}));
    EXPECT_FALSE(end_of_prefix(Bytes{0xff}));
    EXPECT_FALSE(end_of_prefix({}));
}

TEST(Compare, orders_as_unsigned_bytes_and_shorter_first) {
    EXPECT_LT(compare(Bytes{0x7f}, Bytes{0x80}), 0);
    EXPECT_LT(compare(Bytes{1}, Bytes{1, 0}), 0);
    EXPECT_EQ(compare({}, {}), 0);
    EXPECT_GT(compare(Bytes{2}, Bytes{1, 255}), 0);
}

TEST(Integers, have_both_byte_orders) {
    Bytes out;
    append_le<std::uint32_t>(out, 0x01020304);
    append_be<std::uint32_t>(out, 0x01020304);
    EXPECT_EQ(out, (Bytes{4, 3, 2, 1, 1, 2, 3, 4}));
    EXPECT_EQ(load_le<std::uint32_t>(out), 0x01020304U);
    EXPECT_EQ(load_be<std::uint32_t>(ByteView(out).last(4)), 0x01020304U);
}

}  // namespace
}  // namespace stipple
