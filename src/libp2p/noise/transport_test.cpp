#include "libp2p/noise/transport.hpp"

#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace stipple::libp2p::noise {
namespace {

crypto::Secret<32> key_of(std::uint8_t fill) {
    std::array<std::uint8_t, 32> raw;
    raw.fill(fill);
    return crypto::Secret<32>(raw);
}
Transport sender(Transport::Counts counts = {0, 0}) {
    return Transport({.send = key_of(1), .receive = key_of(2)}, counts);
}
Transport receiver(Transport::Counts counts = {0, 0}) {
    return Transport({.send = key_of(2), .receive = key_of(1)}, counts);
}

ByteExchange stream_of(ByteView unread, Bytes& output, std::size_t allowance) {
    return {.now = {},
            .unread = unread,
            .input_ended = false,
            .output = &output,
            .allowance = allowance,
            .output_ended = false,
            .wake_at = {}};
}

Bytes sealed(Transport& transport, ByteView plaintext) {
    Bytes out;
    ByteExchange stream = stream_of({}, out, std::numeric_limits<std::size_t>::max());
    EXPECT_EQ(*transport.seal(plaintext, stream), plaintext.size());
    return out;
}

constexpr std::size_t kRoom = kPlaintextBytesMax;

TEST(NoiseTransport, carries_a_long_stream_in_full_frames) {
    Transport from = sender();
    Transport to = receiver();
    const Bytes plaintext = Prng(Seed{1}).bytes(200'000);
    const Bytes wire = sealed(from, plaintext);
    EXPECT_EQ(wire.size(), plaintext.size() + 4 * kFrameOverheadBytes);
    EXPECT_EQ(load_be<std::uint16_t>(wire), kMessageBytesMax);
    Bytes none;
    ByteExchange stream = stream_of(wire, none, 0);
    Bytes opened;
    EXPECT_EQ(*to.open(stream, opened, plaintext.size()), plaintext.size());
    EXPECT_EQ(opened, plaintext);
    EXPECT_TRUE(stream.unread.empty());
    EXPECT_EQ(from.counts().sent, 4U);
    EXPECT_EQ(to.counts().received, 4U);
}

TEST(NoiseTransport, takes_frames_only_whole_and_only_with_room) {
    Transport from = sender();
    Transport to = receiver();
    Bytes wire = sealed(from, as_bytes("first"));
    append(wire, sealed(from, as_bytes("second")));
    Bytes none;
    Bytes opened;
    for (std::size_t size = 0; size < 5 + kFrameOverheadBytes; ++size) {
        ByteExchange cut = stream_of(ByteView(wire).first(size), none, 0);
        EXPECT_EQ(*to.open(cut, opened, kRoom), 0U);
        EXPECT_EQ(cut.unread.size(), size);
    }
    ByteExchange stream = stream_of(wire, none, 0);
    EXPECT_EQ(*to.open(stream, opened, 4), 0U);
    EXPECT_EQ(*to.open(stream, opened, 10), 5U);
    EXPECT_EQ(*to.open(stream, opened, 10), 6U);
    EXPECT_EQ(as_text(opened), "firstsecond");
}

TEST(NoiseTransport, seals_no_more_than_the_allowance_takes) {
    Transport from = sender();
    Transport to = receiver();
    const Bytes plaintext = Prng(Seed{2}).bytes(1000);
    Bytes wire;
    std::size_t taken = 0;
    for (const std::size_t allowance : {std::size_t{0}, kFrameOverheadBytes, std::size_t{19},
                                        std::size_t{500}, std::size_t{5000}}) {
        const std::size_t before = wire.size();
        ByteExchange stream = stream_of({}, wire, allowance);
        taken += *from.seal(ByteView(plaintext).subspan(taken), stream);
        EXPECT_EQ(wire.size() - before + stream.allowance, allowance);
    }
    EXPECT_EQ(taken, plaintext.size());
    Bytes none;
    Bytes opened;
    ByteExchange stream = stream_of(wire, none, 0);
    EXPECT_TRUE(to.open(stream, opened, kRoom));
    EXPECT_EQ(opened, plaintext);
}

TEST(NoiseTransport, a_frame_filled_in_place_is_the_frame_sealed) {
    Transport one = sender();
    Transport other = sender();
    Bytes wire = to_bytes("before");
    ByteExchange stream = stream_of({}, wire, 1000);
    auto frame = one.begin_frame(stream);
    EXPECT_EQ(frame.inner.allowance, 1000 - kFrameOverheadBytes);
    frame.inner.put(as_bytes("some bytes"));
    ASSERT_TRUE(one.end_frame(stream, frame));
    Bytes expected = to_bytes("before");
    append(expected, sealed(other, as_bytes("some bytes")));
    EXPECT_EQ(wire, expected);
    EXPECT_EQ(stream.allowance, 1000 - kFrameOverheadBytes - 10);
}

TEST(NoiseTransport, an_empty_frame_leaves_no_trace) {
    Transport from = sender();
    Bytes wire = to_bytes("before");
    for (const std::size_t allowance : {std::size_t{0}, std::size_t{18}, std::size_t{100'000}}) {
        ByteExchange stream = stream_of({}, wire, allowance);
        const auto frame = from.begin_frame(stream);
        EXPECT_EQ(frame.inner.allowance,
                  std::min(kPlaintextBytesMax, allowance - std::min(allowance, std::size_t{18})));
        ASSERT_TRUE(from.end_frame(stream, frame));
        EXPECT_EQ(stream.allowance, allowance);
    }
    EXPECT_EQ(as_text(wire), "before");
    EXPECT_EQ(from.counts().sent, 0U);
}

TEST(NoiseTransport, frames_without_plaintext_are_taken) {
    Transport to = receiver();
    ChaChaPoly cipher(key_of(1), ChaChaPoly::Direction::seal);
    Bytes wire = {0, kTagBytes};
    wire.resize(kFrameOverheadBytes);
    cipher.seal(0, {}, {}, MutableByteView(wire).subspan(kLengthBytes));
    Bytes none;
    Bytes opened;
    ByteExchange stream = stream_of(wire, none, 0);
    EXPECT_EQ(*to.open(stream, opened, 0), 0U);
    EXPECT_TRUE(stream.unread.empty());
}

TEST(NoiseTransport, changed_repeated_reordered_and_short_frames_are_refused) {
    Bytes none;
    Bytes opened;
    const auto open = [&](Bytes wire) {
        Transport to = receiver();
        opened.clear();
        ByteExchange stream = stream_of(wire, none, 0);
        return to.open(stream, opened, kRoom);
    };
    Transport from = sender();
    const Bytes first = sealed(from, as_bytes("first"));
    const Bytes second = sealed(from, as_bytes("second"));
    for (std::size_t i = kLengthBytes; i < first.size(); ++i) {
        Bytes changed = first;
        changed[i] ^= 0x40;
        EXPECT_EQ(open(changed).error(), TransportError::not_decrypted);
        EXPECT_TRUE(opened.empty());
    }
    Bytes twice = first;
    append(twice, first);
    EXPECT_EQ(open(twice).error(), TransportError::not_decrypted);
    EXPECT_EQ(open(second).error(), TransportError::not_decrypted);
    EXPECT_EQ(open({0, 15}).error(), TransportError::frame_too_short);
}

TEST(NoiseTransport, the_last_nonce_is_never_used) {
    constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
    Transport from = sender({.sent = kLast - 1, .received = 0});
    Transport to = receiver({.sent = 0, .received = kLast - 1});
    Bytes wire = sealed(from, as_bytes("last"));
    Bytes none;
    ByteExchange full = stream_of({}, none, 1000);
    EXPECT_EQ(from.seal(as_bytes("more"), full).error(), TransportError::nonces_exhausted);
    auto frame = from.begin_frame(full);
    frame.inner.put(as_bytes("more"));
    EXPECT_EQ(from.end_frame(full, frame).error(), TransportError::nonces_exhausted);
    append(wire, wire);
    Bytes opened;
    ByteExchange stream = stream_of(wire, none, 0);
    EXPECT_EQ(to.open(stream, opened, kRoom).error(), TransportError::nonces_exhausted);
    EXPECT_EQ(as_text(opened), "last");
}

}  // namespace
}  // namespace stipple::libp2p::noise
