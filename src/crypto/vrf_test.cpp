#include "crypto/sr25519.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace stipple::crypto {

namespace {

using boost::json::value;
using testing::hex_of;

VrfTranscript babe(const value& row) {
    VrfTranscript transcript{.label = "BABE", .items = {}};
    transcript.append_u64("slot number", row.at("slot").to_number<std::uint64_t>());
    transcript.append_u64("current epoch", row.at("epoch").to_number<std::uint64_t>());
    transcript.append("chain randomness", hex_of(row.at("chain_randomness")));
    return transcript;
}

const value& field(const value& row, std::string_view start) {
    for (const auto& [name, content] : row.as_object()) {
        if (std::string_view(name).starts_with(start)) {
            return content;
        }
    }
    ADD_FAILURE() << "no field " << start;
    std::abort();
}

Sr25519Keypair pair_of(const value& seed) {
    Secret<32> secret;
    std::ranges::copy(hex_of(seed), secret.writable().begin());
    return Sr25519Keypair::from_seed(secret);
}

TEST(Vrf, agrees_with_the_babe_vectors) {
    const auto document = testing::read_json(testing::vector_path("babe-vrf.json"));
    const auto& rows = document.as_array();
    ASSERT_EQ(rows.size(), 24u);
    std::size_t valid_ones = 0;
    for (const auto& row : rows) {
        const auto key = Sr25519Public::copy(hex_of(row.at("public")));
        const VrfSignature signature{VrfPreOutput::copy(hex_of(row.at("pre_output"))),
                                     VrfProof::copy(hex_of(row.at("proof")))};
        const bool valid = row.at("valid").as_bool();
        const auto verified = vrf_verify(babe(row), signature, key);
        EXPECT_EQ(verified.has_value(), valid);

        const Sr25519Keypair pair = pair_of(row.at("seed"));
        EXPECT_EQ(pair.public_key, key);
        const VrfInOut own = pair.vrf_in_out(babe(row));
        if (!valid) {
            continue;
        }
        ++valid_ones;
        EXPECT_EQ(own.input_output, verified->input_output);
        std::array<std::uint8_t, 16> threshold{};
        verified->make_bytes("substrate-babe-vrf", threshold);
        EXPECT_EQ(to_hex0x(threshold), to_hex0x(hex_of(field(row, "threshold bytes"))));
        std::array<std::uint8_t, 32> randomness{};
        verified->make_bytes("BabeVRFInOutContext", randomness);
        EXPECT_EQ(to_hex0x(randomness), to_hex0x(hex_of(field(row, "randomness bytes"))));

        const VrfSignature again = pair.vrf_sign(babe(row));
        EXPECT_EQ(again.pre_output, signature.pre_output);
        EXPECT_TRUE(vrf_verify(babe(row), again, key));
    }
    EXPECT_GT(valid_ones, 10u);
}

TEST(Vrf, an_extra_transcript_binds_the_proof) {
    const Sr25519Keypair pair = Sr25519Keypair::from_seed(Secret<32>({7}));
    VrfTranscript about{.label = "A&V MOD", .items = {}};
    about.append("RC-VRF", Bytes(32, 3));
    about.append("sample", Bytes{1, 0, 0, 0});
    VrfTranscript extra{.label = "A&V ASSIGNED", .items = {}};
    extra.append("core", Bytes{5});
    const VrfSignature signature = pair.vrf_sign_extra(about, extra);
    EXPECT_TRUE(vrf_verify_extra(about, extra, signature, pair.public_key));
    EXPECT_FALSE(vrf_verify(about, signature, pair.public_key));
    extra.append("core", Bytes{6});
    EXPECT_FALSE(vrf_verify_extra(about, extra, signature, pair.public_key));
}

TEST(Vrf, more_labels_than_the_bound_are_refused_and_known_ones_stay) {
    const Sr25519Keypair pair = Sr25519Keypair::from_seed(Secret<32>({8}));
    VrfTranscript known{.label = "BABE", .items = {}};
    known.append_u64("slot number", 1);
    const VrfSignature signature = pair.vrf_sign(known);
    for (int i = 0; i < 100; ++i) {
        const std::string label = "label " + std::to_string(i);
        VrfTranscript other{.label = label, .items = {}};
        EXPECT_FALSE(vrf_verify(other, signature, pair.public_key));
    }
    EXPECT_TRUE(vrf_verify(known, signature, pair.public_key));
}

}  // namespace

}  // namespace stipple::crypto
