#include "consensus/babe/lottery.hpp"

#include "crypto/suri.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace stipple::babe {
namespace {

using testing::hex_of;

TEST(VrfTranscript, gives_the_known_outputs_proofs_and_scores) {
    const auto vectors = testing::read_json(testing::vector_path("babe-vrf.json"));
    int good = 0;
    int bad = 0;
    for (const auto& item : vectors.as_array()) {
        const auto& row = item.as_object();
        const auto transcript =
            vrf_transcript(Randomness::copy(hex_of(row.at("chain_randomness"))),
                           Slot(row.at("slot").to_number<std::uint64_t>()),
                           EpochIndex(row.at("epoch").to_number<std::uint64_t>()));
        const crypto::VrfSignature vrf{crypto::VrfPreOutput::copy(hex_of(row.at("pre_output"))),
                                       crypto::VrfProof::copy(hex_of(row.at("proof")))};
        const auto key = crypto::Sr25519Public::copy(hex_of(row.at("public")));
        const auto in_out = crypto::vrf_verify(transcript, vrf, key);
        ASSERT_EQ(in_out.has_value(), row.at("valid").as_bool());
        if (!in_out) {
            ++bad;
            continue;
        }
        ++good;
        const Bytes score =
            hex_of(row.at("threshold bytes, context substrate-babe-vrf, little-endian u128"));
        EXPECT_EQ(authoring_score(*in_out), load_le<uint128>(score));
    }
    EXPECT_GT(good, 0);
    EXPECT_GT(bad, 0);
}

AuthorityList equal_authorities(std::size_t count, std::uint64_t weight = 1) {
    return AuthorityList(count, Authority{{}, weight});
}

TEST(PrimaryThreshold, is_the_share_itself_for_a_lone_authority) {
    EXPECT_EQ(primary_threshold({1, 4}, equal_authorities(1), 0), uint128{1} << 126);
    EXPECT_EQ(primary_threshold({1, 2}, equal_authorities(1, 77), 0), uint128{1} << 127);
}

TEST(PrimaryThreshold, is_exact_in_every_bit) {
    // Doubles of 1 - 0.75^(1/n), times 2^128 as exact fractions.
    const auto wide = [](std::uint64_t high, std::uint64_t low) {
        return uint128{high} << 64 | low;
    };
    EXPECT_EQ(primary_threshold({1, 4}, equal_authorities(4), 2),
              wide(0x11c3e144a8653800ULL, 0x0ULL));
    EXPECT_EQ(primary_threshold({1, 4}, equal_authorities(300), 0),
              wide(0x3ed0a2da771800ULL, 0x0ULL));
}

TEST(PrimaryThreshold, is_zero_without_an_authority_and_full_for_a_certain_slot) {
    EXPECT_EQ(primary_threshold({1, 4}, equal_authorities(2), 2), 0u);
    EXPECT_EQ(primary_threshold({1, 0}, equal_authorities(2), 0), 0u);
    EXPECT_EQ(primary_threshold({1, 4}, equal_authorities(2, 0), 0), 0u);
    EXPECT_EQ(primary_threshold({1, 1}, equal_authorities(1), 0), ~uint128{0});
}

TEST(SecondaryAuthor, is_the_hash_as_a_big_endian_number) {
    // The field's own example: randomness of threes, slot 100, a thousand authorities.
    Randomness randomness;
    randomness.bytes.fill(3);
    EXPECT_EQ(secondary_author(randomness, Slot(100), 1000), AuthorityIndex{167});
    EXPECT_EQ(secondary_author(randomness, Slot(100), 0), std::nullopt);
    EXPECT_EQ(secondary_author(randomness, Slot(100), 1), AuthorityIndex{0});
}

}  // namespace
}  // namespace stipple::babe
