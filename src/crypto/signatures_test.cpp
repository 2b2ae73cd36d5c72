#include "base/prng.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/entropy.hpp"
#include "crypto/hash.hpp"
#include "crypto/sr25519.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace stipple::crypto {

namespace {

using boost::json::value;
using testing::hex_of;

const value& field(const value& row, std::string_view start) {
    for (const auto& [name, content] : row.as_object()) {
        if (std::string_view(name).starts_with(start)) {
            return content;
        }
    }
    ADD_FAILURE() << "no field " << start;
    std::abort();
}

template <class Key>
Key key_of(const value& row, const char* name) {
    return Key::copy(hex_of(row.at(name)));
}

Secret<32> secret_of(ByteView bytes) {
    Secret<32> secret;
    std::copy(bytes.begin(), bytes.end(), secret.writable().begin());
    return secret;
}

class SignatureVectors : public ::testing::Test {
 protected:
    const value document_ = testing::read_json(testing::vector_path("signatures.json"));
    const boost::json::array& rows_ = document_.as_array();
};

TEST_F(SignatureVectors, ed25519_verdicts_agree) {
    ASSERT_EQ(rows_.size(), 40u);
    std::vector<Bytes> messages;
    std::vector<Ed25519Claim> good;
    messages.reserve(rows_.size());
    for (const auto& row : rows_) {
        const auto& part = row.at("ed25519");
        messages.push_back(hex_of(row.at("message")));
        const Ed25519Claim claim{key_of<Ed25519Signature>(part, "signature"),
                                 key_of<Ed25519Public>(part, "public"), messages.back()};
        const bool valid = part.at("valid").as_bool();
        EXPECT_EQ(ed25519_verify(claim.signature, claim.message, claim.public_key), valid);
        EXPECT_EQ(ed25519_verify_batch({&claim, 1}), valid);
        const auto pair = Ed25519Keypair::from_seed(secret_of(hex_of(row.at("seed"))));
        EXPECT_EQ(pair.public_key, claim.public_key);
        if (valid) {
            EXPECT_EQ(pair.sign(claim.message), claim.signature) << "signing is deterministic";
            good.push_back(claim);
        } else {
            std::vector<Ed25519Claim> spoilt = good;
            spoilt.push_back(claim);
            EXPECT_FALSE(ed25519_verify_batch(spoilt));
        }
    }
    EXPECT_GT(good.size(), 20u);
    EXPECT_TRUE(ed25519_verify_batch(good));
    EXPECT_TRUE(ed25519_verify_batch({}));
}

TEST_F(SignatureVectors, sr25519_verdicts_agree) {
    std::vector<Bytes> messages;
    std::vector<Sr25519Claim> good;
    messages.reserve(rows_.size());
    for (const auto& row : rows_) {
        const auto& part = row.at("sr25519");
        messages.push_back(hex_of(row.at("message")));
        const Sr25519Claim claim{key_of<Sr25519Signature>(part, "signature"),
                                 key_of<Sr25519Public>(part, "public"), messages.back()};
        const bool valid = part.at("valid").as_bool();
        EXPECT_EQ(sr25519_verify(claim.signature, claim.message, claim.public_key), valid);
        EXPECT_EQ(sr25519_verify_deprecated(claim.signature, claim.message, claim.public_key),
                  valid);
        const auto pair = Sr25519Keypair::from_seed(secret_of(hex_of(row.at("seed"))));
        EXPECT_EQ(pair.public_key, claim.public_key);
        EXPECT_TRUE(sr25519_verify(pair.sign(claim.message), claim.message, claim.public_key));
        if (valid) {
            good.push_back(claim);
        } else {
            std::vector<Sr25519Claim> spoilt = good;
            spoilt.push_back(claim);
            EXPECT_FALSE(sr25519_verify_batch(spoilt));
        }
    }
    EXPECT_GT(good.size(), 20u);
    EXPECT_TRUE(sr25519_verify_batch(good));
    EXPECT_TRUE(sr25519_verify_batch({}));
}

TEST_F(SignatureVectors, ecdsa_verdicts_and_recovered_keys_agree) {
    for (const auto& row : rows_) {
        const auto& part = field(row, "ecdsa");
        const Bytes message = hex_of(row.at("message"));
        const auto signature = key_of<EcdsaSignature>(part, "signature");
        const auto key = key_of<EcdsaPublic>(part, "public");
        const bool valid = part.at("valid").as_bool();
        EXPECT_EQ(ecdsa_verify(signature, message, key), valid);
        EXPECT_EQ(ecdsa_verify(signature, message, key, Overflow::accept), valid);
        const auto pair = EcdsaKeypair::from_seed(secret_of(hex_of(row.at("seed"))));
        ASSERT_TRUE(pair);
        EXPECT_EQ(pair->public_key, key);
        if (valid) {
            EXPECT_EQ(pair->sign(message), signature);
        }
        const auto recovered =
            ecdsa_recover_compressed(signature, keccak_256(message), Overflow::refuse);
        const auto& expected = field(part, "compressed key recovered");
        ASSERT_EQ(recovered.has_value(), !expected.is_null());
        if (recovered) {
            EXPECT_EQ(*recovered, EcdsaPublic::copy(hex_of(expected)));
            const auto full = ecdsa_recover(signature, keccak_256(message), Overflow::accept);
            ASSERT_TRUE(full);
            EXPECT_TRUE(equal(ByteView(*full).first(32), recovered->view().subspan(1)));
        }
    }
}

TEST(Sr25519, only_the_deprecated_rule_accepts_a_signature_from_before_the_marker_bit) {
    const auto key =
        Sr25519Public::from_hex("b4bfa1f7a5166695eb75299fd1c4c03ea212871c342f2c5dfea0902b2c246918");
    const auto signature = Sr25519Signature::from_hex(
        "5a9755f069939f45d96aaf125cf5ce7ba1db998686f87f2fb3cbdea922078741"
        "a73891ba265f70c31436e18a9acd14d189d73c12317ab6c313285cd938453202");
    ASSERT_TRUE(key && signature);
    const Bytes message = to_bytes(
        "Verifying that I am the owner of 5G9hQLdsKQswNPgB499DeA5PkFBbgkLPJWkkS6FAM6xGQ8xD. Hash: "
        "221455a3\n");
    EXPECT_TRUE(sr25519_verify_deprecated(*signature, message, *key));
    EXPECT_FALSE(sr25519_verify(*signature, message, *key));
}

TEST(Ed25519, accepts_what_zip215_accepts_and_strict_verifiers_refuse) {
    // Key and R are the point of order two or its neighbours in odd encodings, s is zero: the
    // cofactored equation holds for every message.
    const auto identity_with_sign_bit =
        Ed25519Public::from_hex("0100000000000000000000000000000000000000000000000000000000000080");
    const auto order_two =
        Ed25519Public::from_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    const auto non_canonical =
        Ed25519Public::from_hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    ASSERT_TRUE(identity_with_sign_bit && order_two && non_canonical);
    std::vector<Ed25519Claim> claims;
    for (const auto& key : {*identity_with_sign_bit, *order_two, *non_canonical}) {
        Ed25519Signature signature;
        std::copy(key.bytes.begin(), key.bytes.end(), signature.bytes.begin());
        EXPECT_TRUE(ed25519_verify(signature, as_bytes("any"), key)) << key.hex();
        claims.push_back({signature, key, as_bytes("any")});
        // s must be below the group order all the same.
        signature.bytes[63] = 0xff;
        EXPECT_FALSE(ed25519_verify(signature, as_bytes("any"), key));
    }
    EXPECT_TRUE(ed25519_verify_batch(claims));
}

TEST(Ecdsa, tells_bad_v_bad_rs_and_bad_signature_apart) {
    const auto pair = EcdsaKeypair::from_seed(Secret<32>({1, 2, 3}));
    ASSERT_TRUE(pair);
    const Hash256 digest = blake2b_256(as_bytes("digest"));
    const EcdsaSignature good = pair->sign_prehashed(digest);
    const auto recover = [&](const EcdsaSignature& s, Overflow overflow) {
        return ecdsa_recover_compressed(s, digest, overflow);
    };
    EXPECT_EQ(recover(good, Overflow::refuse).value(), pair->public_key);

    EcdsaSignature ethereum = good;
    ethereum.bytes[64] = static_cast<std::uint8_t>(ethereum.bytes[64] + 27);
    EXPECT_EQ(recover(ethereum, Overflow::refuse).value(), pair->public_key);
    EXPECT_FALSE(ecdsa_verify_prehashed(ethereum, digest, pair->public_key));

    EcdsaSignature bad_v = good;
    for (const int v : {4, 26, 31, 255}) {
        bad_v.bytes[64] = static_cast<std::uint8_t>(v);
        EXPECT_EQ(recover(bad_v, Overflow::refuse).error(), EcdsaRecoverError::bad_v) << v;
    }

    EcdsaSignature nothing;
    EXPECT_EQ(recover(nothing, Overflow::refuse).error(), EcdsaRecoverError::bad_signature);

    EcdsaSignature huge = good;
    std::fill_n(huge.bytes.begin() + 32, 32, std::uint8_t{0xff});
    EXPECT_EQ(recover(huge, Overflow::refuse).error(), EcdsaRecoverError::bad_rs);
    EXPECT_TRUE(recover(huge, Overflow::accept));
}

TEST(Ecdsa, overflowing_s_counts_modulo_the_order_where_accepted) {
    const auto pair = EcdsaKeypair::from_seed(Secret<32>({9}));
    ASSERT_TRUE(pair);
    // s = 5 and s = n + 5 recover the same key when overflow is accepted.
    const Hash256 digest = blake2b_256(as_bytes("x"));
    EcdsaSignature small = pair->sign_prehashed(digest);
    std::fill_n(small.bytes.begin() + 32, 32, std::uint8_t{0});
    small.bytes[63] = 5;
    EcdsaSignature over = small;
    const auto n_plus_5 =
        from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364146");
    std::copy(n_plus_5->begin(), n_plus_5->end(), over.bytes.begin() + 32);
    const auto expected = ecdsa_recover_compressed(small, digest, Overflow::refuse);
    ASSERT_TRUE(expected);
    EXPECT_EQ(ecdsa_recover_compressed(over, digest, Overflow::accept).value(), *expected);
    EXPECT_FALSE(ecdsa_recover_compressed(over, digest, Overflow::refuse));
    EXPECT_TRUE(ecdsa_verify_prehashed(over, digest, *expected, Overflow::accept));
    EXPECT_FALSE(ecdsa_verify_prehashed(over, digest, *expected, Overflow::refuse));
}

TEST(Ecdsa, zero_and_the_group_order_are_no_secrets) {
    EXPECT_FALSE(EcdsaKeypair::from_seed(Secret<32>{}));
    EXPECT_FALSE(EcdsaKeypair::from_seed(
        secret_of(*from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"))));
}

TEST(GrandpaPayloads, signatures_of_the_vectors_hold) {
    const auto document = testing::read_json(testing::vector_path("grandpa-payloads.json"));
    ASSERT_EQ(document.as_array().size(), 12u);
    std::vector<Bytes> payloads;
    std::vector<Ed25519Claim> claims;
    payloads.reserve(12);
    for (const auto& row : document.as_array()) {
        payloads.push_back(hex_of(row.at("payload")));
        claims.push_back({key_of<Ed25519Signature>(row, "signature"),
                          key_of<Ed25519Public>(row, "public"), payloads.back()});
        EXPECT_TRUE(ed25519_verify(claims.back().signature, claims.back().message,
                                   claims.back().public_key));
    }
    EXPECT_TRUE(ed25519_verify_batch(claims));
}

TEST(FreshSeed, gives_other_bytes_each_time) {
    const auto a = fresh_seed();
    const auto b = fresh_seed();
    ASSERT_TRUE(a && b);
    EXPECT_FALSE(equal(a->view(), b->view()));
}

}  // namespace

}  // namespace stipple::crypto
