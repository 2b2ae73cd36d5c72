#include "crypto/repeatable.hpp"

#include "crypto/ed25519.hpp"

#include <gtest/gtest.h>

namespace stipple::crypto {
namespace {

Secret<32> seed_of(std::uint8_t byte) {
    std::array<std::uint8_t, 32> raw{};
    raw.fill(byte);
    return Secret<32>(raw);
}
Sr25519Keypair some_pair() {
    return Sr25519Keypair::from_seed(seed_of(7));
}
VrfTranscript some_transcript() {
    VrfTranscript transcript{"BABE", {}};
    transcript.append_u64("slot number", 5);
    return transcript;
}

TEST(Repeatable, the_same_message_gets_the_same_signature_only_while_one_lives) {
    const auto pair = some_pair();
    const Bytes message{1, 2, 3};
    const auto sign_twice = [&] {
        return pair.sign(message) == pair.sign(message) &&
               pair.vrf_sign(some_transcript()) == pair.vrf_sign(some_transcript());
    };
    EXPECT_FALSE(sign_twice());
    {
        const Repeatable repeatable;
        EXPECT_TRUE(sign_twice());
    }
    EXPECT_FALSE(sign_twice());
}

TEST(Repeatable, what_it_signs_verifies_without_it) {
    const auto pair = some_pair();
    const auto ed = Ed25519Keypair::from_seed(seed_of(9));
    const Bytes message{1, 2, 3};
    Sr25519Signature signature;
    VrfSignature vrf;
    Ed25519Signature vote;
    {
        const Repeatable repeatable;
        signature = pair.sign(message);
        vrf = pair.vrf_sign(some_transcript());
        vote = ed.sign(message);
    }
    EXPECT_TRUE(sr25519_verify(signature, message, pair.public_key));
    EXPECT_TRUE(vrf_verify(some_transcript(), vrf, pair.public_key).has_value());
    EXPECT_TRUE(ed25519_verify(vote, message, ed.public_key));
}

TEST(Repeatable, verdicts_are_those_of_verification_also_the_second_time) {
    const Repeatable repeatable;
    const auto pair = some_pair();
    const Bytes message{1, 2, 3};
    const auto signature = pair.sign(message);
    auto forged = signature;
    forged.bytes[5] ^= 1;
    const auto vrf = pair.vrf_sign(some_transcript());
    auto forged_vrf = vrf;
    forged_vrf.proof.bytes[40] ^= 1;
    for (int time = 0; time < 2; ++time) {
        EXPECT_TRUE(sr25519_verify(signature, message, pair.public_key));
        EXPECT_FALSE(sr25519_verify(forged, message, pair.public_key));
        EXPECT_FALSE(sr25519_verify(signature, Bytes{1, 2}, pair.public_key));
        const auto found = vrf_verify(some_transcript(), vrf, pair.public_key);
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(found->input_output, pair.vrf_in_out(some_transcript()).input_output);
        EXPECT_FALSE(vrf_verify(some_transcript(), forged_vrf, pair.public_key).has_value());
    }
}

}  // namespace
}  // namespace stipple::crypto
