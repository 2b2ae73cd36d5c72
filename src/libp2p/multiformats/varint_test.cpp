#include "libp2p/multiformats/varint.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

Bytes encoded(std::uint64_t value) {
    Bytes out;
    append_varint(out, value);
    return out;
}

TEST(Varint, has_the_published_encodings) {
    EXPECT_EQ(encoded(0), Bytes{0x00});
    EXPECT_EQ(encoded(1), Bytes{0x01});
    EXPECT_EQ(encoded(127), Bytes{0x7f});
    EXPECT_EQ(encoded(128), (Bytes{0x80, 0x01}));
    EXPECT_EQ(encoded(255), (Bytes{0xff, 0x01}));
    EXPECT_EQ(encoded(300), (Bytes{0xac, 0x02}));
    EXPECT_EQ(encoded(16384), (Bytes{0x80, 0x80, 0x01}));
}

TEST(Varint, decodes_what_it_encodes_at_every_length) {
    for (unsigned bits = 0; bits < 63; ++bits) {
        for (const std::uint64_t value :
             {(std::uint64_t{1} << bits) - 1, std::uint64_t{1} << bits}) {
            const Bytes bytes = encoded(value);
            const auto varint = decode_varint(bytes);
            ASSERT_TRUE(varint);
            EXPECT_EQ(varint->value, value);
            EXPECT_EQ(varint->size, bytes.size());
            EXPECT_EQ(varint_size(value), bytes.size());
            EXPECT_EQ(decode_varint(ByteView(bytes).first(bytes.size() - 1)).error(),
                      VarintError::incomplete);
        }
    }
}

TEST(Varint, longer_forms_and_larger_numbers_are_refused) {
    EXPECT_EQ(decode_varint(Bytes{0x80, 0x00}).error(), VarintError::not_minimal);
    EXPECT_EQ(decode_varint(Bytes{0x81, 0x80, 0x00}).error(), VarintError::not_minimal);
    EXPECT_EQ(decode_varint(Bytes(9, 0xff)).error(), VarintError::too_long);
    EXPECT_EQ(decode_varint({}).error(), VarintError::incomplete);
}

TEST(Frame, is_found_once_it_is_all_there) {
    Bytes bytes;
    append_frame(bytes, as_bytes("hello"));
    bytes.push_back('x');
    for (std::size_t size = 0; size < 6; ++size) {
        const auto frame = find_frame(ByteView(bytes).first(size), 5);
        ASSERT_TRUE(frame);
        EXPECT_FALSE(frame->has_value());
    }
    const auto frame = find_frame(bytes, 5);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ(as_text((*frame)->message), "hello");
    EXPECT_EQ((*frame)->size, 6U);
}

TEST(Frame, above_the_bound_fails_as_soon_as_the_length_shows_it) {
    EXPECT_EQ(find_frame(Bytes{6}, 5).error(), FrameError::too_long);
    EXPECT_EQ(find_frame(Bytes{0x80}, 127).error(), FrameError::too_long);
    EXPECT_FALSE(find_frame(Bytes{0x80}, 128)->has_value());
    EXPECT_EQ(find_frame(Bytes{0x85, 0x00}, 1000).error(), FrameError::bad_length);
    EXPECT_EQ(find_frame(Bytes{0x85, 0x85}, 1000).error(), FrameError::too_long);
}

}  // namespace
}  // namespace stipple::libp2p
