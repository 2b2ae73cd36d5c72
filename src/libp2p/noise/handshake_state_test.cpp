#include "libp2p/noise/handshake_state.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::noise {
namespace {

crypto::Secret<32> secret_of(std::string_view hex) {
    crypto::Secret<32> secret;
    const auto bytes = from_hex(hex);
    std::copy(bytes->begin(), bytes->end(), secret.writable().begin());
    return secret;
}

struct VectorMessage {
    std::string_view payload;
    std::string_view ciphertext;
};
/// A vector of the Noise community: `cacophony` and `snow` publish these.
struct Vector {
    std::string_view prologue;
    std::string_view dialer_static, dialer_ephemeral, listener_static, listener_ephemeral;
    std::string_view hash;  ///< empty when the vector names none
    std::vector<VectorMessage> messages;
};

const Vector kCacophony = {
    .prologue = "4a6f686e2047616c74",
    .dialer_static = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
    .dialer_ephemeral = "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
    .listener_static = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
    .listener_ephemeral = "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
    .hash = "c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e",
    .messages = {
        {"4c756477696720766f6e204d69736573",
         "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d"
         "69736573"},
        {"4d757272617920526f746862617264",
         "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffc"
         "e2b65285e08d6b68aaa3629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be"
         "9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad"},
        {"462e20412e20486179656b",
         "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be"
         "0865b57f58c9fea0d4ec82a286427402f113e4b6ae769a1d95941d49b25030"},
        {"4361726c204d656e676572", "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df"},
        {"4a65616e2d426170746973746520536179",
         "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5"},
        {"457567656e2042f6686d20766f6e2042617765726b",
         "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f"}}};

const Vector kSnow = {
    .prologue =
        "5468657265206973206e6f20726967687420616e642077726f6e672e2054686572652773206f6e6c79"
        "2066756e20616e6420626f72696e672e",
    .dialer_static = "dab4be55bd94d644dd4a7e19cf956bb943d0ec2b14f5b94fa4d095401d2ee59a",
    .dialer_ephemeral = "06382acb02bb823f8bd44c48b31d73d985162d540e38f86edd24fea02d0ff6e2",
    .listener_static = "899abec47f5fdbc165af6e9b79540dc1f87561a494e86e7cb72b9ff6100be08c",
    .listener_ephemeral = "e49eb9324a4d4c090fc939018574e5be3fde515fca0ba14701357084dd9c2cd9",
    .hash = "",
    .messages = {
        {"acdcb64d3e73672d8aaefbaf9837d3e5900989081c653a6d7c65033002427ac3",
         "27ad4035b31f8e7a1782a2627aa5dedb7b855542cce2a4be40982c151606f77cacdcb64d3e73672d8aaefbaf"
         "9837d3e5900989081c653a6d7c65033002427ac3"},
        {"ca9d4a467552befa1a173c0683d3f9f98067be5c09ac7b9e98af2df186a5ba42",
         "9bdcb63322dd83aada19cf3b6efd6d37efbc016d9ac0d3657b24669f27a86972363a0124a9876858dd417904"
         "63c85b4f4232ec234a84fc7c27239c962287da1b0d9f2a6240059fa23d8465ce72b308a505b88673953a0dae"
         "230f4f1b95725fefde6a47b08ab66ff36dcaccc4634b204128340f0bad4d5500ce4c314b97a8c87d"},
        {"4e04af6fda545c2b76e0e1146e9b2bdb3d5b469ec31bfde34a79d52224a65f2d",
         "af67c1f4fef00fdd8432b05897091e8c88ebffe1d3450762fb504941699a188855d7ca26d16ac0120f8a6048"
         "ccd26f08ce74c74a86c4e6031593b44e9328775b842ab7ddffed63909c0af61c33a0f2aa5af926a4dedaff35"
         "f806ceb8e45dfcab"}}};

HandshakeState dialer_of(const Vector& vector) {
    return {
        Role::dialer,
        {.fixed = secret_of(vector.dialer_static), .ephemeral = secret_of(vector.dialer_ephemeral)},
        *from_hex(vector.prologue)};
}
HandshakeState listener_of(const Vector& vector) {
    return {Role::listener,
            {.fixed = secret_of(vector.listener_static),
             .ephemeral = secret_of(vector.listener_ephemeral)},
            *from_hex(vector.prologue)};
}

void expect_vector(const Vector& vector) {
    HandshakeState dialer = dialer_of(vector);
    HandshakeState listener = listener_of(vector);
    for (std::size_t i = 0; i < 3; ++i) {
        HandshakeState& from = i == 1 ? listener : dialer;
        HandshakeState& to = i == 1 ? dialer : listener;
        ASSERT_TRUE(from.may_write());
        ASSERT_FALSE(to.may_write());
        const Bytes payload = *from_hex(vector.messages[i].payload);
        const std::size_t overhead = from.overhead();
        Bytes message;
        ASSERT_TRUE(from.write_message(payload, message));
        EXPECT_EQ(to_hex(message), vector.messages[i].ciphertext) << "message " << i;
        EXPECT_EQ(message.size(), payload.size() + overhead);
        const auto read = to.read_message(message);
        ASSERT_TRUE(read);
        EXPECT_EQ(*read, payload);
    }
    ASSERT_TRUE(dialer.finished() && listener.finished());
    EXPECT_EQ(dialer.hash(), listener.hash());
    if (!vector.hash.empty()) {
        EXPECT_EQ(to_hex(dialer.hash().view()), vector.hash);
    }
    EXPECT_EQ(*dialer.remote_static(), x25519_public(secret_of(vector.listener_static)));
    EXPECT_EQ(*listener.remote_static(), x25519_public(secret_of(vector.dialer_static)));

    // The messages behind the handshake alternate too, the listener first.
    ChaChaPoly from_dialer(dialer.split().send, ChaChaPoly::Direction::seal);
    ChaChaPoly from_listener(listener.split().send, ChaChaPoly::Direction::seal);
    ChaChaPoly at_listener(listener.split().receive, ChaChaPoly::Direction::open);
    for (std::size_t i = 3; i < vector.messages.size(); ++i) {
        const Bytes payload = *from_hex(vector.messages[i].payload);
        Bytes message(payload.size() + kTagBytes);
        const std::uint64_t nonce = (i - 3) / 2;
        (i % 2 == 0 ? from_dialer : from_listener).seal(nonce, {}, payload, message);
        EXPECT_EQ(to_hex(message), vector.messages[i].ciphertext) << "message " << i;
        if (i % 2 == 0) {
            Bytes opened(payload.size());
            EXPECT_TRUE(at_listener.open(nonce, {}, message, opened));
            EXPECT_EQ(opened, payload);
        }
    }
}

TEST(NoiseHandshakeState, agrees_with_the_cacophony_vector) {
    expect_vector(kCacophony);
}

TEST(NoiseHandshakeState, agrees_with_the_snow_vector) {
    expect_vector(kSnow);
}

TEST(NoiseHandshakeState, every_changed_byte_of_the_later_messages_is_noticed) {
    Bytes first;
    ASSERT_TRUE(dialer_of(kSnow).write_message({}, first));
    HandshakeState listener = listener_of(kSnow);
    ASSERT_TRUE(listener.read_message(first));
    Bytes second;
    ASSERT_TRUE(listener.write_message(as_bytes("payload"), second));
    for (std::size_t i = 0; i < second.size(); ++i) {
        HandshakeState dialer = dialer_of(kSnow);
        Bytes own;
        ASSERT_TRUE(dialer.write_message({}, own));
        Bytes changed = second;
        changed[i] ^= 1;
        const auto read = dialer.read_message(changed);
        ASSERT_FALSE(read) << "byte " << i;
        EXPECT_EQ(read.error(), NoiseError::not_decrypted);
    }
}

TEST(NoiseHandshakeState, every_cut_message_is_refused) {
    Bytes first;
    HandshakeState dialer = dialer_of(kSnow);
    ASSERT_TRUE(dialer.write_message({}, first));
    HandshakeState listener = listener_of(kSnow);
    ASSERT_TRUE(listener.read_message(first));
    Bytes second;
    ASSERT_TRUE(listener.write_message({}, second));
    for (std::size_t size = 0; size < second.size(); ++size) {
        HandshakeState fresh = dialer_of(kSnow);
        Bytes own;
        ASSERT_TRUE(fresh.write_message({}, own));
        EXPECT_FALSE(fresh.read_message(ByteView(second).first(size))) << size;
    }
    for (std::size_t size = 0; size < first.size(); ++size) {
        EXPECT_EQ(listener_of(kSnow).read_message(ByteView(first).first(size)).error(),
                  NoiseError::too_short);
    }
}

TEST(NoiseHandshakeState, other_prologues_do_not_agree) {
    HandshakeState dialer = dialer_of(kSnow);
    HandshakeState listener(Role::listener, {.fixed = secret_of(kSnow.listener_static),
                                             .ephemeral = secret_of(kSnow.listener_ephemeral)});
    Bytes first;
    Bytes second;
    ASSERT_TRUE(dialer.write_message({}, first));
    ASSERT_TRUE(listener.read_message(first));
    ASSERT_TRUE(listener.write_message({}, second));
    EXPECT_EQ(dialer.read_message(second).error(), NoiseError::not_decrypted);
}

TEST(NoiseHandshakeState, a_key_of_small_order_is_refused) {
    HandshakeState listener = listener_of(kSnow);
    ASSERT_TRUE(listener.read_message(Bytes(32, 0)));
    Bytes second;
    const auto written = listener.write_message({}, second);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error(), NoiseError::weak_key);
}

}  // namespace
}  // namespace stipple::libp2p::noise
