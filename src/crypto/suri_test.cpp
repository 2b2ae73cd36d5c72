#include "crypto/suri.hpp"

#include "base/prng.hpp"
#include "crypto/ss58.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace stipple::crypto {

namespace {

using testing::hex_of;

TEST(Suri, keys_and_addresses_agree_with_the_vectors) {
    const auto document = testing::read_json(testing::vector_path("keys.json"));
    ASSERT_EQ(document.as_array().size(), 16u);
    for (const auto& row : document.as_array()) {
        const std::string uri(row.at("uri").as_string());
        const auto sr = sr25519_from_suri(uri);
        ASSERT_TRUE(sr) << uri;
        EXPECT_EQ(sr->public_key.hex(), to_hex0x(hex_of(row.at("sr25519")))) << uri;
        const auto& ed_row = row.at("ed25519 (null: soft junctions refused)");
        const auto ed = ed25519_from_suri(uri);
        ASSERT_EQ(ed.has_value(), !ed_row.is_null()) << uri;
        if (ed) {
            EXPECT_EQ(ed->public_key.hex(), to_hex0x(hex_of(ed_row))) << uri;
        } else {
            EXPECT_EQ(ed.error(), SuriError::soft_not_supported);
        }
        const auto ec = ecdsa_from_suri(uri);
        ASSERT_EQ(ec.has_value(), !row.at("ecdsa").is_null()) << uri;
        if (ec) {
            EXPECT_EQ(ec->public_key.hex(), to_hex0x(hex_of(row.at("ecdsa")))) << uri;
        }
        for (const auto& form : row.at("ss58_of_sr25519").as_array()) {
            const std::string address(form.at("address").as_string());
            const auto format = form.at("format").to_number<std::uint16_t>();
            EXPECT_EQ(ss58_encode(sr->public_key, format), address);
            const auto decoded = ss58_decode(address);
            ASSERT_TRUE(decoded) << address;
            EXPECT_EQ(decoded->format, format);
            EXPECT_TRUE(equal(decoded->payload, sr->public_key));
        }
    }
}

TEST(Suri, a_given_password_wins_over_the_one_inside) {
    const auto inside = sr25519_from_suri("//Alice///secret");
    const auto outside = sr25519_from_suri("//Alice", "secret");
    const auto both = sr25519_from_suri("//Alice///other", "secret");
    ASSERT_TRUE(inside && outside && both);
    EXPECT_EQ(inside->public_key, outside->public_key);
    EXPECT_EQ(both->public_key, outside->public_key);
    EXPECT_NE(inside->public_key, sr25519_from_suri("//Alice")->public_key);
}

TEST(Suri, says_what_is_wrong) {
    const auto error = [](std::string_view uri) { return sr25519_from_suri(uri).error(); };
    EXPECT_EQ(error("//"), SuriError::bad_format);
    EXPECT_EQ(error("/a//"), SuriError::bad_format);
    EXPECT_EQ(error("phrase-with-dash"), SuriError::bad_format);
    EXPECT_EQ(error("///pass\nword"), SuriError::bad_format);
    EXPECT_EQ(error(std::string(5000, '/')), SuriError::bad_format);
    EXPECT_EQ(error("not words"), SuriError::bad_phrase);
    EXPECT_EQ(error("bottom drive obey lake curtain smoke basket hold race lonely fit fit"),
              SuriError::bad_phrase);
    EXPECT_EQ(error("0x1234"), SuriError::bad_seed);
    EXPECT_EQ(ecdsa_from_suri("0x" + std::string(64, '0')).error(), SuriError::bad_seed);
    EXPECT_EQ(ed25519_from_suri("//Alice/soft").error(), SuriError::soft_not_supported);
}

TEST(Suri, soft_junctions_of_the_public_key_meet_those_of_the_secret) {
    const auto parent = sr25519_from_suri("//Alice");
    const auto child = sr25519_from_suri("//Alice/12");
    ASSERT_TRUE(parent && child);
    Hash256 code;
    code.bytes[0] = 12;
    EXPECT_EQ(sr25519_derive_public(parent->public_key, code), child->public_key);
}

TEST(Mnemonic, words_and_entropy_convert_both_ways) {
    EXPECT_EQ(mnemonic_from_entropy(Bytes(16, 0)),
              "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
              "abandon about");
    Prng prng(Seed{3});
    for (const std::size_t size : {16u, 20u, 24u, 28u, 32u}) {
        const std::string phrase = mnemonic_from_entropy(prng.bytes(size));
        EXPECT_TRUE(mini_secret_from_mnemonic(phrase, "")) << phrase;
        EXPECT_FALSE(mini_secret_from_mnemonic(phrase + " zoo", ""));
    }
}

TEST(Ss58, says_what_is_wrong) {
    const std::string alice = ss58_encode(sr25519_from_suri("//Alice")->public_key, 42);
    EXPECT_EQ(alice, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
    std::string mistyped = alice;
    mistyped[10] = mistyped[10] == 'a' ? 'b' : 'a';
    EXPECT_EQ(ss58_decode(mistyped).error(), Ss58Error::bad_checksum);
    EXPECT_EQ(ss58_decode("0OIl").error(), Ss58Error::bad_base58);
    EXPECT_EQ(ss58_decode("").error(), Ss58Error::bad_length);
    EXPECT_EQ(ss58_decode(base58_encode(Bytes(40, 5))).error(), Ss58Error::bad_length);
    EXPECT_EQ(ss58_decode(base58_encode(Bytes(35, 200))).error(), Ss58Error::bad_prefix);
    EXPECT_EQ(ss58_decode(std::string(1000, '1')).error(), Ss58Error::bad_base58);
}

TEST(Ss58, every_format_survives_the_way_there_and_back) {
    const Bytes payload(32, 0x5a);
    for (std::uint16_t format = 0; format < 16384;
         format = static_cast<std::uint16_t>(format + 7)) {
        const auto decoded = ss58_decode(ss58_encode(payload, format));
        ASSERT_TRUE(decoded) << format;
        EXPECT_EQ(decoded->format, format);
        EXPECT_EQ(decoded->payload, payload);
    }
}

TEST(Base58, keeps_leading_zeros) {
    EXPECT_EQ(base58_encode(Bytes{0, 0, 1}), "112");
    EXPECT_EQ(base58_decode("112"), (Bytes{0, 0, 1}));
    EXPECT_EQ(base58_decode("11"), (Bytes{0, 0}));
    EXPECT_EQ(base58_decode(""), Bytes{});
    Prng prng(Seed{4});
    for (std::size_t size = 0; size < 90; ++size) {
        const Bytes bytes = prng.bytes(size);
        EXPECT_EQ(base58_decode(base58_encode(bytes)), bytes);
    }
}

}  // namespace

}  // namespace stipple::crypto
