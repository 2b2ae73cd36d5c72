#include "io/net/loop.hpp"

#include "io/clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace stipple::io::net {
namespace {

using namespace std::chrono_literals;

/// Notes what happens; what sockets do is for each test to say.
struct Recorder : Handler {
    std::function<void(SocketId, Exchange&)> use = [](SocketId, Exchange&) {};
    std::vector<SocketId> accepted;
    std::vector<SocketId> connected;
    std::map<SocketId, CloseReason> closed;
    std::vector<std::string> packets;
    Loop* loop = nullptr;

    void on_accept(Instant, SocketId socket, SocketId, const SocketAddress& peer) override {
        EXPECT_TRUE(peer.text().starts_with("127.0.0.1:") || peer.text().starts_with("[::1]:"));
        accepted.push_back(socket);
    }
    void on_connected(Instant, SocketId socket, const SocketAddress&) override {
        connected.push_back(socket);
    }
    void on_exchange(SocketId socket, Exchange& io) override { use(socket, io); }
    void on_closed(Instant, SocketId socket, CloseReason reason, std::string_view) override {
        EXPECT_TRUE(closed.emplace(socket, reason).second) << "closed twice";
    }
    void on_datagram(Instant, SocketId, const SocketAddress&, ByteView packet) override {
        packets.emplace_back(as_text(packet));
    }
};

struct LoopTest : testing::Test {
    Recorder recorder;
    std::unique_ptr<Loop> loop = make({});
    std::unique_ptr<Loop> make(const LoopConfig& config) {
        auto made = Loop::create(recorder, config);
        EXPECT_TRUE(made);
        return std::move(*made);
    }
    SocketAddress listen(const char* ip = "127.0.0.1") {
        const auto id = loop->listen(*SocketAddress::parse(ip, 0));
        EXPECT_TRUE(id);
        return *loop->local_address(*id);
    }
    template <class F>
    bool turn_until(F&& done, Duration limit = 10s) {
        const Instant end = io::now() + limit;
        while (!done() && io::now() < end) {
            loop->turn(50ms);
        }
        return done();
    }
    std::pair<SocketId, SocketId> connect() {
        const SocketId dialled = loop->dial(listen(), 5s);
        EXPECT_TRUE(
            turn_until([&] { return !recorder.accepted.empty() && !recorder.connected.empty(); }));
        return {dialled, recorder.accepted.back()};
    }
};

void put(Exchange& io, std::string_view text) {
    append(*io.output, as_bytes(text));
}

TEST_F(LoopTest, a_listener_reports_its_chosen_port_and_bytes_come_back) {
    const SocketAddress address = listen();
    EXPECT_NE(address.port, 0);
    std::string got;
    const SocketId dialled = loop->dial(address, 5s);
    bool sent = false;
    recorder.use = [&](SocketId id, Exchange& io) {
        if (id == dialled) {
            if (!sent) {
                put(io, "hello");
                sent = true;
            }
            got.append(as_text(io.unread));
            io.take(io.unread.size());
        } else {  // echo
            append(*io.output, io.unread);
            io.take(io.unread.size());
        }
    };
    EXPECT_TRUE(turn_until([&] { return got == "hello"; }));
    EXPECT_EQ(recorder.connected, std::vector{dialled});
    EXPECT_EQ(loop->remote_address(dialled), address);
    EXPECT_EQ(loop->local_address(dialled)->port,
              loop->remote_address(recorder.accepted.at(0))->port);
}

TEST_F(LoopTest, ip6_and_names_can_be_dialled) {
    if (!loop->listen(*SocketAddress::parse("::1", 0))) {
        GTEST_SKIP() << "no IPv6 on this machine";
    }
    const SocketAddress ip6 = listen("::1");
    loop->dial(ip6, 5s);
    loop->dial("localhost", listen().port, NameFamily::ip4, 5s);
    EXPECT_TRUE(turn_until([&] { return recorder.connected.size() == 2; }));
}

TEST_F(LoopTest, megabytes_pass_through_small_buffers_with_a_slow_reader) {
    constexpr std::size_t kTotal = 8 << 20;
    const auto [dialled, accepted] = connect();
    std::size_t sent = 0;
    std::size_t got = 0;
    std::size_t unread_most = 0;
    recorder.use = [&, writer = dialled](SocketId id, Exchange& io) {
        if (id == writer) {
            const std::size_t count = std::min(io.allowance, kTotal - sent);
            io.output->resize(io.output->size() + count, 7);
            sent += count;
            io.output_ended = sent == kTotal;
            return;
        }
        unread_most = std::max(unread_most, io.unread.size());
        const std::size_t count = std::min<std::size_t>(io.unread.size(), 50'000);
        got += count;
        io.take(count);
        io.wake_at = io.unread.empty() ? std::nullopt : std::optional(io.now);
        io.output_ended = io.input_ended && io.unread.empty();
    };
    loop->touch(dialled);
    EXPECT_TRUE(turn_until([&] { return recorder.closed.size() == 2; }));
    EXPECT_EQ(got, kTotal);
    EXPECT_LE(unread_most, kUnreadBytesMax + kReadBytes);
    EXPECT_EQ(recorder.closed[dialled], CloseReason::ended);
    EXPECT_EQ(recorder.closed[accepted], CloseReason::ended);
}

TEST_F(LoopTest, a_peer_that_never_reads_stops_the_writer_at_its_buffer) {
    const auto [dialled, accepted] = connect();
    std::size_t sent = 0;
    std::size_t calls = 0;
    recorder.use = [&, writer = dialled](SocketId id, Exchange& io) {
        if (id == writer) {
            ++calls;
            sent += io.allowance;
            io.output->resize(io.output->size() + io.allowance, 7);
        }
    };
    loop->touch(dialled);
    turn_until([] { return false; }, 300ms);
    const std::size_t stalled = sent;
    EXPECT_LT(calls, 200U);
    turn_until([] { return false; }, 200ms);
    EXPECT_EQ(sent, stalled);
    EXPECT_TRUE(recorder.closed.empty());
}

TEST_F(LoopTest, half_closed_peers_still_hear_the_answer) {
    const auto [dialled, accepted] = connect();
    std::string got;
    bool asked = false;
    recorder.use = [&, asker = dialled](SocketId id, Exchange& io) {
        if (id == asker) {
            if (!asked) {
                put(io, "question");
                asked = true;
            }
            got.append(as_text(io.unread));
            io.take(io.unread.size());
            io.output_ended = !got.empty();
        } else if (!io.unread.empty()) {
            put(io, "answer");
            io.take(io.unread.size());
            io.output_ended = true;  // the answerer ends first
        }
    };
    loop->touch(dialled);
    EXPECT_TRUE(turn_until([&] { return recorder.closed.size() == 2; }));
    EXPECT_EQ(got, "answer");
    EXPECT_EQ(recorder.closed[accepted], CloseReason::ended);
}

TEST_F(LoopTest, who_says_nothing_is_called_at_the_time_asked_and_can_be_closed) {
    const auto [dialled, accepted] = connect();
    std::optional<Instant> asked;
    recorder.use = [&, silent = accepted](SocketId id, Exchange& io) {
        if (id == silent && !asked) {
            asked = io.now + 60ms;
            io.wake_at = asked;
        } else if (id == silent && io.now >= *asked) {
            loop->close(id);
        }
        io.output_ended = io.input_ended;
    };
    loop->touch(accepted);
    EXPECT_TRUE(turn_until([&] { return recorder.closed.size() == 2; }));
    EXPECT_GE(loop->now(), *asked);
    EXPECT_EQ(recorder.closed[accepted], CloseReason::by_us);
}

TEST_F(LoopTest, a_peer_that_does_not_end_is_dropped_after_lingering) {
    const auto [dialled, accepted] = connect();
    recorder.use = [&, first = dialled](SocketId id, Exchange& io) {
        io.output_ended = id == first;  // the other side never ends
    };
    loop->touch(dialled);
    EXPECT_TRUE(turn_until([&] { return recorder.closed.contains(dialled); }, kLingerTime + 2s));
    EXPECT_EQ(recorder.closed.size(), 1U);
}

TEST_F(LoopTest, dials_fail_with_their_reason) {
    const SocketAddress nobody = listen();
    const SocketId listener = *loop->listen(SocketAddress::loopback(0));
    const std::uint16_t port = loop->local_address(listener)->port;
    loop->close(listener);
    const SocketId refused = loop->dial(SocketAddress::loopback(port), 5s);
    const SocketId nameless = loop->dial("no-such-name.invalid", 1, NameFamily::any, 30s);
    const SocketId slow = loop->dial("no-such-name.invalid", 1, NameFamily::any, 0ms);
    EXPECT_TRUE(turn_until([&] { return recorder.closed.size() == 3; }, 30s));
    EXPECT_EQ(recorder.closed[refused], CloseReason::refused);
    EXPECT_EQ(recorder.closed[nameless], CloseReason::unknown_name);
    EXPECT_EQ(recorder.closed[slow], CloseReason::timed_out);
    EXPECT_EQ(loop->stream_count(), 0U);
    EXPECT_FALSE(loop->listen(nobody));  // taken
}

TEST_F(LoopTest, a_thousand_idle_sockets_stay_and_one_of_them_still_works) {
    const SocketAddress address = listen();
    std::vector<SocketId> dialled;
    for (int i = 0; i < 1000; ++i) {
        dialled.push_back(loop->dial(address, 20s));
        if (i % 100 == 99) {
            const std::size_t want = dialled.size();
            ASSERT_TRUE(turn_until([&] {
                return recorder.connected.size() == want && recorder.accepted.size() == want;
            }));
        }
    }
    std::string got;
    bool sent = false;
    recorder.use = [&](SocketId id, Exchange& io) {
        if (id == dialled[500] && !sent) {
            put(io, "x");
            sent = true;
        }
        got.append(as_text(io.unread));
        io.take(io.unread.size());
    };
    loop->touch(dialled[500]);
    EXPECT_TRUE(turn_until([&] { return got == "x"; }));
    EXPECT_EQ(loop->stream_count(), 2000U);
    EXPECT_TRUE(recorder.closed.empty());
}

TEST_F(LoopTest, a_socket_too_many_is_closed_when_accepted_and_dials_have_no_place) {
    loop = make({.sockets_max = 3});
    const SocketAddress address = listen();
    loop->dial(address, 5s);
    const SocketId second = loop->dial(address, 5s);
    const SocketId third = loop->dial(address, 5s);
    const SocketId fourth = loop->dial(address, 5s);
    EXPECT_TRUE(turn_until([&] { return recorder.closed.contains(fourth); }));
    EXPECT_EQ(recorder.closed[fourth], CloseReason::no_place);
    EXPECT_TRUE(turn_until([&] { return recorder.connected.size() == 3; }));
    turn_until([] { return false; }, 200ms);
    EXPECT_TRUE(recorder.accepted.empty());
    static_cast<void>(second);
    static_cast<void>(third);
}

TEST_F(LoopTest, timers_run_in_order_and_can_be_cancelled) {
    std::vector<int> order;
    const Instant start = io::now();
    loop->at(start + 40ms, [&](Instant) { order.push_back(2); });
    loop->at(start + 20ms, [&](Instant) { order.push_back(1); });
    const TimerId never = loop->at(start + 30ms, [&](Instant) { order.push_back(9); });
    loop->cancel(never);
    EXPECT_TRUE(turn_until([&] { return order.size() == 2; }));
    EXPECT_THAT(order, testing::ElementsAre(1, 2));
    EXPECT_GE(io::now() - start, 40ms);
}

TEST_F(LoopTest, work_posted_by_other_threads_runs_on_the_loops_own) {
    loop->start("test-loop");
    std::atomic<int> done = 0;
    std::thread::id where;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                loop->post([&] {
                    where = std::this_thread::get_id();
                    ++done;
                });
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    while (done < 4000) {
        std::this_thread::yield();
    }
    loop->stop();
    EXPECT_NE(where, std::this_thread::get_id());
    const auto mailbox = loop->mailbox();
    loop.reset();
    mailbox->post([] { FAIL() << "the loop is gone"; });
}

TEST_F(LoopTest, a_multicast_packet_reaches_the_group_on_this_machine) {
    const SocketAddress group = *SocketAddress::parse("239.255.77.77", 15353);
    const DatagramConfig config{.bind = *SocketAddress::parse("0.0.0.0", 15353),
                                .group = group,
                                .interface = SocketAddress::loopback(0)};
    const auto first = loop->open_datagrams(config);
    const auto second = loop->open_datagrams(config);
    if (!first || !second) {
        GTEST_SKIP() << "no multicast: " << (first ? second : first).error().message();
    }
    ASSERT_TRUE(loop->send_datagram(*first, group, as_bytes("who is there")));
    EXPECT_TRUE(turn_until([&] { return recorder.packets.size() == 2; }));
    EXPECT_THAT(recorder.packets, testing::Each("who is there"));
    EXPECT_FALSE(loop->send_datagram(SocketId(999), group, {}));
}

TEST(SocketAddress, text_and_parsing_agree) {
    EXPECT_EQ(SocketAddress::parse("127.0.0.1", 80)->text(), "127.0.0.1:80");
    EXPECT_EQ(SocketAddress::parse("::1", 80)->text(), "[::1]:80");
    EXPECT_FALSE(SocketAddress::parse("localhost", 80));
    EXPECT_EQ(SocketAddress::parse("127.0.0.1", 80), SocketAddress::loopback(80));
    const auto here = interface_addresses();
    ASSERT_TRUE(here);
    EXPECT_THAT(*here, testing::Contains(SocketAddress::loopback(0)));
}

}  // namespace
}  // namespace stipple::io::net
