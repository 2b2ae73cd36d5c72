// A Host against a bare Connection that breaks the rules above it.
#include "libp2p/host/host.hpp"
#include "libp2p/host/test_link.hpp"
#include "libp2p/multiformats/varint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::kAnnounces;
using test::kBlocks;
using test::kGossip;
using test::kLinkStart;
using test::Link;
using test::milliseconds;
using test::Pipe;
using test::seconds;
using testing::ElementsAre;

struct Hostile {
    Hostile()
        : villain(test::connection_config(Direction::outbound), test::identity(1),
                  std::make_shared<ProtocolNames>(
                      ProtocolNames{"/ipfs/ping/1.0.0", "/g/announces/1", "/g/blocks/1"})),
          host(test::host_config(Direction::inbound, test::table_config()), test::identity(2)) {
        run();
        EXPECT_EQ(Link::take<Ready>(events).size(), 1U);
        base = host.substream_count();
    }

    void step_host() {
        test::step(host, now, to_host, to_villain, 1 << 20, wake);
        collect();
    }
    void collect() {
        auto more = host.take_events();
        std::ranges::move(more, std::back_inserter(events));
    }
    /// Until nothing moves; without `take` the host's owner is asleep.
    void run(bool take = true) {
        std::optional<Instant> ignored;
        for (int quiet = 0; quiet < 3;) {
            bool moved = test::step(villain, now, to_villain, to_host, 1 << 20, ignored);
            auto seen = villain.take_events();
            moved = moved || !seen.empty();
            std::ranges::move(seen, std::back_inserter(villain_events));
            moved = test::step(host, now, to_host, to_villain, 1 << 20, wake) || moved;
            if (take) {
                const std::size_t before = events.size();
                collect();
                moved = moved || events.size() > before;
            }
            quiet = moved ? 0 : quiet + 1;
        }
    }
    SubstreamId open(const std::string& name) {
        const auto id = villain.open(now, {&name, 1});
        EXPECT_TRUE(id.has_value());
        run();
        return id.value_or(SubstreamId{});
    }
    /// Takes nothing of what came; true when all was written.
    bool put(SubstreamId id, ByteView bytes, bool end = false) {
        while (!bytes.empty() || end) {
            std::size_t count = 0;
            const bool there = villain.with_substream(id, now, [&](ByteExchange& stream) {
                count = std::min(bytes.size(), stream.allowance);
                stream.put(bytes.first(count));
                stream.output_ended = end && count == bytes.size();
            });
            bytes = bytes.subspan(count);
            run();
            if (!there || bytes.empty()) {
                return there;
            }
        }
        return true;
    }
    /// A reset is told once what came before it was taken.
    bool was_reset(SubstreamId id) {
        std::size_t taken = 1;
        while (taken > 0) {
            taken = 0;
            villain.with_substream(id, now, [&](ByteExchange& stream) {
                taken = stream.unread.size();
                stream.take(taken);
            });
            run();
        }
        return std::ranges::any_of(villain_events, [&](const ConnectionEvent& event) {
            const auto* reset = std::get_if<Reset>(&event);
            const auto* failed = std::get_if<OpenFailed>(&event);
            return (reset != nullptr && reset->stream == id) ||
                   (failed != nullptr && failed->substream == id);
        });
    }
    std::size_t extra_substreams() const { return host.substream_count() - base; }

    Instant now = kLinkStart;
    Connection villain;
    Host host;
    Pipe to_host;
    Pipe to_villain;
    std::vector<HostEvent> events;
    std::vector<ConnectionEvent> villain_events;
    std::optional<Instant> wake;
    std::size_t base = 0;
};

Bytes framed(const Bytes& message) {
    Bytes out;
    append_frame(out, message);
    return out;
}

TEST(HostAgainstHostilePeer, resets_requests_that_claim_too_much) {
    Hostile world;
    const SubstreamId id = world.open("/g/quick/1");
    world.put(id, Bytes{33});
    EXPECT_TRUE(world.was_reset(id));
    EXPECT_TRUE(Link::take<RequestReceived>(world.events).empty());
    EXPECT_FALSE(world.host.is_over());
    EXPECT_EQ(world.extra_substreams(), 0U);
}

TEST(HostAgainstHostilePeer, resets_requests_and_handshakes_that_never_come) {
    Hostile world;
    const SubstreamId request = world.open("/g/quick/1");
    const SubstreamId offer = world.open("/g/announces/1");
    const SubstreamId endless = world.open("/g/gossip/1");
    world.put(endless, Bytes{0xff, 0xff, 0x7f});
    EXPECT_TRUE(world.was_reset(endless));
    world.now = world.now + seconds(1);
    world.run();
    EXPECT_TRUE(world.was_reset(request));
    EXPECT_FALSE(world.was_reset(offer));
    world.now = kLinkStart + kHandshakeTimeout;
    world.run();
    EXPECT_TRUE(world.was_reset(offer));
    EXPECT_TRUE(Link::take<NotificationsOffered>(world.events).empty());
    EXPECT_TRUE(Link::take<NotificationsClosed>(world.events).empty());
    EXPECT_EQ(world.extra_substreams(), 0U);
}

TEST(HostAgainstHostilePeer, takes_a_bounded_number_of_each_kind_of_substream) {
    Hostile world;
    for (int i = 0; i < 100; ++i) {
        for (const char* name : {"/g/blocks/1", "/g/kad", "/ipfs/ping/1.0.0", "/ipfs/id/push/1.0.0",
                                 "/g/announces/1"}) {
            world.open(name);
        }
    }
    EXPECT_EQ(world.extra_substreams(),
              2 * kRequestsInPerProtocolMax + 2 * kSmallSubstreamsMax + 1);
    EXPECT_FALSE(world.host.is_over());
    world.now = world.now + seconds(30);
    world.run();
    world.now = world.now + kCloseLinger;
    world.run();
    EXPECT_LE(world.extra_substreams(), kSmallSubstreamsMax) << "only pings may stay";
}

TEST(HostAgainstHostilePeer, holds_a_bounded_number_of_bytes_of_requests) {
    Hostile world;
    Bytes almost = framed(Bytes(1 << 20, 1));
    almost.pop_back();
    for (int i = 0; i < 12; ++i) {
        world.put(world.open("/g/blocks/1"), almost);
        ASSERT_LE(world.host.held_bytes(), kRequestBytesHeldMax + (1 << 20));
    }
    EXPECT_LT(world.extra_substreams(), 12U);
    world.now = world.now + seconds(20);
    world.run();
    EXPECT_EQ(world.host.held_bytes(), 0U);
}

TEST(HostAgainstHostilePeer, holds_a_bounded_number_of_bytes_of_answers) {
    Hostile world;
    for (int i = 0; i < 4; ++i) {
        world.put(world.open("/g/blocks/1"), Bytes{0});
    }
    const auto asked = Link::take<RequestReceived>(world.events);
    ASSERT_EQ(asked.size(), 4U);
    EXPECT_TRUE(world.host.respond(asked[0].id, Bytes(16 << 20, 1)));
    EXPECT_TRUE(world.host.respond(asked[1].id, Bytes(16 << 20, 1)));
    EXPECT_FALSE(world.host.respond(asked[2].id, Bytes(16 << 20, 1))) << "the peer reads nothing";
    world.run();
    EXPECT_LE(world.host.held_bytes(), kAnswerBytesHeldMax);
    world.now = world.now + seconds(20);
    world.run();
    EXPECT_EQ(world.host.held_bytes(), 0U);
    world.put(world.open("/g/blocks/1"), Bytes{0});
    EXPECT_TRUE(
        world.host.respond(Link::take<RequestReceived>(world.events).at(0).id, Bytes(16 << 20, 1)))
        << "there is room again";
}

TEST(HostAgainstHostilePeer, stops_reading_when_its_owner_does) {
    Hostile world;
    const SubstreamId id = world.open("/g/announces/1");
    world.put(id, framed(to_bytes("hello")));
    EXPECT_EQ(Link::take<NotificationsOffered>(world.events).size(), 1U);
    EXPECT_TRUE(world.host.accept_notifications(kAnnounces, {}));
    world.run();
    const Bytes message = framed(Bytes(100'000, 1));
    std::size_t sent = 0;
    for (int i = 0; i < 1000; ++i) {
        world.villain.with_substream(id, world.now, [&](ByteExchange& stream) {
            const std::size_t begin = sent % message.size();
            const ByteView part = ByteView(message).subspan(begin);
            const std::size_t count = std::min(part.size(), stream.allowance);
            stream.put(part.first(count));
            sent += count;
        });
        world.run(false);
        ASSERT_LE(world.host.held_bytes(), kHostEventBytesMax + 2 * (1 << 20));
    }
    EXPECT_LT(sent, 32U << 20) << "the window closed";
    world.run();
    world.run();
    const auto got = Link::take<Notification>(world.events);
    EXPECT_GE(got.size(), sent / message.size() - 3) << "and nothing is lost";
}

TEST(HostAgainstHostilePeer, refuses_messages_to_a_peer_that_does_not_read_and_closes) {
    Hostile world;
    ASSERT_TRUE(world.host.open_notifications(world.now, kAnnounces, to_bytes("hi")));
    world.run();
    SubstreamId id{};
    for (const auto& event : world.villain_events) {
        if (const auto* opened = std::get_if<Opened>(&event);
            opened != nullptr && opened->protocol == "/g/announces/1") {
            id = opened->substream;
        }
    }
    world.put(id, framed(to_bytes("welcome")));
    ASSERT_TRUE(world.host.notifications_open(kAnnounces, Direction::outbound));
    int refused = 0;
    for (int i = 0; i < 100; ++i) {
        refused += world.host.send_notification(kAnnounces, Bytes(900'000, 1)) ? 0 : 1;
        world.run();
        ASSERT_LE(world.host.queued_bytes(kAnnounces), (4U << 20) + (1U << 20));
    }
    EXPECT_GT(refused, 90);
    for (int i = 0; i < 10; ++i) {
        world.now = world.now + seconds(10);
        world.run();
    }
    EXPECT_THAT(Link::take<NotificationsClosed>(world.events),
                ElementsAre(NotificationsClosed{kAnnounces, Direction::outbound,
                                                NotificationsFailure::stalled}));
    EXPECT_TRUE(world.was_reset(id));
    EXPECT_EQ(world.host.held_bytes(), 0U);
}

TEST(HostAgainstHostilePeer, closes_notifications_that_break_the_rules) {
    Hostile world;
    const SubstreamId id = world.open("/g/gossip/1");
    world.put(id, framed(to_bytes("hello")));
    world.host.accept_notifications(kGossip, {});
    const SubstreamId second = world.open("/g/gossip/1");
    EXPECT_TRUE(world.was_reset(second)) << "one offer of a protocol at a time";
    world.put(id, framed(Bytes(1001, 1)));
    EXPECT_THAT(Link::take<NotificationsClosed>(world.events),
                ElementsAre(NotificationsClosed{kGossip, Direction::inbound,
                                                NotificationsFailure::malformed}));
    EXPECT_TRUE(world.was_reset(id));
}

TEST(HostAgainstHostilePeer, takes_an_offer_right_behind_the_end_of_the_one_before) {
    Hostile world;
    const SubstreamId first = world.open("/g/gossip/1");
    world.put(first, framed(to_bytes("one")));
    world.host.accept_notifications(kGossip, {});
    world.run();
    world.villain.with_substream(first, world.now,
                                 [](ByteExchange& stream) { stream.output_ended = true; });
    world.put(world.open("/g/gossip/1"), framed(to_bytes("two")));
    const auto offered = Link::take<NotificationsOffered>(world.events);
    ASSERT_EQ(offered.size(), 2U);
    EXPECT_EQ(as_text(offered[1].handshake), "two");
}

TEST(HostAgainstHostilePeer, lets_one_substream_not_starve_the_others) {
    Hostile world;
    const SubstreamId flood = world.open("/g/gossip/1");
    world.put(flood, framed({}));
    world.host.accept_notifications(kGossip, {});
    world.run();
    const SubstreamId request = world.open("/g/blocks/1");
    Bytes many;
    for (int i = 0; i < 100'000; ++i) {
        many.push_back(0);
    }
    world.villain.with_substream(flood, world.now, [&](ByteExchange& stream) { stream.put(many); });
    world.villain.with_substream(request, world.now,
                                 [](ByteExchange& stream) { stream.put(Bytes{0}); });
    std::optional<Instant> ignored;
    world.events.clear();
    test::step(world.villain, world.now, world.to_villain, world.to_host, 1 << 20, ignored);
    world.step_host();
    EXPECT_LE(world.events.size(), kHostEventsMax + 1);
    world.step_host();
    EXPECT_EQ(Link::take<RequestReceived>(world.events).size(), 1U);
}

TEST(HostAgainstHostilePeer, gives_up_a_silent_peer) {
    Hostile world;
    for (int i = 0; i < 200 && !world.host.is_over(); ++i) {
        world.now = world.now + seconds(1);
        world.step_host();  // the peer is gone without a word
        world.to_villain.bytes.clear();
    }
    ASSERT_FALSE(world.events.empty());
    EXPECT_EQ(world.events.back(), HostEvent(Failed{ConnectionFailure::timed_out, ""}));
    EXPECT_GE(world.now - kLinkStart, kSilenceMax);
    EXPECT_LE(world.now - kLinkStart, kSilenceMax + seconds(60));
    EXPECT_TRUE(world.to_villain.ended);
}

}  // namespace
}  // namespace stipple::libp2p
