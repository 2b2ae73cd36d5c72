#include "sim/vrf_ahead.hpp"

#include <gtest/gtest.h>

namespace stipple::sim {
namespace {

crypto::VrfTranscript of_slot(std::uint64_t slot, std::uint64_t epoch = 3) {
    crypto::VrfTranscript transcript{.label = "BABE", .items = {}};
    transcript.append_u64("slot number", slot);
    transcript.append_u64("current epoch", epoch);
    return transcript;
}

crypto::Sr25519Keypair key_of(std::uint8_t number) {
    return crypto::Sr25519Keypair::from_seed(crypto::Secret<32>({number}));
}

TEST(VrfAhead, gives_what_the_key_gives_whether_it_was_ready_or_not) {
    const auto first = key_of(1);
    const auto second = key_of(2);
    struct Question {
        const crypto::Sr25519Keypair& key;
        crypto::VrfTranscript transcript;
    };
    const std::vector<Question> questions = {
        {first, of_slot(5)}, {second, of_slot(5)}, {first, of_slot(6)},     {second, of_slot(6)},
        {first, of_slot(7)}, {second, of_slot(9)}, {second, of_slot(9, 4)}, {first, of_slot(8)},
        {first, of_slot(8)}, {first, of_slot(9)},  {second, of_slot(10, 4)}};
    std::vector<Bytes> alone;
    for (const auto& [key, transcript] : questions) {
        alone.push_back(key.vrf_in_out(transcript).input_output);
    }
    VrfAhead ahead;
    const crypto::Repeatable repeatable(&ahead);
    std::vector<Bytes> together;
    for (const auto& [key, transcript] : questions) {
        together.push_back(key.vrf_in_out(transcript).input_output);
    }
    EXPECT_EQ(together, alone);
    EXPECT_EQ(ahead.right(), 6U);
    EXPECT_EQ(ahead.wrong(), 5U) << "the first of each, a slot or epoch left out, one asked twice";
}

TEST(VrfAhead, knows_the_transcripts_of_slots_only) {
    EXPECT_EQ(slot_of(of_slot(7)), 7U);
    EXPECT_EQ(for_slot(of_slot(7), 8), of_slot(8));
    crypto::VrfTranscript other{.label = "BABE", .items = {}};
    other.append_u64("sample", 7);
    EXPECT_EQ(slot_of(other), std::nullopt);
    crypto::VrfTranscript odd{.label = "BABE", .items = {}};
    odd.append("slot number", Bytes{1, 2, 3});
    EXPECT_EQ(slot_of(odd), std::nullopt);
}

TEST(VrfAhead, keeps_up_with_keys_that_come_and_go_and_lag) {
    std::vector<crypto::Sr25519Keypair> keys;
    for (std::uint8_t i = 0; i < 6; ++i) {
        keys.push_back(key_of(i));
    }
    Prng prng(Seed{4});
    VrfAhead ahead;
    std::vector<std::pair<std::size_t, std::uint64_t>> asked;
    std::vector<Bytes> together;
    {
        const crypto::Repeatable repeatable(&ahead);
        for (std::uint64_t slot = 10; slot < 60; ++slot) {
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (prng.chance(5, 6)) {  // else it is down
                    asked.emplace_back(i, prng.chance(1, 8) ? slot - 1 - prng.below(3) : slot);
                    const auto about = of_slot(asked.back().second);
                    together.push_back(keys[i].vrf_in_out(about).input_output);
                }
            }
        }
    }
    for (std::size_t n = 0; n < asked.size(); ++n) {
        const auto& [key, slot] = asked[n];
        ASSERT_EQ(together[n], keys[key].vrf_in_out(of_slot(slot)).input_output);
    }
    EXPECT_GT(ahead.right(), asked.size() / 3);
}

TEST(VrfAhead, ends_while_outputs_are_under_way) {
    const auto key = key_of(3);
    for (std::uint64_t slot = 0; slot < 50; ++slot) {
        VrfAhead ahead;
        const crypto::Repeatable repeatable(&ahead);
        static_cast<void>(key.vrf_in_out(of_slot(slot)));
    }
}

}  // namespace
}  // namespace stipple::sim
