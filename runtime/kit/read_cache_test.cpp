#include "kit/read_cache.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

using read_cache::Kept;

Bytes key_of(std::uint32_t number) {
    Bytes key(40, 0x11);
    scale::encode_to(key, number);
    return key;
}

class ReadCache : public ::testing::Test {
 protected:
    void SetUp() override { read_cache::forget_all(); }
};

TEST_F(ReadCache, gives_the_last_value_or_knows_that_there_is_none) {
    EXPECT_EQ(read_cache::find(key_of(1)).kept, Kept::nothing);
    read_cache::put(key_of(1), ByteView(Bytes{1, 2}));
    const auto found = read_cache::find(key_of(1));
    EXPECT_EQ(found.kept, Kept::value);
    EXPECT_EQ(to_bytes(found.value), (Bytes{1, 2}));
    read_cache::put(key_of(1), std::nullopt);
    EXPECT_EQ(read_cache::find(key_of(1)).kept, Kept::absent);
    read_cache::put(key_of(1), ByteView{});
    EXPECT_EQ(read_cache::find(key_of(1)).kept, Kept::value);
    read_cache::forget(key_of(1));
    EXPECT_EQ(read_cache::find(key_of(1)).kept, Kept::nothing);
}

TEST_F(ReadCache, never_answers_for_another_key) {
    for (std::uint32_t i = 0; i < 1000; ++i) {
        read_cache::put(key_of(i), scale::encode(i));
        for (std::uint32_t other = 0; other <= i; ++other) {
            const auto found = read_cache::find(key_of(other));
            ASSERT_TRUE(found.kept == Kept::nothing ||
                        to_bytes(found.value) == scale::encode(other));
        }
        ASSERT_EQ(read_cache::find(key_of(i)).kept, Kept::value);
    }
    read_cache::forget(key_of(5000));  // was never there
    EXPECT_EQ(read_cache::find(key_of(999)).kept, Kept::value);
}

TEST_F(ReadCache, forgets_what_has_become_too_long) {
    read_cache::put(key_of(1), ByteView(Bytes{1}));
    const Bytes longest(read_cache::kValueBytesMax, 7);
    EXPECT_EQ(read_cache::put(key_of(1), longest).value.size(), longest.size());
    EXPECT_EQ(read_cache::put(key_of(1), Bytes(longest.size() + 1, 7)).kept, Kept::nothing);
    EXPECT_EQ(read_cache::find(key_of(1)).kept, Kept::nothing);
    const Bytes long_key(read_cache::kKeyBytesMax + 1, 7);
    EXPECT_EQ(read_cache::put(long_key, Bytes{1}).kept, Kept::nothing);
    EXPECT_EQ(read_cache::find(long_key).kept, Kept::nothing);
}

TEST_F(ReadCache, a_hash_is_known_for_the_same_bytes_alone) {
    const std::array<std::uint8_t, 16> hash{1, 2, 3};
    read_cache::put_hash(key_of(1), hash);
    ASSERT_NE(read_cache::find_hash(key_of(1)), nullptr);
    EXPECT_EQ(*read_cache::find_hash(key_of(1)), hash);
    for (std::uint32_t i = 2; i < 500; ++i) {
        EXPECT_EQ(read_cache::find_hash(key_of(i)), nullptr);
    }
    EXPECT_EQ(read_cache::find_hash(ByteView(key_of(1)).first(39)), nullptr);
}

}  // namespace
}  // namespace stipple::runtime
