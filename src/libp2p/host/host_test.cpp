#include "libp2p/host/host.hpp"

#include "libp2p/host/test_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::kAnnounces;
using test::kBlocks;
using test::kGossip;
using test::kLinkStart;
using test::kOnlyDialled;
using test::kQuick;
using test::Link;
using test::milliseconds;
using test::seconds;
using testing::ElementsAre;

/// Both directions of a protocol, as two nodes do it.
void connect_notifications(Link& link, NotificationProtocolId protocol) {
    ASSERT_TRUE(link.left.open_notifications(link.now, protocol, to_bytes("left")));
    link.run();
    EXPECT_THAT(Link::take<NotificationsOffered>(link.right_events),
                ElementsAre(NotificationsOffered{protocol, to_bytes("left")}));
    ASSERT_TRUE(link.right.accept_notifications(protocol, to_bytes("right")));
    ASSERT_TRUE(link.right.open_notifications(link.now, protocol, to_bytes("right")));
    link.run();
    EXPECT_THAT(Link::take<NotificationsOffered>(link.left_events),
                ElementsAre(NotificationsOffered{protocol, to_bytes("right")}));
    ASSERT_TRUE(link.left.accept_notifications(protocol, to_bytes("left")));
    link.run();
    for (Host* host : {&link.left, &link.right}) {
        EXPECT_TRUE(host->notifications_open(protocol, Direction::inbound));
        EXPECT_TRUE(host->notifications_open(protocol, Direction::outbound));
    }
}

TEST(Host, identifies_and_pings_by_itself_however_bytes_are_cut) {
    for (const std::size_t cut : {1UL, 7UL, 100'000UL}) {
        Link link(cut);
        link.run();
        ASSERT_FALSE(link.left_events.empty());
        EXPECT_EQ(link.left_events[0], HostEvent(Ready{test::identity(2).peer()}));
        const auto told = Link::take<Identified>(link.left_events);
        ASSERT_EQ(told.size(), 1U);
        EXPECT_EQ(told[0].info.agent_version, "side 2");
        EXPECT_EQ(told[0].info.observed_address->text(), "/ip4/9.9.9.9/tcp/999");
        EXPECT_THAT(told[0].info.protocols, testing::Contains("/g/kad"));
        EXPECT_THAT(told[0].info.protocols, testing::Contains("/old/blocks/1"));
        EXPECT_THAT(told[0].info.protocols, testing::Not(testing::Contains("/g/unspoken/1")));
        EXPECT_EQ(Link::take<RoundTrip>(link.left_events).size(), 1U);
        EXPECT_EQ(Link::take<RoundTrip>(link.right_events).size(), 1U);
        EXPECT_FALSE(link.left.in_use());
        link.pass(kPingInterval);
        EXPECT_EQ(Link::take<RoundTrip>(link.left_events).size(), 1U);
    }
}

TEST(Host, has_a_request_answered) {
    for (const std::size_t cut : {3UL, 100'000UL}) {
        Link link(cut);
        link.run();
        link.left.send_request(link.now, RequestId(7), kBlocks, to_bytes("which?"));
        link.run();
        const auto asked = Link::take<RequestReceived>(link.right_events);
        ASSERT_EQ(asked.size(), 1U);
        EXPECT_EQ(asked[0].protocol, kBlocks);
        EXPECT_EQ(as_text(asked[0].request), "which?");
        EXPECT_TRUE(link.left.in_use());
        EXPECT_TRUE(link.right.in_use());
        EXPECT_TRUE(link.right.respond(asked[0].id, Bytes(5000, 3)));
        EXPECT_FALSE(link.right.respond(asked[0].id, Bytes(5000, 3))) << "answered already";
        link.run();
        EXPECT_THAT(Link::take<ResponseReceived>(link.left_events),
                    ElementsAre(ResponseReceived{RequestId(7), Bytes(5000, 3)}));
        EXPECT_FALSE(link.left.in_use());
        EXPECT_FALSE(link.right.in_use());
        EXPECT_EQ(link.left.substream_count(), link.right.substream_count());
    }
}

TEST(Host, carries_the_largest_answer) {
    Link link;
    link.run();
    link.left.send_request(link.now, RequestId(1), kBlocks, Bytes(1 << 20, 1));
    link.run();
    const auto asked = Link::take<RequestReceived>(link.right_events);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_TRUE(link.right.respond(asked[0].id, Bytes(16 << 20, 2)));
    link.run();
    const auto got = Link::take<ResponseReceived>(link.left_events);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].response.size(), 16U << 20);
}

TEST(Host, speaks_the_old_name_with_a_peer_that_knows_no_other) {
    auto old = test::table_config();
    old.requests[0].names = {"/old/blocks/1"};
    Link link(1000, test::table_config(), old);
    link.run();
    link.left.send_request(link.now, RequestId(1), kBlocks, {});
    link.run();
    const auto asked = Link::take<RequestReceived>(link.right_events);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_TRUE(asked[0].request.empty());
    EXPECT_TRUE(link.right.respond(asked[0].id, {}));
    link.run();
    EXPECT_THAT(Link::take<ResponseReceived>(link.left_events),
                ElementsAre(ResponseReceived{RequestId(1), {}}));
}

TEST(Host, tells_refused_unsupported_late_and_oversized_answers_apart) {
    Link link;
    link.run();
    link.left.send_request(link.now, RequestId(1), kQuick, {});
    link.left.send_request(link.now, RequestId(2), kOnlyDialled, {});
    link.left.send_request(link.now, RequestId(3), kQuick, {});
    link.left.send_request(link.now, RequestId(4), kQuick, {});
    link.run();
    const auto asked = Link::take<RequestReceived>(link.right_events);
    ASSERT_EQ(asked.size(), 3U);
    EXPECT_TRUE(link.right.refuse(asked[0].id));
    EXPECT_FALSE(link.right.respond(asked[1].id, Bytes(65, 1))) << "too long: refused";
    link.run();
    EXPECT_THAT(
        Link::take<RequestFailed>(link.left_events),
        testing::UnorderedElementsAre(RequestFailed{RequestId(1), RequestFailure::refused},
                                      RequestFailed{RequestId(2), RequestFailure::unsupported},
                                      RequestFailed{RequestId(3), RequestFailure::refused}));
    link.pass(seconds(1));
    EXPECT_THAT(Link::take<RequestFailed>(link.left_events),
                ElementsAre(RequestFailed{RequestId(4), RequestFailure::timed_out}));
    EXPECT_FALSE(link.right.respond(asked[2].id, {})) << "nobody waits any more";
}

TEST(Host, forgets_a_cancelled_request) {
    Link link;
    link.run();
    link.left.send_request(link.now, RequestId(1), kBlocks, {});
    link.run();
    const auto asked = Link::take<RequestReceived>(link.right_events);
    link.left.cancel_request(RequestId(1));
    link.run();
    EXPECT_FALSE(link.right.respond(asked.at(0).id, {}));
    EXPECT_TRUE(Link::take<RequestFailed>(link.left_events).empty());
    EXPECT_FALSE(link.left.in_use());
}

TEST(Host, speaks_kademlia_with_and_without_answers) {
    Link link;
    link.run();
    link.left.send_kademlia(link.now, RequestId(1), to_bytes("find"), false);
    link.left.send_kademlia(link.now, RequestId(2), to_bytes("add"), true);
    link.run();
    EXPECT_THAT(Link::take<ResponseReceived>(link.left_events),
                ElementsAre(ResponseReceived{RequestId(2), {}}));
    for (const auto& asked : Link::take<KademliaRequest>(link.right_events)) {
        if (as_text(asked.request) == "find") {
            EXPECT_TRUE(link.right.respond(asked.id, to_bytes("found")));
        } else {
            EXPECT_EQ(as_text(asked.request), "add");
            EXPECT_TRUE(link.right.refuse(asked.id));
        }
    }
    link.run();
    EXPECT_THAT(Link::take<ResponseReceived>(link.left_events),
                ElementsAre(ResponseReceived{RequestId(1), to_bytes("found")}));
    link.pass(seconds(11));
    EXPECT_FALSE(link.left.in_use());
    EXPECT_FALSE(link.right.in_use());
}

TEST(Host, opens_notifications_both_ways_and_carries_messages) {
    for (const std::size_t cut : {1UL, 100'000UL}) {
        Link link(cut);
        link.run();
        connect_notifications(link, kAnnounces);
        const auto opened = Link::take<NotificationsOpened>(link.left_events);
        EXPECT_THAT(
            opened,
            ElementsAre(NotificationsOpened{kAnnounces, Direction::outbound, to_bytes("right")},
                        NotificationsOpened{kAnnounces, Direction::inbound, to_bytes("right")}));
        EXPECT_TRUE(link.left.send_notification(kAnnounces, to_bytes("one")));
        EXPECT_TRUE(link.left.send_notification(kAnnounces, Bytes(3000, 2)));
        EXPECT_TRUE(link.right.send_notification(kAnnounces, {}));
        EXPECT_FALSE(link.left.send_notification(kGossip, to_bytes("not open")));
        link.run();
        EXPECT_THAT(Link::take<Notification>(link.right_events),
                    ElementsAre(Notification{kAnnounces, to_bytes("one")},
                                Notification{kAnnounces, Bytes(3000, 2)}));
        EXPECT_THAT(Link::take<Notification>(link.left_events),
                    ElementsAre(Notification{kAnnounces, {}}));
    }
}

TEST(Host, leaves_messages_with_the_peer_while_they_are_held) {
    Link link;
    link.run();
    EXPECT_FALSE(link.right.hold_notifications(kAnnounces, true)) << "nobody speaks";
    connect_notifications(link, kAnnounces);
    ASSERT_TRUE(link.right.hold_notifications(kAnnounces, true));
    EXPECT_TRUE(link.left.send_notification(kAnnounces, to_bytes("early")));
    link.run();
    EXPECT_TRUE(Link::take<Notification>(link.right_events).empty());
    ASSERT_TRUE(link.right.hold_notifications(kAnnounces, false));
    link.run();
    EXPECT_THAT(Link::take<Notification>(link.right_events),
                ElementsAre(Notification{kAnnounces, to_bytes("early")}));
}

TEST(Host, tells_the_end_of_notifications_to_the_other_side_only) {
    Link link;
    link.run();
    connect_notifications(link, kAnnounces);
    link.left.close_notifications(kAnnounces, Direction::outbound);
    link.left.close_notifications(kAnnounces, Direction::inbound);
    EXPECT_FALSE(link.left.send_notification(kAnnounces, {}));
    link.run();
    EXPECT_TRUE(Link::take<NotificationsClosed>(link.left_events).empty());
    EXPECT_THAT(
        Link::take<NotificationsClosed>(link.right_events),
        testing::UnorderedElementsAre(
            NotificationsClosed{kAnnounces, Direction::inbound, NotificationsFailure::refused},
            NotificationsClosed{kAnnounces, Direction::outbound, NotificationsFailure::refused}));
    Link::take<NotificationsOpened>(link.left_events);
    connect_notifications(link, kAnnounces);
}

TEST(Host, tells_a_rejected_offer) {
    Link link;
    link.run();
    EXPECT_TRUE(link.left.open_notifications(link.now, kGossip, to_bytes("hi")));
    EXPECT_FALSE(link.left.open_notifications(link.now, kGossip, to_bytes("hi"))) << "under way";
    link.run();
    EXPECT_TRUE(link.right.reject_notifications(kGossip));
    EXPECT_FALSE(link.right.accept_notifications(kGossip, {}));
    link.run();
    EXPECT_THAT(Link::take<NotificationsRefused>(link.left_events),
                ElementsAre(NotificationsRefused{kGossip, NotificationsFailure::refused}));
    EXPECT_TRUE(link.left.open_notifications(link.now, kGossip, to_bytes("again")));
    link.pass(kHandshakeTimeout);
    EXPECT_THAT(Link::take<NotificationsRefused>(link.left_events),
                ElementsAre(NotificationsRefused{kGossip, NotificationsFailure::timed_out}))
        << "nobody decided";
    EXPECT_THAT(Link::take<NotificationsClosed>(link.right_events),
                ElementsAre(NotificationsClosed{kGossip, Direction::inbound,
                                                NotificationsFailure::refused}));
    EXPECT_FALSE(link.right.accept_notifications(kGossip, {}));
}

TEST(Host, cannot_open_notifications_the_peer_does_not_speak) {
    auto without = test::table_config();
    without.notifications[1].names = {"/g/gossip/2"};
    Link link(1000, test::table_config(), without);
    link.run();
    EXPECT_TRUE(link.left.open_notifications(link.now, kGossip, {}));
    link.run();
    EXPECT_THAT(Link::take<NotificationsRefused>(link.left_events),
                ElementsAre(NotificationsRefused{kGossip, NotificationsFailure::unsupported}));
}

TEST(Host, pushes_news_of_itself) {
    Link link;
    link.run();
    Link::take<Identified>(link.right_events);
    auto news = std::make_shared<IdentifyInfo>(test::info_of(1));
    news->agent_version = "renamed";
    link.left.set_identify(link.now, news);
    link.run();
    const auto told = Link::take<Identified>(link.right_events);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].info.agent_version, "renamed");
}

TEST(Host, ends_in_good_order_and_fails_what_was_under_way) {
    Link link;
    link.run();
    connect_notifications(link, kAnnounces);
    link.right.send_request(link.now, RequestId(3), kBlocks, {});
    link.run();
    link.left.close();
    link.run();
    ASSERT_FALSE(link.left_events.empty());
    EXPECT_EQ(link.left_events.back(), HostEvent(Closed{}));
    EXPECT_EQ(link.right_events.back(), HostEvent(Closed{}));
    EXPECT_TRUE(link.left.is_over());
    EXPECT_TRUE(link.to_left.ended);
    EXPECT_TRUE(link.to_right.ended);
    EXPECT_EQ(Link::take<RequestFailed>(link.right_events).size(), 1U);
    EXPECT_EQ(link.left.substream_count() + link.right.substream_count(), 0U);
    link.left.send_request(link.now, RequestId(9), kBlocks, {});
    EXPECT_THAT(link.left.take_events(),
                ElementsAre(RequestFailed{RequestId(9), RequestFailure::disconnected}));
}

TEST(Host, fails_requests_before_the_last_event_when_the_stream_is_cut) {
    Link link;
    link.run();
    link.left.send_request(link.now, RequestId(1), kBlocks, {});
    link.left.send_request(link.now, RequestId(2), kBlocks, {});
    link.run();
    link.left_events.clear();
    link.to_left.ended = true;
    link.run();
    ASSERT_EQ(link.left_events.size(), 3U);
    EXPECT_EQ(link.left_events[0],
              HostEvent(RequestFailed{RequestId(1), RequestFailure::disconnected}));
    EXPECT_EQ(link.left_events[1],
              HostEvent(RequestFailed{RequestId(2), RequestFailure::disconnected}));
    EXPECT_TRUE(link.left.is_over());
}

TEST(Host, refuses_requests_before_it_is_ready) {
    Link link;
    link.left.send_request(link.now, RequestId(1), kBlocks, {});
    EXPECT_THAT(link.left.take_events(),
                ElementsAre(RequestFailed{RequestId(1), RequestFailure::disconnected}));
}

}  // namespace
}  // namespace stipple::libp2p
