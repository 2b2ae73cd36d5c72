#include "libp2p/substreams/ping.hpp"

#include "libp2p/substreams/test_pair.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::milliseconds;
using test::seconds;

TEST(Ping, measures_round_after_round_whatever_the_cut) {
    for (const std::size_t cut : {1U, 5U, 32U, 100U}) {
        PingOut out({.interval = seconds(15), .timeout = seconds(20)}, Seed{1}, Instant{});
        PingIn in;
        test::Pair pair(out, in);
        pair.cut = cut;
        for (int round = 0; round < 3; ++round) {
            ASSERT_EQ(pair.step_left(), SubstreamStep::waiting);
            pair.now = pair.now + milliseconds(40);
            ASSERT_TRUE(pair.run([](auto left, auto) { return left == SubstreamStep::event; }));
            EXPECT_EQ(out.take_round_trip(), milliseconds(40));
            EXPECT_EQ(out.take_round_trip(), std::nullopt);
            pair.now = pair.now + seconds(15);
        }
    }
}

TEST(PingOut, waits_for_its_interval) {
    PingOut out({.interval = seconds(15), .timeout = seconds(20)}, Seed{1}, Instant{seconds(3)});
    test::Script script;
    EXPECT_EQ(script.run(out), SubstreamStep::waiting);
    EXPECT_TRUE(script.output.empty());
    EXPECT_EQ(script.wake_at, Instant{seconds(3)});
    script.now = {seconds(3)};
    EXPECT_EQ(script.run(out), SubstreamStep::waiting);
    EXPECT_EQ(script.output.size(), kPingBytes);
    EXPECT_EQ(script.wake_at, Instant{seconds(23)});
}

TEST(PingOut, sends_other_bytes_in_every_round) {
    PingOut out({}, Seed{1}, Instant{});
    test::Script script;
    script.run(out);
    const Bytes first = script.output;
    script.feed(first);
    EXPECT_EQ(script.run(out), SubstreamStep::event);
    script.output.clear();
    script.now = script.now + kPingInterval;
    script.run(out);
    EXPECT_EQ(script.output.size(), kPingBytes);
    EXPECT_NE(script.output, first);
}

TEST(PingOut, fails_by_silence_by_a_wrong_echo_and_by_an_end) {
    test::Script silent;
    PingOut waiting({.interval = seconds(15), .timeout = seconds(20)}, Seed{1}, Instant{});
    silent.run(waiting);
    silent.now = {seconds(20)};
    EXPECT_EQ(silent.run(waiting), SubstreamStep::failed);
    EXPECT_EQ(waiting.failure(), SubstreamFailure::timed_out);

    test::Script liar;
    PingOut checking({}, Seed{1}, Instant{});
    liar.run(checking);
    liar.output[31] ^= 1;
    liar.feed(liar.output);
    EXPECT_EQ(liar.run(checking), SubstreamStep::failed);
    EXPECT_EQ(checking.failure(), SubstreamFailure::wrong_echo);

    test::Script ending;
    PingOut refused({}, Seed{1}, Instant{});
    ending.run(refused);
    ending.input_ended = true;
    EXPECT_EQ(ending.run(refused), SubstreamStep::failed);
    EXPECT_EQ(refused.failure(), SubstreamFailure::refused);
}

TEST(PingOut, fails_by_bytes_nobody_asked_for) {
    test::Script script;
    PingOut out({}, Seed{1}, Instant{seconds(1)});
    script.feed(Bytes(1, 0));
    EXPECT_EQ(script.run(out), SubstreamStep::failed);
    EXPECT_EQ(out.failure(), SubstreamFailure::unexpected_data);
}

TEST(PingIn, ends_with_the_other_side) {
    PingIn in;
    test::Script script;
    script.feed(Bytes(64, 5));
    EXPECT_EQ(script.run(in), SubstreamStep::waiting);
    EXPECT_EQ(script.output, Bytes(64, 5));
    script.input_ended = true;
    EXPECT_EQ(script.run(in), SubstreamStep::finished);
    EXPECT_TRUE(script.output_ended);
}

TEST(PingIn, fails_by_half_a_ping) {
    PingIn in;
    test::Script script;
    script.feed(Bytes(20, 5));
    script.input_ended = true;
    EXPECT_EQ(script.run(in), SubstreamStep::failed);
    EXPECT_EQ(in.failure(), SubstreamFailure::truncated);
}

TEST(PingIn, reads_no_further_while_its_echo_cannot_leave) {
    PingIn in;
    test::Script script;
    script.allowance = 0;
    script.feed(Bytes(1000, 5));
    EXPECT_EQ(script.run(in), SubstreamStep::waiting);
    EXPECT_EQ(script.input.size(), 1000 - kPingBytes);
}

}  // namespace
}  // namespace stipple::libp2p
