#include "libp2p/multiformats/peer_id.hpp"

#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "libp2p/multiformats/multibase.hpp"
#include "libp2p/multiformats/multihash.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

crypto::Ed25519Keypair keypair_of(std::uint8_t last) {
    std::array<std::uint8_t, 32> seed{};
    seed.back() = last;
    return crypto::Ed25519Keypair::from_seed(crypto::Secret<32>(seed));
}

TEST(PeerId, of_the_first_node_keys_are_the_known_ones) {
    EXPECT_EQ(to_text(peer_id_of(keypair_of(1).public_key)),
              "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp");
    EXPECT_EQ(to_text(peer_id_of(keypair_of(2).public_key)),
              "12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD");
}

TEST(PeerId, embeds_the_ed25519_key) {
    const auto key = keypair_of(7).public_key;
    const PeerId peer = peer_id_of(key);
    EXPECT_EQ(peer.bytes.size(), 38U);
    EXPECT_EQ(to_hex(ByteView(peer.bytes).first(6)), "002408011220");
    EXPECT_EQ(ed25519_of(peer), key);
    EXPECT_EQ(parse_peer_id(to_text(peer)), peer);
}

TEST(PeerId, of_a_long_key_is_its_hash) {
    const PublicKey rsa{.kind = KeyKind::rsa, .data = Bytes(270, 3)};
    const PeerId peer = peer_id_of(rsa);
    EXPECT_EQ(peer.bytes.size(), 34U);
    EXPECT_TRUE(to_text(peer).starts_with("Qm"));
    EXPECT_EQ(embedded_key(peer), std::nullopt);
    EXPECT_EQ(parse_peer_id(to_text(peer)), peer);
}

TEST(PeerId, reads_both_text_forms_of_the_specification) {
    const auto base58 = parse_peer_id("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    const auto cid = parse_peer_id("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe");
    ASSERT_TRUE(base58 && cid);
    EXPECT_EQ(*base58, *cid);
}

TEST(PeerId, that_is_none_is_refused) {
    EXPECT_EQ(parse_peer_id("").error(), PeerIdError::malformed_text);
    EXPECT_EQ(parse_peer_id("12D3KooWl").error(), PeerIdError::malformed_text);
    EXPECT_EQ(parse_peer_id(std::string(129, '1')).error(), PeerIdError::malformed_text);
    EXPECT_EQ(parse_peer_id("bafkreigh2akiscaildc").error(), PeerIdError::malformed_text);
    EXPECT_EQ(parse_peer_id("12D3KooW").error(), PeerIdError::malformed_multihash);
    EXPECT_EQ(decode_peer_id({}).error(), PeerIdError::malformed_multihash);
    Bytes extra = peer_id_of(keypair_of(1).public_key).bytes;
    extra.push_back(0);
    EXPECT_EQ(decode_peer_id(extra).error(), PeerIdError::malformed_multihash);
    EXPECT_EQ(decode_peer_id(Bytes{0x12, 0x02, 1, 2}).error(), PeerIdError::wrong_hash);
    EXPECT_EQ(decode_peer_id(Bytes{0x11, 0x02, 1, 2}).error(), PeerIdError::wrong_hash);
}

TEST(PublicKey, decodes_the_specification_s_ed25519_and_secp256k1_keys) {
    for (const std::string_view hex :
         {"080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e",
          "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99"}) {
        const auto key = decode_public_key(*from_hex(hex));
        ASSERT_TRUE(key);
        EXPECT_EQ(to_hex(encode_public_key(*key)), hex);
        EXPECT_EQ(embedded_key(peer_id_of(*key)), *key);
    }
}

TEST(PublicKey, of_another_length_or_kind_is_refused) {
    EXPECT_EQ(decode_public_key({}).error(), PublicKeyError::malformed);
    EXPECT_EQ(decode_public_key(*from_hex("0801")).error(), PublicKeyError::malformed);
    EXPECT_EQ(decode_public_key(*from_hex("080112021ed1")).error(), PublicKeyError::bad_length);
    EXPECT_EQ(decode_public_key(*from_hex("080412021ed1")).error(), PublicKeyError::unknown_kind);
    EXPECT_EQ(decode_public_key(Bytes(kPublicKeyBytesMax + 1, 8)).error(),
              PublicKeyError::bad_length);
}

TEST(PublicKey, checks_ed25519_signatures) {
    const auto keypair = keypair_of(3);
    const PublicKey key = public_key(keypair.public_key);
    const auto signature = keypair.sign(as_bytes("message"));
    EXPECT_EQ(verify_signature(key, as_bytes("message"), signature), KeyVerdict::valid);
    EXPECT_EQ(verify_signature(key, as_bytes("massage"), signature), KeyVerdict::invalid);
    EXPECT_EQ(verify_signature(key, as_bytes("message"), signature.view().first(63)),
              KeyVerdict::invalid);
}

/// r and s as a DER sequence.
Bytes der_of(const crypto::EcdsaSignature& signature) {
    Bytes body;
    for (const std::size_t half : {0U, 32U}) {
        ByteView digits = signature.view().subspan(half, 32);
        while (digits.size() > 1 && digits[0] == 0) {
            digits = digits.subspan(1);
        }
        const bool sign = digits[0] >= 0x80;
        body.push_back(0x02);
        body.push_back(static_cast<std::uint8_t>(digits.size() + (sign ? 1 : 0)));
        if (sign) {
            body.push_back(0);
        }
        append(body, digits);
    }
    Bytes der = {0x30, static_cast<std::uint8_t>(body.size())};
    append(der, body);
    return der;
}

TEST(PublicKey, checks_secp256k1_signatures) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(9);
    const auto keypair = crypto::EcdsaKeypair::from_seed(crypto::Secret<32>(seed));
    const PublicKey key{.kind = KeyKind::secp256k1, .data = to_bytes(keypair->public_key.view())};
    for (int i = 0; i < 16; ++i) {
        const std::string message = "message " + std::to_string(i);
        const Bytes der = der_of(keypair->sign_prehashed(crypto::sha2_256(as_bytes(message))));
        EXPECT_EQ(verify_signature(key, as_bytes(message), der), KeyVerdict::valid);
        EXPECT_EQ(verify_signature(key, as_bytes("other"), der), KeyVerdict::invalid);
        for (std::size_t size = 0; size < der.size(); ++size) {
            EXPECT_EQ(verify_signature(key, as_bytes(message), ByteView(der).first(size)),
                      KeyVerdict::invalid);
        }
    }
}

TEST(PublicKey, of_other_kinds_gives_no_verdict) {
    const PublicKey rsa{.kind = KeyKind::rsa, .data = Bytes(270, 3)};
    EXPECT_EQ(verify_signature(rsa, {}, {}), KeyVerdict::unsupported_kind);
}

TEST(Multihash, is_code_length_and_digest) {
    const auto digest = crypto::sha2_256(as_bytes("x"));
    const Bytes encoded = encode_multihash({.code = HashCode::sha2_256, .digest = digest});
    EXPECT_EQ(to_hex(ByteView(encoded).first(2)), "1220");
    EXPECT_TRUE(equal(decode_multihash(encoded)->digest, digest));
    EXPECT_EQ(decode_multihash(ByteView(encoded).first(33)).error(), MultihashError::malformed);
    EXPECT_EQ(decode_multihash(Bytes{0x12, 65}).error(), MultihashError::too_long);
    EXPECT_EQ(decode_multihash(Bytes{0x12, 0, 0}).error(), MultihashError::extra_bytes);
}

TEST(Multibase, has_the_published_encodings) {
    const ByteView text = as_bytes("yes mani !");
    EXPECT_EQ(multibase_base32(text), "bpfsxgidnmfxgsibb");
    EXPECT_EQ(multibase_base64url(text), "ueWVzIG1hbmkgIQ");
    EXPECT_EQ(multibase_decode("bpfsxgidnmfxgsibb"), to_bytes(text));
    EXPECT_EQ(multibase_decode("ueWVzIG1hbmkgIQ"), to_bytes(text));
    EXPECT_EQ(multibase_decode("z7paNL19xttacUY"), to_bytes(text));
    EXPECT_EQ(multibase_decode("f796573"), std::nullopt);
    EXPECT_EQ(multibase_decode("ueWVzIG1hbmkgIR"), std::nullopt);
    EXPECT_EQ(multibase_decode("ue"), std::nullopt);
    EXPECT_EQ(multibase_decode(""), std::nullopt);
}

}  // namespace
}  // namespace stipple::libp2p
