#include "base/prng.hpp"
#include "scale/codec.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple::scale {
namespace {

uint128 decimal(std::string_view text) {
    uint128 value = 0;
    for (const char digit : text) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    return value;
}

std::string_view text_of(const boost::json::value& value) {
    const auto& text = value.as_string();
    return {text.data(), text.size()};
}

template <class T>
DecodeError error_of(const char* hex) {
    const auto decoded = decode<T>(*from_hex(hex));
    return decoded ? DecodeError::none : decoded.error();
}

struct Point {
    std::uint8_t x = 0;
    Compact<std::uint32_t> y;
    friend bool operator==(const Point&, const Point&) = default;
    static auto fields(auto& self) { return std::tie(self.x, self.y); }
};

TEST(Scale, compact_integers_match_the_rust_codec) {
    const auto vectors = testing::read_json(testing::vector_path("scale.json"));
    const auto& rows = vectors.at("compact").as_array();
    ASSERT_FALSE(rows.empty());
    for (const auto& row : rows) {
        const uint128 value = decimal(text_of(row.at("value")));
        Bytes encoded;
        encode_compact(encoded, value);
        EXPECT_EQ(to_hex0x(encoded), text_of(row.at("compact")));
        Decoder in(encoded);
        EXPECT_TRUE(in.compact() == value);
        EXPECT_TRUE(in.finish().has_value());
    }
}

TEST(Scale, fixed_integers_match_the_rust_codec) {
    const auto vectors = testing::read_json(testing::vector_path("scale.json"));
    const auto hex = std::string(text_of(vectors.at("i64_minus_2")));
    EXPECT_EQ(to_hex0x(encode(std::int64_t{-2})), hex);
    EXPECT_EQ(decode<std::int64_t>(*from_hex(hex)), -2);
}

TEST(Scale, an_option_of_bool_is_a_plain_option) {
    const auto vectors = testing::read_json(testing::vector_path("scale.json"));
    for (const auto& row : vectors.at("option_bool_is_a_plain_option").as_array()) {
        const auto& value = row.at("value");
        const std::optional<bool> expected =
            value.is_null() ? std::nullopt : std::optional(value.as_bool());
        EXPECT_EQ(to_hex0x(encode(expected)), text_of(row.at("encoded")));
        const auto decoded = decode<std::optional<bool>>(testing::hex_of(row.at("encoded")));
        ASSERT_TRUE(decoded.has_value());
        EXPECT_TRUE(*decoded == expected);
    }
}

TEST(Scale, strings_tuples_and_vectors_match_the_rust_codec) {
    const auto vectors = testing::read_json(testing::vector_path("scale.json"));
    const auto& text = vectors.at("string");
    EXPECT_EQ(to_hex0x(encode(std::string(text_of(text.at("value"))))),
              text_of(text.at("encoded")));
    EXPECT_EQ(to_hex0x(encode(std::vector<std::uint16_t>{0, 1, 65535})),
              text_of(vectors.at("vec_u16").at("encoded")));
    const std::pair<std::uint8_t, Compact<std::uint32_t>> tuple{3, {300}};
    EXPECT_EQ(to_hex0x(encode(tuple)), text_of(vectors.at("tuple_u8_compact")));
}

TEST(Scale, containers_encode_as_the_protocol_says) {
    EXPECT_EQ(to_hex(encode(std::vector<std::uint16_t>{1, 0xff00})), "08010000ff");
    EXPECT_EQ(to_hex(encode(std::string("abc"))), "0c616263");
    EXPECT_EQ(to_hex(encode(std::map<std::uint8_t, bool>{{7, true}, {2, false}})), "0802000701");
    EXPECT_EQ(to_hex(encode(std::array<std::uint8_t, 3>{1, 2, 3})), "010203");
    EXPECT_EQ(to_hex(encode(std::pair(std::uint8_t{9}, true))), "0901");
    EXPECT_EQ(to_hex(encode(Point{5, {1U << 14}})), "0502000100");
    EXPECT_EQ(to_hex(encode(BitVec{{true, false, true, false, false, false, false, false, true}})),
              "240501");
}

TEST(Scale, every_value_decodes_to_itself) {
    Prng random(Seed{7});
    for (int round = 0; round < 500; ++round) {
        std::vector<std::pair<Compact<std::uint64_t>, std::optional<Bytes>>> value(random.below(8));
        for (auto& [number, bytes] : value) {
            number.value = random.next() >> random.below(64);
            if (random.chance(1, 2)) {
                bytes = random.bytes(random.below(200));
            }
        }
        EXPECT_EQ(decode<decltype(value)>(encode(value)), value);
        BitVec bits;
        for (std::uint64_t i = random.below(40); i > 0; --i) {
            bits.bits.push_back(random.chance(1, 2));
        }
        EXPECT_EQ(decode<BitVec>(encode(bits)), bits);
    }
}

TEST(Scale, refuses_what_is_not_an_encoding) {
    EXPECT_EQ(error_of<std::uint32_t>("010203"), DecodeError::end_of_input);
    EXPECT_EQ(error_of<std::uint8_t>("0102"), DecodeError::trailing_bytes);
    EXPECT_EQ(error_of<bool>("02"), DecodeError::bad_bool);
    EXPECT_EQ(error_of<std::optional<std::uint8_t>>("0201"), DecodeError::bad_option);
    EXPECT_EQ(error_of<Bytes>("0c0102"), DecodeError::end_of_input);
    // A vector that claims four thousand million items in five bytes takes no memory.
    EXPECT_EQ(error_of<std::vector<std::uint64_t>>("03ffffffff"), DecodeError::end_of_input);
}

TEST(Scale, refuses_compact_integers_longer_than_needed) {
    for (const char* hex : {"0100", "fd00", "02000000", "feff0000", "03ffffff3f", "070000000000",
                            "0b000000000000", "33ffffffffffffffffffffffffffffff00"}) {
        EXPECT_EQ(error_of<Compact<uint128>>(hex), DecodeError::compact_not_minimal) << hex;
    }
    EXPECT_EQ(error_of<Compact<std::uint8_t>>("0104"), DecodeError::compact_too_large);
    EXPECT_EQ(error_of<Compact<std::uint32_t>>("070000000001"), DecodeError::compact_too_large);
    EXPECT_EQ(error_of<Compact<uint128>>("370000000000000000000000000000000001"),
              DecodeError::compact_too_large);
}

TEST(ScaleDecoder, keeps_the_first_error_and_answers_zeros_after_it) {
    const Bytes input = {2, 1, 1, 1, 1};
    Decoder in(input);
    EXPECT_TRUE(in.ok());
    (void)in.boolean();
    EXPECT_EQ(in.error(), DecodeError::bad_bool);
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_EQ(in.remaining(), 0U);
    in.fail(DecodeError::invalid_value);
    EXPECT_EQ(in.finish().error(), DecodeError::bad_bool);
}

TEST(ScaleDecoder, bounds_lengths_by_limit_and_by_item_size) {
    const Bytes ten_items = {40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(Decoder(ten_items).length(), 10U);
    Decoder limited(ten_items);
    EXPECT_EQ(limited.length(1, 9), 0U);
    EXPECT_EQ(limited.error(), DecodeError::length_over_limit);
    Decoder wide(ten_items);
    EXPECT_EQ(wide.length(2), 0U);
    EXPECT_EQ(wide.error(), DecodeError::end_of_input);
}

TEST(ScaleDecoder, bounds_nesting) {
    Decoder in({});
    const auto descend = [&](auto&& self, unsigned depth) -> void {
        Decoder::Nested guard(in);
        if (in.ok() && depth > 0) {
            self(self, depth - 1);
        }
    };
    descend(descend, kNestingMax - 1);
    EXPECT_TRUE(in.ok());
    descend(descend, kNestingMax);
    EXPECT_EQ(in.error(), DecodeError::nesting_too_deep);
}

}  // namespace
}  // namespace stipple::scale
