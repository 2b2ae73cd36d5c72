#include "libp2p/multiformats/protobuf.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

std::optional<ProtobufError> error_of(std::string_view hex) {
    const Bytes bytes = *from_hex(hex);
    ProtobufReader reader(bytes, 4);
    while (reader.next()) {
    }
    return reader.error();
}

TEST(Protobuf, has_the_published_encodings) {
    ProtobufWriter inner;
    inner.number(1, 150);
    EXPECT_EQ(to_hex(inner.view()), "089601");
    ProtobufWriter writer;
    writer.text(2, "testing").message(3, inner).fixed32(4, 1).fixed64(5, 2).boolean(666, true);
    EXPECT_EQ(to_hex(writer.view()),
              "120774657374696e67"
              "1a03089601"
              "2501000000"
              "290200000000000000"
              "d02901");
}

TEST(Protobuf, reads_every_wire_type_and_unknown_fields_do_not_matter) {
    ProtobufWriter writer;
    writer.number(1, 1).number(99, 5).text(2, "two").fixed32(3, 3).fixed64(4, 1ULL << 63);
    ProtobufReader reader(writer.view());
    std::uint64_t sum = 0;
    std::string text;
    std::size_t others = 0;
    while (const auto field = reader.next()) {
        switch (field->number) {
            case 1:
            case 3:
            case 4:
                sum += reader.number(*field);
                break;
            case 2:
                text = reader.text(*field);
                break;
            default:
                ++others;
        }
    }
    EXPECT_FALSE(reader.error());
    EXPECT_EQ(sum, (1ULL << 63) + 4);
    EXPECT_EQ(text, "two");
    EXPECT_EQ(others, 1U);
}

TEST(Protobuf, defaults_can_be_left_out) {
    ProtobufWriter writer;
    writer.number_unless_zero(1, 0).bytes_unless_empty(2, {});
    EXPECT_TRUE(writer.view().empty());
    writer.number_unless_zero(1, 1).bytes_unless_empty(2, as_bytes("x"));
    EXPECT_EQ(to_hex(writer.take()), "0801120178");
}

TEST(Protobuf, numbers_have_64_bits_and_need_not_be_minimal) {
    const Bytes bytes = *from_hex("08ffffffffffffffffff0108808000");
    ProtobufReader reader(bytes);
    EXPECT_EQ(reader.next()->scalar, ~std::uint64_t{0});
    EXPECT_EQ(reader.next()->scalar, 0U);
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.error());
    EXPECT_EQ(error_of("08ffffffffffffffffff02"), ProtobufError::bad_varint);
    EXPECT_EQ(error_of("08ffffffffffffffffffff01"), ProtobufError::bad_varint);
}

TEST(Protobuf, what_is_no_field_is_refused) {
    EXPECT_EQ(error_of("08"), ProtobufError::truncated);
    EXPECT_EQ(error_of("0880"), ProtobufError::truncated);
    EXPECT_EQ(error_of("12026f"), ProtobufError::truncated);
    EXPECT_EQ(error_of("12ffffffffffffffffff01"), ProtobufError::truncated);
    EXPECT_EQ(error_of("25010000"), ProtobufError::truncated);
    EXPECT_EQ(error_of("2901000000000000"), ProtobufError::truncated);
    EXPECT_EQ(error_of("0b"), ProtobufError::bad_wire_type);
    EXPECT_EQ(error_of("0f"), ProtobufError::bad_wire_type);
    EXPECT_EQ(error_of("0000"), ProtobufError::bad_field_number);
    EXPECT_EQ(error_of("808080801000"), ProtobufError::bad_field_number);
    EXPECT_EQ(error_of("08010801080108010801"), ProtobufError::too_many_fields);
    EXPECT_EQ(error_of("0801080108010801"), std::nullopt);
}

TEST(Protobuf, a_known_field_of_another_type_fails_the_reader) {
    const Bytes bytes = *from_hex("08011200");
    ProtobufReader reader(bytes);
    EXPECT_TRUE(reader.bytes(*reader.next()).empty());
    EXPECT_EQ(reader.error(), ProtobufError::wrong_type);
    EXPECT_FALSE(reader.next());
    ProtobufReader other(ByteView(bytes).subspan(2));
    EXPECT_EQ(other.number(*other.next()), 0U);
    EXPECT_EQ(other.error(), ProtobufError::wrong_type);
}

}  // namespace
}  // namespace stipple::libp2p
