#include "libp2p/noise/handshake.hpp"

#include "base/prng.hpp"
#include "libp2p/multiformats/peer_id.hpp"
#include "libp2p/multiformats/protobuf.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::noise {
namespace {

crypto::Secret<32> secret_of(std::uint64_t seed) {
    crypto::Secret<32> secret;
    const Bytes raw = Prng(Seed{seed}).bytes(32);
    std::copy(raw.begin(), raw.end(), secret.writable().begin());
    return secret;
}
crypto::Ed25519Keypair identity_of(std::uint64_t seed) {
    return crypto::Ed25519Keypair::from_seed(secret_of(seed));
}
LocalIdentity local_of(std::uint64_t seed) {
    return {identity_of(seed), secret_of(seed + 1000)};
}

struct Side {
    Handshake handshake;
    Bytes unread;
    Bytes output;
    bool input_ended = false;
    std::optional<Established> established;
    std::optional<HandshakeError> error;

    void step(std::size_t allowance = 4096) {
        if (established || error) {
            return;
        }
        ByteExchange stream{.now = {},
                            .unread = unread,
                            .input_ended = input_ended,
                            .output = &output,
                            .allowance = allowance,
                            .output_ended = false,
                            .wake_at = {}};
        const std::size_t before = output.size();
        HandshakeStep step = handshake.exchange(stream);
        EXPECT_EQ(output.size() - before + stream.allowance, allowance);
        unread.erase(unread.begin(),
                     unread.end() - static_cast<std::ptrdiff_t>(stream.unread.size()));
        if (auto* done = std::get_if<Established>(&step)) {
            established = std::move(*done);
        } else if (const auto* failed = std::get_if<HandshakeError>(&step)) {
            error = *failed;
        }
    }
};

Side side(Role role, std::uint64_t seed, std::optional<PeerId> expected = std::nullopt) {
    return {.handshake = Handshake(local_of(seed), {.role = role,
                                                    .ephemeral = secret_of(seed + 2000),
                                                    .expected_peer = std::move(expected)}),
            .unread = {},
            .output = {},
            .input_ended = false,
            .established = {},
            .error = {}};
}

void move_bytes(Side& from, Side& to, std::size_t count = 10'000) {
    const auto moved = static_cast<std::ptrdiff_t>(std::min(count, from.output.size()));
    to.unread.insert(to.unread.end(), from.output.begin(), from.output.begin() + moved);
    from.output.erase(from.output.begin(), from.output.begin() + moved);
}

void run(Side& dialer, Side& listener, std::size_t cut = 10'000) {
    for (int turn = 0; turn < 1000; ++turn) {
        dialer.step();
        move_bytes(dialer, listener, cut);
        listener.step();
        move_bytes(listener, dialer, cut);
    }
}

TEST(NoiseHandshake, proves_both_identities_however_the_bytes_are_cut) {
    for (const std::size_t cut : {1U, 2U, 3U, 33U, 100U, 5000U}) {
        Side dialer = side(Role::dialer, 1, local_of(2).peer());
        Side listener = side(Role::listener, 2);
        run(dialer, listener, cut);
        ASSERT_TRUE(dialer.established && listener.established) << cut;
        EXPECT_EQ(dialer.established->peer, peer_id_of(identity_of(2).public_key));
        EXPECT_EQ(listener.established->peer, peer_id_of(identity_of(1).public_key));
        EXPECT_EQ(ed25519_of(listener.established->key), identity_of(1).public_key);
    }
}

TEST(NoiseHandshake, both_ends_can_speak_afterwards_and_early_frames_stay_unread) {
    Side dialer = side(Role::dialer, 1);
    Side listener = side(Role::listener, 2);
    dialer.step();
    move_bytes(dialer, listener);
    listener.step();
    move_bytes(listener, dialer);
    dialer.step();
    ASSERT_TRUE(dialer.established);
    ByteExchange stream{.now = {},
                        .unread = {},
                        .input_ended = false,
                        .output = &dialer.output,
                        .allowance = 1000,
                        .output_ended = false,
                        .wake_at = {}};
    ASSERT_TRUE(dialer.established->transport.seal(as_bytes("early"), stream));
    move_bytes(dialer, listener);
    listener.step();
    ASSERT_TRUE(listener.established);
    stream.unread = listener.unread;
    Bytes opened;
    ASSERT_TRUE(listener.established->transport.open(stream, opened, kPlaintextBytesMax));
    EXPECT_EQ(as_text(opened), "early");
    stream.output = &listener.output;
    ASSERT_TRUE(listener.established->transport.seal(as_bytes("late"), stream));
    stream.unread = listener.output;
    ASSERT_TRUE(dialer.established->transport.open(stream, opened, kPlaintextBytesMax));
    EXPECT_EQ(as_text(opened), "earlylate");
}

TEST(NoiseHandshake, messages_have_the_lengths_of_an_ed25519_payload) {
    Side dialer = side(Role::dialer, 1);
    Side listener = side(Role::listener, 2);
    dialer.step();
    EXPECT_EQ(dialer.output.size(), 2U + 32U);
    move_bytes(dialer, listener);
    listener.step();
    EXPECT_EQ(listener.output.size(), 2U + 32U + 48U + 104U + 16U);
}

TEST(NoiseHandshake, another_peer_than_expected_is_refused) {
    Side dialer = side(Role::dialer, 1, local_of(3).peer());
    Side listener = side(Role::listener, 2);
    run(dialer, listener);
    EXPECT_EQ(dialer.error, HandshakeError::unexpected_peer);
    EXPECT_FALSE(listener.established);
}

TEST(NoiseHandshake, an_identity_that_signed_another_static_key_is_refused) {
    // The thief has a payload of peer 2, but not its static key.
    const auto stolen = signed_payload(identity_of(2), x25519_public(secret_of(5)));
    HandshakeState thief(Role::listener, {.fixed = secret_of(6), .ephemeral = secret_of(7)});
    Side dialer = side(Role::dialer, 1);
    dialer.step();
    ASSERT_TRUE(thief.read_message(ByteView(dialer.output).subspan(2)));
    Bytes second;
    ASSERT_TRUE(thief.write_message(encode_payload(stolen), second));
    append_be(dialer.unread, static_cast<std::uint16_t>(second.size()));
    append(dialer.unread, second);
    dialer.step();
    EXPECT_EQ(dialer.error, HandshakeError::bad_signature);
}

/// What a dialer says to a listener that sends this payload.
std::optional<HandshakeError> error_of_payload(ByteView payload) {
    HandshakeState listener(Role::listener, {.fixed = secret_of(6), .ephemeral = secret_of(7)});
    Side dialer = side(Role::dialer, 1);
    dialer.step();
    EXPECT_TRUE(listener.read_message(ByteView(dialer.output).subspan(2)));
    Bytes second;
    EXPECT_TRUE(listener.write_message(payload, second));
    append_be(dialer.unread, static_cast<std::uint16_t>(second.size()));
    append(dialer.unread, second);
    dialer.step();
    return dialer.error;
}

TEST(NoiseHandshake, payloads_that_are_none_are_refused) {
    EXPECT_EQ(error_of_payload({}), HandshakeError::bad_payload);
    EXPECT_EQ(error_of_payload(as_bytes("\x0a\x7f")), HandshakeError::bad_payload);
    ProtobufWriter no_key;
    no_key.bytes(1, as_bytes("key")).bytes(2, as_bytes("signature"));
    EXPECT_EQ(error_of_payload(no_key.view()), HandshakeError::bad_identity);
    const Payload rsa{.identity_key = {.kind = KeyKind::rsa, .data = Bytes(270, 1)},
                      .identity_signature = Bytes(256, 2),
                      .stream_muxers = {},
                      .webtransport_certhashes = {}};
    EXPECT_EQ(error_of_payload(encode_payload(rsa)), HandshakeError::unsupported_key);
}

TEST(NoiseHandshake, extensions_are_read_and_bounded) {
    Payload payload = signed_payload(identity_of(2), x25519_public(secret_of(6)));
    for (int i = 0; i < 40; ++i) {
        payload.stream_muxers.push_back("/muxer/" + std::to_string(i));
        payload.webtransport_certhashes.push_back(Bytes(4, 7));
    }
    const auto decoded = decode_payload(encode_payload(payload));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->stream_muxers.size(), kExtensionItemsMax);
    EXPECT_EQ(decoded->stream_muxers[1], "/muxer/1");
    EXPECT_EQ(decoded->webtransport_certhashes.size(), kExtensionItemsMax);
    EXPECT_TRUE(verify_payload(*decoded, x25519_public(secret_of(6))));
    EXPECT_EQ(error_of_payload(encode_payload(payload)), std::nullopt);
}

TEST(NoiseHandshake, long_short_and_missing_messages_are_refused) {
    Side listener = side(Role::listener, 2);
    append_be(listener.unread, static_cast<std::uint16_t>(kHandshakeMessageBytesMax + 1));
    listener.step();
    EXPECT_EQ(listener.error, HandshakeError::too_long);

    listener = side(Role::listener, 2);
    listener.unread = {0, 31};
    listener.unread.resize(33);
    listener.step();
    EXPECT_EQ(listener.error, HandshakeError::too_short);

    listener = side(Role::listener, 2);
    listener.unread = {0, 32};
    listener.input_ended = true;
    listener.step();
    EXPECT_EQ(listener.error, HandshakeError::ended);
}

TEST(NoiseHandshake, waits_for_room) {
    Side dialer = side(Role::dialer, 1);
    dialer.step(33);
    EXPECT_TRUE(dialer.output.empty());
    dialer.step(34);
    EXPECT_EQ(dialer.output.size(), 34U);
}

}  // namespace
}  // namespace stipple::libp2p::noise
