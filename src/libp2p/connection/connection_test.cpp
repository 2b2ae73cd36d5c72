#include "libp2p/connection/connection.hpp"

#include "libp2p/connection/test_wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace stipple::libp2p {
namespace {

using testing::ElementsAre;

/// Reads all, writes all of `data` that fits, maybe ends.
Bytes use(Connection& connection, SubstreamId id, ByteView data = {}, bool finish = false) {
    Bytes got;
    EXPECT_TRUE(connection.with_substream(id, kWireStart, [&](ByteExchange& stream) {
        got = to_bytes(stream.unread);
        stream.take(stream.unread.size());
        stream.put(data.first(std::min(data.size(), stream.allowance)));
        stream.output_ended = finish;
    }));
    return got;
}

template <class E>
std::vector<E> only(const std::vector<ConnectionEvent>& events) {
    std::vector<E> out;
    for (const auto& event : events) {
        if (const auto* one = std::get_if<E>(&event)) {
            out.push_back(*one);
        }
    }
    return out;
}

class BothTransports : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Connection, BothTransports, testing::Bool(),
                         [](const auto& which) { return which.param ? "websocket" : "tcp"; });

TEST_P(BothTransports, two_sides_learn_each_others_identity_however_bytes_are_cut) {
    for (const std::size_t cut : {1UL, 7UL, 100'000UL}) {
        Wire wire({.websocket = GetParam(), .cut = cut});
        wire.run();
        EXPECT_THAT(wire.dialer_events, ElementsAre(ConnectionEvent(Ready{wire.listener_id()})));
        EXPECT_THAT(wire.listener_events, ElementsAre(ConnectionEvent(Ready{wire.dialer_id()})));
    }
}

TEST_P(BothTransports, a_request_is_answered_over_an_agreed_substream) {
    Wire wire({.websocket = GetParam(), .cut = 5});
    wire.run();
    const std::vector<std::string> names{"/unknown/1", "/echo/1"};
    const SubstreamId out = *wire.dialer.open(kWireStart, names);
    wire.run();
    EXPECT_THAT(only<Opened>(wire.dialer_events),
                ElementsAre(Opened{out, Direction::outbound, "/echo/1"}));
    const auto inbound = only<Opened>(wire.listener_events);
    ASSERT_EQ(inbound.size(), 1U);
    EXPECT_EQ(inbound[0].protocol, "/echo/1");
    EXPECT_EQ(inbound[0].direction, Direction::inbound);
    wire.listener_events.clear();
    use(wire.dialer, out, as_bytes("question"), true);
    wire.run();
    ASSERT_FALSE(only<Readable>(wire.listener_events).empty());
    EXPECT_EQ(as_text(use(wire.listener, inbound[0].substream, as_bytes("answer"), true)),
              "question");
    wire.run();
    EXPECT_EQ(as_text(use(wire.dialer, out)), "answer");
    wire.run();
    EXPECT_THAT(only<Ended>(wire.dialer_events), ElementsAre(Ended{out}));
    EXPECT_EQ(only<Ended>(wire.listener_events).size(), 1U);
    EXPECT_EQ(wire.dialer.substream_count() + wire.listener.substream_count(), 0U);
    EXPECT_TRUE(wire.dialer.idle_since());
}

TEST(Connection, a_substream_nobody_speaks_fails_with_refused) {
    Wire wire({});
    wire.run();
    const std::vector<std::string> names{"/unknown/1"};
    const SubstreamId out = *wire.dialer.open(kWireStart, names);
    wire.run();
    EXPECT_THAT(only<OpenFailed>(wire.dialer_events),
                ElementsAre(OpenFailed{out, OpenFailure::refused}));
    EXPECT_TRUE(only<Opened>(wire.listener_events).empty());
    EXPECT_EQ(wire.dialer.substream_count() + wire.listener.substream_count(), 0U);
}

TEST(Connection, an_unanswered_negotiation_times_out_and_says_when) {
    Wire wire({});
    wire.run();
    const std::vector<std::string> names{"/echo/1"};
    const SubstreamId out = *wire.dialer.open(kWireStart, names);
    wire.step_dialer();
    EXPECT_EQ(wire.dialer_wake, kWireStart + kNegotiationTime);
    wire.now = kWireStart + kNegotiationTime;
    wire.step_dialer();
    EXPECT_THAT(only<OpenFailed>(wire.dialer_events),
                ElementsAre(OpenFailed{out, OpenFailure::timed_out}));
}

TEST(Connection, a_silent_peer_is_failed_when_the_handshake_time_is_over) {
    for (const bool websocket : {false, true}) {
        Wire wire({.websocket = websocket});
        wire.step_dialer();
        EXPECT_EQ(wire.dialer_wake, kWireStart + kConnectionHandshakeTime);
        wire.now = *wire.dialer_wake;
        wire.step_dialer();
        EXPECT_THAT(wire.dialer_events,
                    ElementsAre(ConnectionEvent(Failed{ConnectionFailure::timed_out})));
        EXPECT_TRUE(wire.dialer.is_over());
    }
}

TEST(Connection, another_peer_than_expected_is_failed) {
    Wire wire({.expected = PeerId{Bytes(38, 1)}});
    wire.run();
    EXPECT_THAT(wire.dialer_events,
                ElementsAre(ConnectionEvent(Failed{ConnectionFailure::unexpected_peer})));
}

TEST(Connection, many_substreams_carry_much_data_and_slow_readers_bound_memory) {
    Wire wire({.cut = 100'000});
    wire.run();
    Prng prng(Seed{3});
    const std::vector<std::string> names{"/echo/1"};
    std::map<SubstreamId, std::pair<Bytes, std::size_t>> sending;
    for (int i = 0; i < 100; ++i) {
        sending[*wire.dialer.open(kWireStart, names)] = {prng.bytes(300'000), 0};
    }
    wire.run();
    ASSERT_EQ(only<Opened>(wire.dialer_events).size(), 100U);
    // Nobody reads: every substream stops at its window, and the connection at its bound.
    for (int round = 0; round < 8; ++round) {
        for (auto& [id, data] : sending) {
            wire.dialer.with_substream(id, wire.now, [&](ByteExchange& stream) {
                const std::size_t count =
                    std::min(data.first.size() - data.second, stream.allowance);
                stream.put(ByteView(data.first).subspan(data.second, count));
                data.second += count;
            });
        }
        wire.run();
    }
    std::size_t total = 0;
    std::size_t got = 0;
    for (const auto& [id, data] : sending) {
        total += data.second;
    }
    EXPECT_LE(wire.to_listener.size() + wire.to_dialer.size(), 2 * Wire::kPipeBytes);
    // Then all of it is read.
    for (int round = 0; round < 50; ++round) {
        for (const auto& opened : only<Opened>(wire.listener_events)) {
            got += use(wire.listener, opened.substream).size();
        }
        wire.run();
    }
    EXPECT_EQ(got, total);
    EXPECT_GT(total, 20'000'000U);
}

TEST(Connection, closing_ends_both_sides_in_order) {
    Wire wire({});
    wire.run();
    wire.dialer.close();
    wire.run();
    EXPECT_EQ(wire.dialer_events.back(), ConnectionEvent(Closed{}));
    EXPECT_EQ(wire.listener_events.back(), ConnectionEvent(Closed{}));
    const std::vector<std::string> names{"/echo/1"};
    EXPECT_EQ(wire.dialer.open(kWireStart, names).error(), OpenError::not_ready);
}

TEST(Connection, what_arrived_before_the_end_can_still_be_read_after_it) {
    Wire wire({});
    wire.run();
    const std::vector<std::string> names{"/echo/1"};
    const SubstreamId out = *wire.dialer.open(kWireStart, names);
    wire.run();
    const auto inbound = only<Opened>(wire.listener_events);
    ASSERT_EQ(inbound.size(), 1U);
    use(wire.listener, inbound[0].substream, as_bytes("last words"), true);
    wire.step_listener();
    wire.dialer_input_ended = true;  // the other process is gone
    wire.step_dialer();
    EXPECT_EQ(wire.dialer_events.back(), ConnectionEvent(Closed{}));
    EXPECT_EQ(only<Readable>(wire.dialer_events).size(), 1U);
    EXPECT_EQ(as_text(use(wire.dialer, out)), "last words");
}

TEST(Connection, changed_bytes_fail_the_encryption) {
    Wire wire({});
    wire.run();
    const std::vector<std::string> names{"/echo/1"};
    ASSERT_TRUE(wire.dialer.open(kWireStart, names));
    wire.step_dialer();
    ASSERT_FALSE(wire.to_listener.empty());
    wire.to_listener.back() ^= 1U;
    wire.run();
    EXPECT_EQ(wire.listener_events.back(), ConnectionEvent(Failed{ConnectionFailure::encryption}));
}

TEST(Connection, a_stream_that_ends_early_is_cut) {
    Wire wire({});
    wire.step_dialer();
    wire.step_listener();
    wire.dialer_input_ended = true;
    wire.to_dialer.resize(3);
    wire.step_dialer();
    EXPECT_EQ(wire.dialer_events.back(), ConnectionEvent(Failed{ConnectionFailure::cut}));
    Wire running({});
    running.run();
    running.to_dialer = Bytes{0, 100, 1};
    running.dialer_input_ended = true;
    running.step_dialer();
    EXPECT_EQ(running.dialer_events.back(), ConnectionEvent(Failed{ConnectionFailure::cut}));
}

TEST(Connection, negotiations_without_end_are_bounded) {
    Wire wire({});
    wire.run();
    const std::vector<std::string> names{"/echo/1"};
    for (std::size_t i = 0; i < kNegotiationsMax; ++i) {
        ASSERT_TRUE(wire.dialer.open(kWireStart, names));
    }
    EXPECT_EQ(wire.dialer.open(kWireStart, names).error(), OpenError::too_many);
}

}  // namespace
}  // namespace stipple::libp2p
