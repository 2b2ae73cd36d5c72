#include "libp2p/substreams/notifications.hpp"

#include "libp2p/substreams/test_pair.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::framed;
using test::seconds;
using Step = SubstreamStep;

NotificationsConfig config(std::size_t message_bytes_max = 1000) {
    return {
        .message_bytes_max = message_bytes_max, .queue_messages_max = 4, .queue_bytes_max = 2000};
}

/// A dialer and an accepter, opened.
struct Opened {
    NotificationsOut out{config(), to_bytes("hello"), Instant{}};
    NotificationsIn in{config(), Instant{}};
    test::Pair<NotificationsOut, NotificationsIn> pair{out, in};

    explicit Opened(std::size_t cut = 1000) {
        pair.cut = cut;
        EXPECT_TRUE(pair.run([](auto, auto right) { return right == Step::event; }));
        EXPECT_TRUE(in.offered());
        EXPECT_EQ(as_text(in.peer_handshake()), "hello");
        in.accept(to_bytes("welcome"));
        EXPECT_TRUE(pair.run([](auto left, auto) { return left == Step::event; }));
        EXPECT_EQ(as_text(out.peer_handshake()), "welcome");
        EXPECT_TRUE(out.open());
        EXPECT_TRUE(in.open());
    }
};

TEST(Notifications, arrive_in_order_whatever_the_cut) {
    for (std::size_t cut = 1; cut < 30; ++cut) {
        Opened opened(cut);
        const std::vector<Bytes> sent = {to_bytes("one"), {}, Bytes(500, 3), to_bytes("four")};
        for (const Bytes& message : sent) {
            ASSERT_TRUE(opened.out.send(message));
        }
        std::vector<Bytes> received;
        ASSERT_TRUE(opened.pair.run([&](auto, auto right) {
            if (right == Step::event) {
                received.push_back(opened.in.take_message());
            }
            return received.size() == sent.size();
        }));
        EXPECT_EQ(received, sent);
        EXPECT_EQ(opened.out.queued_bytes(), 0U);
    }
}

TEST(Notifications, end_when_the_dialer_closes) {
    Opened opened;
    ASSERT_TRUE(opened.out.send(to_bytes("last")));
    opened.pair.step_left();
    opened.out.close();
    Step left{};
    bool got = false;
    ASSERT_TRUE(opened.pair.run(
        [&](auto, auto right) {
            if (right == Step::event) {
                EXPECT_EQ(as_text(opened.in.take_message()), "last");
                got = true;
            }
            return right == Step::finished;
        },
        &left));
    EXPECT_TRUE(got);
    EXPECT_EQ(left, Step::finished);
}

TEST(Notifications, end_when_the_accepter_closes) {
    Opened opened;
    opened.in.close();
    Step left{};
    ASSERT_TRUE(opened.pair.run([](auto, auto right) { return right == Step::finished; }, &left));
    EXPECT_EQ(left, Step::finished);
    EXPECT_FALSE(opened.out.send(to_bytes("late")));
}

TEST(NotificationsOut, is_refused_by_an_end_without_a_handshake) {
    NotificationsOut out(config(), to_bytes("hello"), Instant{});
    NotificationsIn in(config(), Instant{});
    test::Pair pair(out, in);
    ASSERT_TRUE(pair.run([](auto, auto right) { return right == Step::event; }));
    EXPECT_FALSE(out.send(to_bytes("early"))) << "not open yet";
    in.reject();
    ASSERT_TRUE(pair.run([](auto left, auto) { return left == Step::failed; }));
    EXPECT_EQ(out.failure(), SubstreamFailure::refused);
}

TEST(NotificationsOut, refuses_the_newest_when_its_queue_is_full) {
    Opened opened;
    test::Script blocked;
    blocked.allowance = 0;
    int taken = 0;
    while (opened.out.send(Bytes(10, 1))) {
        ++taken;
    }
    EXPECT_EQ(taken, 4);
    EXPECT_EQ(opened.out.queued_bytes(), 40U);
    Opened by_bytes;
    EXPECT_TRUE(by_bytes.out.send(Bytes(1000, 1)));
    EXPECT_TRUE(by_bytes.out.send(Bytes(1000, 1)));
    EXPECT_FALSE(by_bytes.out.send(Bytes(1, 1)));
    Opened too_long;
    EXPECT_FALSE(too_long.out.send(Bytes(1001, 1)));
}

TEST(NotificationsOut, fails_when_the_peer_reads_nothing) {
    Opened opened;
    opened.out.send(Bytes(100, 1));
    test::Script script;
    script.allowance = 10;
    EXPECT_EQ(script.run(opened.out), Step::waiting);
    EXPECT_EQ(script.wake_at, Instant{kNotificationStall});
    script.now = {kNotificationStall - seconds(1)};
    script.allowance = 10;
    EXPECT_EQ(script.run(opened.out), Step::waiting) << "ten bytes are progress";
    script.now = {kNotificationStall + seconds(1)};
    EXPECT_EQ(script.run(opened.out), Step::waiting);
    script.now = {2 * kNotificationStall};
    EXPECT_EQ(script.run(opened.out), Step::failed);
    EXPECT_EQ(opened.out.failure(), SubstreamFailure::stalled);
    EXPECT_FALSE(opened.out.send(to_bytes("more")));
}

TEST(NotificationsOut, forgets_a_stall_when_all_was_sent) {
    Opened opened;
    opened.out.send(Bytes(100, 1));
    test::Script script;
    script.allowance = 10;
    script.run(opened.out);
    script.allowance = 1000;
    script.now = {seconds(5)};
    EXPECT_EQ(script.run(opened.out), Step::waiting);
    EXPECT_EQ(script.wake_at, std::nullopt);
    script.now = {seconds(500)};
    opened.out.send(Bytes(100, 1));
    script.allowance = 0;
    EXPECT_EQ(script.run(opened.out), Step::waiting);
}

TEST(NotificationsOut, ends_the_message_under_way_before_it_closes) {
    Opened opened;
    opened.out.send(Bytes(100, 1));
    opened.out.send(Bytes(100, 2));
    test::Script script;
    script.allowance = 10;
    script.run(opened.out);
    opened.out.close();
    script.allowance = 1000;
    EXPECT_EQ(script.run(opened.out), Step::finished);
    EXPECT_EQ(script.output, framed(Bytes(100, 1)));
    EXPECT_TRUE(script.output_ended);
}

TEST(NotificationsOut, lets_a_stalled_peer_go_soon_after_closing) {
    Opened opened;
    opened.out.send(Bytes(100, 1));
    test::Script script;
    script.allowance = 10;
    script.run(opened.out);
    opened.out.close();
    EXPECT_EQ(script.run(opened.out), Step::waiting);
    script.now = {kCloseLinger};
    EXPECT_EQ(script.run(opened.out), Step::failed);
    EXPECT_EQ(opened.out.failure(), SubstreamFailure::stalled);
}

SubstreamFailure dialer_failure(ByteView answer, bool ended, Duration later = {}) {
    NotificationsOut out(config(), to_bytes("hello"), Instant{});
    test::Script script;
    script.feed(answer).input_ended = ended;
    script.now = {later};
    Step step = script.run(out);
    if (step == Step::event) {
        step = script.run(out);
    }
    EXPECT_EQ(step, Step::failed);
    return out.failure();
}

TEST(NotificationsOut, tells_what_went_wrong) {
    EXPECT_EQ(dialer_failure(Bytes{5, 1}, true), SubstreamFailure::truncated);
    EXPECT_EQ(dialer_failure(Bytes{0xff, 0x7f}, false), SubstreamFailure::too_long);
    EXPECT_EQ(dialer_failure(Bytes(11, 0x80), false), SubstreamFailure::bad_length);
    EXPECT_EQ(dialer_failure({}, false, kHandshakeTimeout), SubstreamFailure::timed_out);
    EXPECT_EQ(dialer_failure(Bytes{1, 1, 1, 1}, false), SubstreamFailure::unexpected_data);
}

SubstreamFailure accepter_failure(ByteView bytes, bool ended, Duration later = {}) {
    NotificationsIn in(config(), Instant{});
    test::Script script;
    script.feed(bytes).input_ended = ended;
    script.now = {later};
    Step step = script.run(in);
    if (step == Step::event) {
        in.accept(to_bytes("yes"));
        step = script.run(in);
    }
    EXPECT_EQ(step, Step::failed);
    return in.failure();
}

TEST(NotificationsIn, tells_what_went_wrong) {
    EXPECT_EQ(accepter_failure(Bytes{5, 1}, true), SubstreamFailure::truncated);
    EXPECT_EQ(accepter_failure(Bytes{0xff, 0x7f}, false), SubstreamFailure::too_long);
    EXPECT_EQ(accepter_failure({}, false, kHandshakeTimeout), SubstreamFailure::timed_out);
    Bytes oversized = framed(as_bytes("hello"));
    append(oversized, framed(Bytes(1001, 1)));
    EXPECT_EQ(accepter_failure(oversized, false), SubstreamFailure::too_long);
    Bytes cut = framed(as_bytes("hello"));
    append(cut, Bytes{9, 1});
    EXPECT_EQ(accepter_failure(cut, true), SubstreamFailure::truncated);
}

TEST(NotificationsIn, waits_for_its_decision_as_long_as_the_dialer_does) {
    NotificationsIn in(config(), Instant{});
    test::Script script;
    script.feed(framed(as_bytes("hello")));
    EXPECT_EQ(script.run(in), Step::event);
    script.now = {seconds(1000)};
    EXPECT_EQ(script.run(in), Step::waiting);
    script.input_ended = true;
    EXPECT_EQ(script.run(in), Step::finished);
    EXPECT_FALSE(in.offered());
}

TEST(NotificationsIn, reads_one_message_ahead_of_its_owner) {
    NotificationsIn in(config(), Instant{});
    test::Script script;
    script.feed(framed(as_bytes("hello")));
    script.run(in);
    in.accept({});
    script.feed(framed(as_bytes("one"))).feed(framed(as_bytes("two")));
    EXPECT_EQ(script.run(in), Step::event);
    EXPECT_EQ(script.run(in), Step::event);
    EXPECT_EQ(script.input, framed(as_bytes("two")));
    EXPECT_EQ(as_text(in.take_message()), "one");
    EXPECT_EQ(script.run(in), Step::event);
    EXPECT_EQ(as_text(in.take_message()), "two");
    EXPECT_EQ(script.run(in), Step::waiting);
}

TEST(NotificationsIn, leaves_messages_unread_while_they_are_held) {
    Opened opened;
    opened.in.hold(true);
    test::Script script;
    script.feed(framed(to_bytes("early"))).feed(framed(to_bytes("and more")));
    const std::size_t unread = script.input.size();
    EXPECT_EQ(script.run(opened.in), Step::waiting);
    script.input_ended = true;
    EXPECT_EQ(script.run(opened.in), Step::waiting) << "nothing is lost by the end";
    EXPECT_EQ(script.input.size(), unread);
    EXPECT_EQ(opened.in.held_bytes(), 0U);
    opened.in.hold(false);
    EXPECT_EQ(script.run(opened.in), Step::event);
    EXPECT_EQ(as_text(opened.in.take_message()), "early");
    EXPECT_EQ(script.run(opened.in), Step::event);
    EXPECT_EQ(as_text(opened.in.take_message()), "and more");
    EXPECT_EQ(script.run(opened.in), Step::finished);
}

TEST(NotificationsIn, ends_with_the_dialer_while_nothing_is_held) {
    Opened opened;
    opened.in.hold(true);
    test::Script script;
    script.input_ended = true;
    EXPECT_EQ(script.run(opened.in), Step::finished);
}

TEST(NotificationsIn, throws_away_what_comes_after_closing_and_does_not_wait_for_ever) {
    NotificationsIn in(config(), Instant{});
    test::Script script;
    script.feed(framed(as_bytes("hello")));
    script.run(in);
    in.accept({});
    script.run(in);
    in.close();
    script.feed(Bytes(5000, 0xff));
    EXPECT_EQ(script.run(in), Step::waiting);
    EXPECT_TRUE(script.output_ended);
    EXPECT_TRUE(script.input.empty());
    script.now = {kCloseLinger};
    EXPECT_EQ(script.run(in), Step::finished);
}

TEST(NotificationsIn, gives_up_a_dialer_that_does_not_take_the_answer) {
    NotificationsIn in(config(), Instant{});
    test::Script script;
    script.feed(framed(as_bytes("hello")));
    script.run(in);
    in.accept(to_bytes("welcome"));
    script.allowance = 0;
    EXPECT_EQ(script.run(in), Step::waiting);
    script.now = {kHandshakeTimeout};
    EXPECT_EQ(script.run(in), Step::failed);
    EXPECT_EQ(in.failure(), SubstreamFailure::stalled);
}

}  // namespace
}  // namespace stipple::libp2p
