#include "libp2p/yamux/multiplexer.hpp"

#include "base/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace stipple::libp2p::yamux {
namespace {

constexpr Instant kStart{std::chrono::seconds(100)};

/// A multiplexer with the bytes on their way to it.
struct Side {
    explicit Side(Role role) : machine(role, kStart, Seed{7}) {}

    /// Shows `count` more of the waiting bytes; output goes to `other`.
    Progress step(Side& other, std::size_t count, Instant now, std::size_t allowance = SIZE_MAX) {
        const std::size_t shown = std::min(count, inbox.size() - arrived) + arrived;
        ByteExchange exchange{.now = now,
                              .unread = ByteView(inbox).first(shown),
                              .input_ended = ended && shown == inbox.size(),
                              .output = &other.inbox,
                              .allowance = std::min(allowance, std::size_t{1} << 30),
                              .wake_at = {}};
        progress = machine.exchange(exchange);
        const auto taken = static_cast<std::ptrdiff_t>(shown - exchange.unread.size());
        inbox.erase(inbox.begin(), inbox.begin() + taken);
        arrived = exchange.unread.size();
        return progress;
    }
    std::vector<Event> events() {
        std::vector<Event> all;
        while (const auto event = machine.next_event()) {
            all.push_back(*event);
        }
        return all;
    }
    Bytes read(StreamId id, Instant now = kStart) {
        Bytes out;
        EXPECT_TRUE(machine.with_stream(id, now, [&](ByteExchange& stream) {
            out = to_bytes(stream.unread);
            stream.take(stream.unread.size());
        }));
        return out;
    }
    /// How much of `data` went in.
    std::size_t write(StreamId id, ByteView data, bool finish = false) {
        std::size_t count = 0;
        EXPECT_TRUE(machine.with_stream(id, kStart, [&](ByteExchange& stream) {
            count = std::min(data.size(), stream.allowance);
            stream.put(data.first(count));
            stream.output_ended = finish;
        }));
        return count;
    }
    void feed(const FrameHeader& header, ByteView payload = {}) {
        encode_header(inbox, header);
        append(inbox, payload);
    }

    Multiplexer machine;
    Bytes inbox;
    std::size_t arrived = 0;  ///< of the inbox, shown before and not taken
    bool ended = false;
    Progress progress = Progress::running;
};

struct Pair {
    Side a{Role::initiator};
    Side b{Role::responder};
    Instant now = kStart;
    void settle() {
        for (int i = 0; i < 8; ++i) {
            a.step(b, SIZE_MAX, now);
            b.step(a, SIZE_MAX, now);
        }
    }
};

/// Frames found in written bytes.
std::vector<FrameHeader> headers_of(ByteView bytes) {
    std::vector<FrameHeader> out;
    while (bytes.size() >= kHeaderBytes) {
        const FrameHeader header = *decode_header(bytes);
        bytes = bytes.subspan(kHeaderBytes);
        if (header.type == FrameType::data) {
            bytes = bytes.subspan(header.length);
        }
        out.push_back(header);
    }
    EXPECT_TRUE(bytes.empty());
    return out;
}

TEST(YamuxMultiplexer, first_frames_on_the_wire_are_as_the_specification_says) {
    Side a(Role::initiator);
    Side wire(Role::responder);
    const StreamId id = *a.machine.open(kStart);
    a.write(id, as_bytes("hi"), true);
    a.step(wire, 0, kStart);
    // A ping for the round trip, then SYN with data, then FIN.
    ASSERT_EQ(wire.inbox.size(), 3 * kHeaderBytes + 2);
    EXPECT_EQ(to_hex(ByteView(wire.inbox).first(8)), "0002000100000000");
    EXPECT_EQ(to_hex(ByteView(wire.inbox).subspan(12)),
              "000000010000000100000002"
              "6869"
              "000000040000000100000000");
}

TEST(YamuxMultiplexer, a_stream_carries_bytes_both_ways_and_ends) {
    Pair pair;
    const StreamId out = *pair.a.machine.open(pair.now);
    pair.a.write(out, as_bytes("request"), true);
    pair.settle();
    const auto events = pair.b.events();
    ASSERT_EQ(events.size(), 2U);
    const StreamId in = std::get<Opened>(events[0]).stream;
    EXPECT_EQ(events[1], Event(Readable{in}));
    EXPECT_EQ(as_text(pair.b.read(in)), "request");
    pair.b.write(in, as_bytes("answer"), true);
    pair.settle();
    EXPECT_THAT(pair.b.events(), testing::ElementsAre(Event(Ended{in})));
    EXPECT_THAT(pair.a.events(), testing::ElementsAre(Event(Readable{out})));
    EXPECT_EQ(as_text(pair.a.read(out)), "answer");
    EXPECT_THAT(pair.a.events(), testing::ElementsAre(Event(Ended{out})));
    EXPECT_EQ(pair.a.machine.stream_count() + pair.b.machine.stream_count(), 0U);
}

TEST(YamuxMultiplexer, many_streams_arrive_whole_however_the_bytes_are_cut) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{13}, std::size_t{5000}}) {
        Side a(Role::initiator);
        Side b(Role::responder);
        Prng prng(Seed{cut});
        std::map<StreamId, Bytes> left;
        std::map<StreamId, Bytes> sent;
        std::map<StreamId, Bytes> got;
        for (int i = 0; i < 20; ++i) {
            const StreamId id = *a.machine.open(kStart);
            left[id] = sent[id] = prng.bytes(prng.below(cut * 200));
        }
        for (int round = 0; round < 200'000 && a.machine.stream_count() > 0; ++round) {
            for (auto& [id, rest] : left) {
                const std::size_t count = a.machine.has_stream(id) ? a.write(id, rest, false) : 0;
                rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
                if (rest.empty() && a.machine.has_stream(id)) {
                    a.write(id, {}, true);
                    a.read(id);
                }
            }
            for (const std::size_t n : {1 + prng.below(cut), 1 + prng.below(cut)}) {
                ASSERT_EQ(a.step(b, n, kStart, b.inbox.size() > 2000 ? 0 : 12 + n),
                          Progress::running);
                ASSERT_EQ(b.step(a, n, kStart, a.inbox.size() > 2000 ? 0 : 12 + n),
                          Progress::running);
            }
            for (const Event& event : b.events()) {
                if (const auto* readable = std::get_if<Readable>(&event)) {
                    append(got[readable->stream], b.read(readable->stream));
                    b.write(readable->stream, {}, false);
                    b.machine.with_stream(readable->stream, kStart, [](ByteExchange& stream) {
                        stream.output_ended = stream.input_ended;
                    });
                }
            }
            a.events();
        }
        EXPECT_EQ(a.machine.stream_count(), 0U);
        std::vector<Bytes> sent_list;
        std::vector<Bytes> got_list;
        for (const auto& [id, bytes] : sent) {
            sent_list.push_back(bytes);
        }
        for (const auto& [id, bytes] : got) {
            got_list.push_back(bytes);
        }
        std::ranges::sort(sent_list);
        std::ranges::sort(got_list);
        EXPECT_TRUE(got_list == sent_list) << "cut " << cut;
    }
}

TEST(YamuxMultiplexer, a_slow_reader_holds_one_window_and_no_more) {
    Pair pair;
    const StreamId out = *pair.a.machine.open(pair.now);
    const Bytes data(1 << 20, 5);
    std::size_t accepted = 0;
    for (int i = 0; i < 20; ++i) {
        accepted += pair.a.write(out, data);
        pair.settle();
    }
    EXPECT_EQ(pair.b.machine.unread_bytes(), kInitialWindow);
    EXPECT_EQ(accepted, kInitialWindow + kSendBufferBytes);
    // Taking less than half a window gives nothing back yet; taking all does.
    const StreamId in = std::get<Opened>(pair.b.events()[0]).stream;
    EXPECT_EQ(pair.b.read(in).size(), kInitialWindow);
    pair.a.events();
    pair.settle();
    EXPECT_EQ(pair.b.machine.unread_bytes(), kSendBufferBytes);
    EXPECT_THAT(pair.a.events(), testing::ElementsAre(Event(Writable{out})));
}

TEST(YamuxMultiplexer, streams_take_turns) {
    Pair pair;
    const StreamId first = *pair.a.machine.open(pair.now);
    const StreamId second = *pair.a.machine.open(pair.now);
    pair.a.write(first, Bytes(60'000, 1));
    pair.a.write(second, Bytes(60'000, 2));
    pair.a.step(pair.b, 0, kStart);
    std::vector<std::uint32_t> order;
    for (const FrameHeader& header : headers_of(pair.b.inbox)) {
        if (header.type == FrameType::data) {
            order.push_back(header.stream);
            EXPECT_LE(header.length, kFramePayloadMax);
        }
    }
    EXPECT_THAT(order, testing::ElementsAre(1, 3, 1, 3, 1, 3, 1, 3));
}

TEST(YamuxMultiplexer, a_window_doubles_while_it_limits_a_long_line) {
    Pair pair;
    const StreamId out = *pair.a.machine.open(pair.now);
    const Bytes data(1 << 20, 5);
    const auto half_trip = std::chrono::milliseconds(50);
    std::size_t held_most = 0;
    std::optional<StreamId> in;
    for (int trip = 0; trip < 40; ++trip) {
        do {
            pair.a.step(pair.b, SIZE_MAX, pair.now);
        } while (pair.a.write(out, data) > 0);
        pair.now = pair.now + half_trip;
        pair.b.step(pair.a, SIZE_MAX, pair.now);
        held_most = std::max(held_most, pair.b.machine.unread_bytes());
        for (const Event& event : pair.b.events()) {
            if (const auto* opened = std::get_if<Opened>(&event)) {
                in = opened->stream;
            }
        }
        pair.b.read(*in, pair.now);
        pair.b.step(pair.a, SIZE_MAX, pair.now);
        pair.now = pair.now + half_trip;
    }
    EXPECT_EQ(pair.b.machine.round_trip(), 2 * half_trip);
    EXPECT_GT(held_most, 4 * kInitialWindow);
    EXPECT_LE(held_most, kStreamWindowMax);
}

TEST(YamuxMultiplexer, a_reset_forgets_the_stream_on_both_sides) {
    Pair pair;
    const StreamId out = *pair.a.machine.open(pair.now);
    pair.a.write(out, as_bytes("x"));
    pair.settle();
    const StreamId in = std::get<Opened>(pair.b.events()[0]).stream;
    EXPECT_TRUE(pair.b.machine.reset(in));
    EXPECT_FALSE(pair.b.machine.reset(in));
    EXPECT_EQ(pair.b.machine.unread_bytes(), 0U);
    pair.a.write(out, Bytes(1000, 1));  // crosses with the reset and is skipped
    pair.settle();
    EXPECT_THAT(pair.a.events(), testing::ElementsAre(Event(Reset{out})));
    EXPECT_EQ(pair.b.progress, Progress::running);
    EXPECT_FALSE(pair.a.machine.with_stream(out, pair.now, [](ByteExchange&) {}));
}

TEST(YamuxMultiplexer, what_came_before_a_reset_is_read_first) {
    Side a(Role::responder);
    Side other(Role::initiator);
    a.feed({FrameType::data, kSyn, 1, 5}, as_bytes("hello"));
    a.feed({FrameType::data, kReset, 1, 0});
    a.feed({FrameType::data, kSyn, 1, 2}, as_bytes("hi"));  // the number is used again
    a.step(other, SIZE_MAX, kStart);
    const auto events = a.events();
    const StreamId first = std::get<Opened>(events[0]).stream;
    ASSERT_EQ(a.machine.stream_count(), 2U);
    EXPECT_TRUE(a.machine.with_stream(first, kStart, [](ByteExchange& stream) {
        EXPECT_EQ(as_text(stream.unread), "hello");
        EXPECT_TRUE(stream.input_ended);
        EXPECT_EQ(stream.allowance, 0U);
        stream.take(5);
    }));
    EXPECT_THAT(a.events(), testing::ElementsAre(Event(Reset{first})));
    EXPECT_EQ(a.machine.stream_count(), 1U);
    a.feed({FrameType::data, 0, 1, 1}, as_bytes("!"));
    a.step(other, SIZE_MAX, kStart);
    EXPECT_EQ(a.machine.unread_bytes(), 3U);
}

TEST(YamuxMultiplexer, a_reset_inside_a_frame_skips_the_rest_of_it) {
    Side a(Role::responder);
    Side other(Role::initiator);
    a.feed({.type = FrameType::data, .flags = kSyn, .stream = 1, .length = 100}, Bytes(40, 1));
    a.step(other, SIZE_MAX, kStart);
    EXPECT_TRUE(a.machine.reset(std::get<Opened>(a.events()[0]).stream));
    append(a.inbox, Bytes(60, 0xff));
    a.feed({.type = FrameType::ping, .flags = kSyn, .length = 9});
    EXPECT_EQ(a.step(other, SIZE_MAX, kStart), Progress::running);
    EXPECT_EQ(headers_of(other.inbox).back(),
              (FrameHeader{.type = FrameType::ping, .flags = kAck, .length = 9}));
}

TEST(YamuxMultiplexer, opening_stops_at_the_unacknowledged_limit) {
    Pair pair;
    for (std::size_t i = 0; i < kUnacknowledgedMax; ++i) {
        const auto id = pair.a.machine.open(kStart);
        ASSERT_TRUE(id);
        pair.a.write(*id, as_bytes("x"));
    }
    EXPECT_EQ(pair.a.machine.open(kStart).error(), OpenRefusal::too_many_unacknowledged);
    pair.settle();
    for (const Event& event : pair.b.events()) {
        if (const auto* readable = std::get_if<Readable>(&event)) {
            pair.b.write(readable->stream, as_bytes("y"));
        }
    }
    pair.settle();
    EXPECT_TRUE(pair.a.machine.open(kStart));
}

TEST(YamuxMultiplexer, a_stream_too_many_is_reset_and_the_others_stay) {
    Side a(Role::responder);
    Side other(Role::initiator);
    for (std::uint32_t i = 0; i <= kInboundStreamsMax; ++i) {
        a.feed({.type = FrameType::window_update, .flags = kSyn, .stream = 2 * i + 1});
    }
    EXPECT_EQ(a.step(other, SIZE_MAX, kStart), Progress::running);
    EXPECT_EQ(a.machine.stream_count(), kInboundStreamsMax);
    EXPECT_EQ(headers_of(other.inbox).front().flags, kReset | kAck);
}

TEST(YamuxMultiplexer, streams_opened_and_reset_without_end_hold_bounded_events) {
    Side a(Role::responder);
    Side other(Role::initiator);
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        a.feed({.type = FrameType::window_update, .flags = kSyn, .stream = 2 * i + 1});
        a.feed({.type = FrameType::data, .flags = kReset, .stream = 2 * i + 1});
    }
    a.step(other, SIZE_MAX, kStart);
    EXPECT_FALSE(a.inbox.empty());  // it stopped reading
    EXPECT_LE(a.events().size(), kEventsMax + 1);
    EXPECT_EQ(a.machine.stream_count(), 0U);
}

TEST(YamuxMultiplexer, a_flood_of_pings_stops_the_reading_until_answers_leave) {
    Side a(Role::responder);
    Side other(Role::initiator);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        a.feed({.type = FrameType::ping, .flags = kSyn, .length = i});
    }
    a.step(other, SIZE_MAX, kStart, 0);
    EXPECT_GE(a.inbox.size(), 10'000 * kHeaderBytes - kControlBytesMax - kHeaderBytes);
    while (!a.inbox.empty()) {
        a.step(other, SIZE_MAX, kStart);
    }
    a.step(other, SIZE_MAX, kStart);
    EXPECT_EQ(headers_of(other.inbox).back().length, 9'999U);
}

struct Hostile {
    const char* name;
    std::vector<FrameHeader> frames;
    Failure failure;
};

TEST(YamuxMultiplexer, broken_rules_fail_with_their_reason_and_a_go_away) {
    const std::vector<Hostile> cases = {
        {"even id", {{FrameType::data, kSyn, 2, 0}}, Failure::wrong_stream_id},
        {"id 0", {{FrameType::window_update, kSyn, 0, 0}}, Failure::wrong_stream_id},
        {"twice",
         {{FrameType::data, kSyn, 1, 0}, {FrameType::data, kSyn, 1, 0}},
         Failure::stream_exists},
        {"too much", {{FrameType::data, kSyn, 1, kInitialWindow + 1}}, Failure::window_exceeded},
        {"overflow", {{FrameType::window_update, kSyn, 1, UINT32_MAX}}, Failure::window_overflow},
        {"after end",
         {{FrameType::data, kSyn | kFin, 1, 0}, {FrameType::data, 0, 1, 1}},
         Failure::data_after_end},
        {"reported", {{FrameType::go_away, 0, 0, 1}}, Failure::peer_reports_error},
    };
    for (const Hostile& hostile : cases) {
        Side a(Role::responder);
        Side other(Role::initiator);
        for (const FrameHeader& frame : hostile.frames) {
            a.feed(frame);
        }
        ASSERT_EQ(a.step(other, SIZE_MAX, kStart), Progress::failed) << hostile.name;
        EXPECT_EQ(a.machine.failure(), hostile.failure) << hostile.name;
        const bool told = hostile.failure != Failure::peer_reports_error;
        EXPECT_EQ(other.inbox.size(), told ? kHeaderBytes : 0) << hostile.name;
    }
    for (const auto& [bytes, failure] :
         {std::pair{Bytes{1, 0}, Failure::unknown_version}, {Bytes{0, 4}, Failure::unknown_type}}) {
        Side a(Role::responder);
        Side other(Role::initiator);
        a.inbox = bytes;
        a.inbox.resize(kHeaderBytes);
        ASSERT_EQ(a.step(other, SIZE_MAX, kStart), Progress::failed);
        EXPECT_EQ(a.machine.failure(), failure);
    }
}

TEST(YamuxMultiplexer, closing_waits_for_the_streams_and_then_finishes) {
    Pair pair;
    const StreamId out = *pair.a.machine.open(pair.now);
    pair.a.write(out, as_bytes("x"), true);
    pair.settle();
    pair.a.machine.close();
    EXPECT_EQ(pair.a.machine.open(pair.now).error(), OpenRefusal::going_away);
    pair.settle();
    EXPECT_EQ(pair.a.progress, Progress::running);
    const auto events = pair.b.events();
    EXPECT_EQ(events.back(), Event(GoingAway{}));
    const StreamId in = std::get<Opened>(events[0]).stream;
    pair.b.read(in);
    pair.b.write(in, as_bytes("y"), true);
    pair.b.step(pair.a, SIZE_MAX, pair.now);
    pair.a.step(pair.b, SIZE_MAX, pair.now);
    pair.a.read(out);
    EXPECT_EQ(pair.a.step(pair.b, SIZE_MAX, pair.now), Progress::finished);
    EXPECT_EQ(pair.b.progress, Progress::finished);
}

TEST(YamuxMultiplexer, an_ended_connection_is_finished_or_cut_inside_a_frame) {
    Side a(Role::responder);
    Side other(Role::initiator);
    a.ended = true;
    EXPECT_EQ(a.step(other, SIZE_MAX, kStart), Progress::finished);
    Side cut(Role::responder);
    cut.ended = true;
    cut.feed({.type = FrameType::data, .flags = kSyn, .stream = 1, .length = 10}, Bytes(9, 1));
    EXPECT_EQ(cut.step(other, SIZE_MAX, kStart), Progress::failed);
    EXPECT_EQ(cut.machine.failure(), Failure::ended_inside_frame);
}

TEST(YamuxMultiplexer, the_whole_connection_holds_a_bounded_number_of_unread_bytes) {
    Side a(Role::responder);
    Side other(Role::initiator);
    const Bytes window(kInitialWindow, 1);
    for (std::uint32_t i = 0; i < 100; ++i) {
        a.feed({FrameType::data, kSyn, 2 * i + 1, kInitialWindow}, window);
    }
    a.step(other, SIZE_MAX, kStart);
    EXPECT_LE(a.machine.unread_bytes(), kUnreadBytesMax + kInitialWindow);
    EXPECT_FALSE(a.inbox.empty());
}

}  // namespace
}  // namespace stipple::libp2p::yamux
