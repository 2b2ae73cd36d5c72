// A peer may speak as soon as both directions are open for it. They need not be open for us yet:
// what it says then waits, and comes after the news of the opening.
#include "node/network/board_world.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using network::Protocol;
using testing::World;

Bytes announce_handshake() {
    return network::encode(network::BlockAnnounceHandshake{
        .role = network::Role::full, .best = {}, .genesis = testing::kNames.genesis});
}

class EarlyNotifications : public ::testing::Test {
 protected:
    /// Our direction is open, what the board opens is only offered to us.
    void open(Protocol protocol, Bytes handshake) {
        ASSERT_TRUE(peer.host->open_notifications(world.now, notification_id(protocol),
                                                  std::move(handshake)));
        world.run();
        ASSERT_TRUE(
            peer.host->notifications_open(notification_id(protocol), libp2p::Direction::outbound));
    }
    void say(Protocol protocol, std::string_view message) {
        ASSERT_TRUE(peer.host->send_notification(notification_id(protocol), to_bytes(message)));
        world.run();
    }
    void accept(Protocol protocol, Bytes handshake) {
        ASSERT_TRUE(
            peer.host->accept_notifications(notification_id(protocol), std::move(handshake)));
        world.run();
    }
    void join() {
        open(Protocol::block_announces, announce_handshake());
        accept(Protocol::block_announces, announce_handshake());
        ASSERT_EQ(board.all<PeerJoined>().size(), 1U);
    }
    /// What the core is told, a word each.
    std::vector<std::string> told() const {
        std::vector<std::string> words;
        for (const auto& event : board.events) {
            if (std::holds_alternative<PeerJoined>(event)) {
                words.emplace_back("joined");
            } else if (const auto* opened = std::get_if<ProtocolOpened>(&event);
                       opened != nullptr && opened->protocol == Protocol::grandpa) {
                words.emplace_back("opened");
            } else if (const auto* note = std::get_if<NotificationReceived>(&event)) {
                words.emplace_back(as_text(note->message));
            }
        }
        return words;
    }
    using Words = std::vector<std::string>;

    World world;
    World::Board& board = world.join();
    World::Villain& peer = world.attack(board, 40);
};

TEST_F(EarlyNotifications, of_blocks_come_after_the_peer_has_joined) {
    open(Protocol::block_announces, announce_handshake());
    say(Protocol::block_announces, "first");
    say(Protocol::block_announces, "second");
    EXPECT_EQ(told(), Words{});
    accept(Protocol::block_announces, announce_handshake());
    EXPECT_EQ(told(), (Words{"joined", "first", "second"}));
}

TEST_F(EarlyNotifications, of_votes_come_after_both_directions_are_open) {
    join();
    open(Protocol::grandpa, Bytes{1});
    say(Protocol::grandpa, "view");
    EXPECT_EQ(told(), Words{"joined"});
    accept(Protocol::grandpa, Bytes{1});
    say(Protocol::grandpa, "vote");
    EXPECT_EQ(told(), (Words{"joined", "opened", "view", "vote"}));
}

TEST_F(EarlyNotifications, are_heard_of_a_peer_that_wants_to_hear_nothing) {
    join();
    open(Protocol::grandpa, Bytes{1});
    say(Protocol::grandpa, "view");
    EXPECT_EQ(told(), Words{"joined"});
    ASSERT_TRUE(peer.host->reject_notifications(notification_id(Protocol::grandpa)));
    world.run();
    EXPECT_EQ(told(), (Words{"joined", "view"}));
}

TEST_F(EarlyNotifications, wait_with_the_peer_and_are_not_held_here) {
    join();
    open(Protocol::grandpa, Bytes{1});
    constexpr std::size_t kMessage = 100'000;
    for (int i = 0; i < 40; ++i) {
        peer.host->send_notification(notification_id(Protocol::grandpa), Bytes(kMessage, 1));
        world.run();
    }
    EXPECT_TRUE(board.all<NotificationReceived>().empty());
    EXPECT_GT(peer.host->queued_bytes(notification_id(Protocol::grandpa)), 10 * kMessage);
    for (const auto& [id, end] : board.ends) {
        EXPECT_LT(board.board->held_bytes(id), kMessage);
    }
}

}  // namespace
}  // namespace stipple::node
