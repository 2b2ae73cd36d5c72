#include "libp2p/substreams/identify.hpp"

#include "libp2p/multiformats/protobuf.hpp"
#include "libp2p/substreams/test_pair.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::framed;
using Step = SubstreamStep;

IdentifyInfo sample() {
    IdentifyInfo info;
    info.public_key = PublicKey{.kind = KeyKind::ed25519, .data = Bytes(32, 7)};
    info.listen_addresses = {*Multiaddr::parse("/ip4/1.2.3.4/tcp/30333"),
                             *Multiaddr::parse("/dns/boot.example.org/tcp/443/wss")};
    info.protocols = {"/ipfs/ping/1.0.0", "/dot/kad"};
    info.observed_address = Multiaddr::parse("/ip4/9.8.7.6/tcp/1000").value();
    info.protocol_version = "/substrate/1.0";
    info.agent_version = "stipple/0.1 (test)";
    return info;
}

TEST(Identify, arrives_whatever_the_cut) {
    for (const std::size_t cut : {1U, 2U, 3U, 7U, 64U, 4096U}) {
        IdentifySend send(sample(), Instant{});
        IdentifyReceive receive{Instant{}};
        test::Pair pair(send, receive);
        pair.cut = cut;
        ASSERT_TRUE(pair.run([](auto, auto right) { return right == Step::finished; }));
        EXPECT_EQ(receive.take_info(), sample());
        EXPECT_TRUE(pair.left_ended());
    }
}

TEST(Identify, has_the_known_bytes) {
    IdentifyInfo info;
    info.protocols = {"/a"};
    info.protocol_version = "v";
    info.agent_version = "n";
    EXPECT_EQ(to_hex(encode_identify(info)), "1a022f612a017632016e");
}

TEST(Identify, leaves_out_what_does_not_decode_and_what_is_too_much) {
    ProtobufWriter writer;
    writer.bytes(2, Bytes{0xff, 0xff});
    for (std::size_t i = 0; i < kIdentifyAddressesMax + 5; ++i) {
        writer.bytes(2, Multiaddr::parse("/ip4/1.2.3.4/tcp/" + std::to_string(i + 1))->bytes());
    }
    for (std::size_t i = 0; i < kIdentifyProtocolsMax + 5; ++i) {
        writer.text(3, "/p" + std::to_string(i));
    }
    writer.text(6, std::string(1000, 'x'));
    writer.bytes(8, Bytes(10, 1));
    const auto info = decode_identify(writer.view());
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->listen_addresses.size(), kIdentifyAddressesMax);
    EXPECT_EQ(info->protocols.size(), kIdentifyProtocolsMax);
    EXPECT_EQ(info->agent_version.size(), kAgentBytesMax);
}

TEST(Identify, makes_words_printable) {
    ProtobufWriter writer;
    writer.text(6, "a\x1b[31m\nb\xff");
    EXPECT_EQ(decode_identify(writer.view())->agent_version, "a?[31m?b?");
}

TEST(Identify, refuses_a_bad_key_and_a_wrong_type) {
    ProtobufWriter bad_key;
    bad_key.bytes(1, Bytes{1, 2, 3});
    EXPECT_EQ(decode_identify(bad_key.view()).error(), IdentifyError::bad_public_key);
    ProtobufWriter wrong;
    wrong.number(6, 5);
    EXPECT_EQ(decode_identify(wrong.view()).error(), IdentifyError::malformed);
    EXPECT_EQ(decode_identify(Bytes{0x32, 5, 1}).error(), IdentifyError::malformed);
}

TEST(Identify, sends_no_more_than_others_read) {
    IdentifyInfo info = sample();
    for (int i = 0; i < 300; ++i) {
        info.listen_addresses.push_back(*Multiaddr::parse("/ip4/1.2.3.4/tcp/30333"));
    }
    const Bytes message = encode_identify(info);
    EXPECT_LE(message.size(), kIdentifySentBytesMax);
    const auto decoded = decode_identify(message);
    EXPECT_EQ(decoded->protocols, info.protocols);
    EXPECT_EQ(decoded->listen_addresses.front(), info.listen_addresses.front());
    EXPECT_EQ(decoded->agent_version, info.agent_version);
}

SubstreamFailure failure_with(ByteView bytes, bool ended, Duration later = {}) {
    IdentifyReceive receive{Instant{}};
    test::Script script;
    script.feed(bytes).input_ended = ended;
    script.now = {later};
    EXPECT_EQ(script.run(receive), Step::failed);
    return receive.failure();
}

TEST(IdentifyReceive, tells_what_went_wrong) {
    EXPECT_EQ(failure_with({}, true), SubstreamFailure::refused);
    EXPECT_EQ(failure_with(Bytes{9, 1}, true), SubstreamFailure::truncated);
    EXPECT_EQ(failure_with(framed(Bytes{1}), true), SubstreamFailure::malformed);
    EXPECT_EQ(failure_with(Bytes{0xff, 0xff, 0xff, 0x7f}, false), SubstreamFailure::too_long);
    EXPECT_EQ(failure_with({}, false, kIdentifyTimeout), SubstreamFailure::timed_out);
}

TEST(IdentifySend, gives_up_a_peer_that_does_not_read) {
    IdentifySend send(sample(), Instant{});
    test::Script script;
    script.allowance = 5;
    EXPECT_EQ(script.run(send), Step::waiting);
    EXPECT_EQ(script.wake_at, Instant{kIdentifyTimeout});
    script.now = {kIdentifyTimeout};
    EXPECT_EQ(script.run(send), Step::failed);
}

}  // namespace
}  // namespace stipple::libp2p
