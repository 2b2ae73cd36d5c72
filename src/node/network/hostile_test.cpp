// Hostile peers against a switchboard that has an honest neighbour: each attack ends in a penalty
// or in silence, what it can make us hold is bounded, and the neighbour stays.
#include "libp2p/kademlia/messages.hpp"
#include "node/network/board_world.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;
using network::Protocol;
using testing::World;

/// Two boards that know each other; the first is attacked.
struct Attacked {
    explicit Attacked(SwitchboardConfig config = {}) {
        world.join(std::move(config));
        world.join();
        world.pass(5s);
        EXPECT_EQ(board.board->peers().size(), 1U);
    }
    ~Attacked() {
        world.pass(1s);
        // A peer that does its part is not touched by what others do.
        EXPECT_TRUE(std::ranges::any_of(board.board->peers(), [&](const PeerView& peer) {
            return peer.id == world.boards[1].peer();
        }));
    }
    Attacked(const Attacked&) = delete;
    Attacked& operator=(const Attacked&) = delete;

    bool banned(const World::Villain& villain) const {
        return board.board->slots().store().banned(world.now, villain.identity->peer());
    }
    World world;
    World::Board& board = world.boards.front();
};

Bytes handshake(const BlockHash& genesis) {
    return network::encode(network::BlockAnnounceHandshake{
        .role = network::Role::full, .best = {}, .genesis = genesis});
}

/// Opens block announces as a node of our chain does, both ways.
bool join_as_peer(Attacked& attacked, World::Villain& villain) {
    const auto id = notification_id(Protocol::block_announces);
    villain.host->open_notifications(attacked.world.now, id, handshake(testing::kNames.genesis));
    attacked.world.run();
    if (villain.all<libp2p::NotificationsOffered>().empty()) {
        return false;
    }
    villain.host->accept_notifications(id, handshake(testing::kNames.genesis));
    attacked.world.run();
    return attacked.board.board->peers().size() == 2;
}

TEST(HostilePeer, with_another_genesis_is_banned_and_never_joins) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 50);
    villain.host->open_notifications(attacked.world.now, notification_id(Protocol::block_announces),
                                     handshake(BlockHash::copy(Bytes(32, 66))));
    attacked.world.run();
    attacked.world.pass(1s);
    EXPECT_TRUE(attacked.banned(villain));
    EXPECT_TRUE(villain.is_gone());
    EXPECT_EQ(attacked.board.all<PeerJoined>().size(), 1U);
    // It comes again while it is banned: disconnected as soon as it proves who it is.
    auto& again = attacked.world.attack(attacked.board, 50);
    attacked.world.pass(1s);
    EXPECT_TRUE(again.is_gone());
}

TEST(HostilePeer, with_garbage_for_a_handshake_is_refused_and_pays) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 51);
    villain.host->open_notifications(attacked.world.now, notification_id(Protocol::block_announces),
                                     Bytes(69, 0xff));
    attacked.world.pass(1s);
    EXPECT_EQ(villain.all<libp2p::NotificationsRefused>().size(), 1U);
    EXPECT_LT(attacked.board.board->slots().store().reputation(attacked.world.now,
                                                               villain.identity->peer()),
              0);
    EXPECT_EQ(attacked.board.all<PeerJoined>().size(), 1U);
}

TEST(HostilePeer, that_never_ends_its_handshake_is_dropped_and_has_few_places) {
    Attacked attacked;
    std::size_t accepted = 0;
    for (int i = 0; i < 100; ++i) {
        accepted += std::size_t{attacked.world.attack_raw(attacked.board, "8.8.8.8")};
    }
    EXPECT_EQ(accepted, network::kInboundPerAddressMax);
    for (int i = 0; i < 1000; ++i) {  // a whole network of them
        attacked.world.attack_raw(
            attacked.board, "9.9." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1));
    }
    EXPECT_LE(attacked.world.wires(), network::kInboundUnprovenMax + 10);
    attacked.world.pass(60s);
    EXPECT_LE(attacked.world.wires(), 2U) << "only those who proved themselves stay";
}

TEST(HostilePeer, that_sends_garbage_for_a_handshake_is_dropped_at_once) {
    Attacked attacked;
    EXPECT_TRUE(attacked.world.attack_raw(attacked.board, "8.8.8.8", Bytes(200'000, 0xff)));
    attacked.world.pass(1s);
    EXPECT_LE(attacked.world.wires(), 2U);
}

TEST(HostilePeer, that_floods_requests_has_a_bounded_number_of_them_waiting) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 52);
    for (std::uint64_t i = 0; i < 2000; ++i) {
        villain.host->send_request(attacked.world.now, libp2p::RequestId(i),
                                   request_id(Protocol::sync), Bytes(100, 1));
        if (i % 50 == 0) {
            attacked.world.run();
        }
    }
    attacked.world.run();
    // Nobody answers: the core is slow.
    EXPECT_LE(attacked.board.all<RequestReceived>().size(), 64U);
    attacked.world.pass(30s);
    const auto ends = villain.all<libp2p::RequestFailed>().size() +
                      villain.all<libp2p::ResponseReceived>().size();
    EXPECT_EQ(ends, 2000U);
}

TEST(HostilePeer, that_does_not_read_makes_nobody_hold_what_it_is_told) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 53);
    ASSERT_TRUE(join_as_peer(attacked, villain));
    const PeerKey key = attacked.board.all<PeerJoined>().back().peer;
    attacked.world.freeze(villain, true);
    for (int i = 0; i < 500; ++i) {
        attacked.world.perform(
            attacked.board, SendNotification{{key}, Protocol::block_announces, Bytes(100'000, 1)});
    }
    std::size_t held = 0;
    for (const auto& [id, end] : attacked.board.ends) {
        held += attacked.board.board->held_bytes(id);
    }
    EXPECT_LT(held, std::size_t{24} << 20U) << "of 50 MB";
    attacked.world.pass(120s);
    EXPECT_EQ(attacked.board.board->peers().size(), 1U) << "silent for too long";
}

TEST(HostilePeer, that_does_not_read_its_answers_gives_way_to_who_does) {
    constexpr std::size_t kHeldMax = std::size_t{40} << 20U;
    constexpr std::size_t kAnswer = std::size_t{8} << 20U;
    SwitchboardConfig config;
    config.answer_bytes_held_max = kHeldMax;
    Attacked attacked(std::move(config));
    const auto held = [&] {
        std::size_t bytes = 0;
        for (const auto& [id, end] : attacked.board.ends) {
            bytes += attacked.board.board->held_bytes(id);
        }
        return bytes;
    };
    const auto answer = std::make_shared<const Bytes>(kAnswer, std::uint8_t{1});
    std::uint64_t next = 0;
    const auto ask_and_answer = [&](World::Villain& asker, bool reads) {
        const std::size_t before = attacked.board.all<RequestReceived>().size();
        asker.host->send_request(attacked.world.now, libp2p::RequestId(next++),
                                 request_id(Protocol::sync), Bytes(40, 1));
        attacked.world.run();
        const auto asked = attacked.board.all<RequestReceived>();
        ASSERT_EQ(asked.size(), before + 1);
        attacked.world.freeze(asker, !reads);
        attacked.world.perform(attacked.board, AnswerRequest{asked.back().token, answer});
        EXPECT_LE(held(), kHeldMax + (1U << 20U));
    };
    std::vector<World::Villain*> idle;
    for (std::uint8_t i = 0; i < 8; ++i) {
        idle.push_back(&attacked.world.attack(attacked.board, static_cast<std::uint8_t>(70 + i),
                                              testing::all_protocols(),
                                              "8.8.9." + std::to_string(i)));
        ask_and_answer(*idle.back(), false);
    }
    EXPECT_GT(held(), kHeldMax - 2 * kAnswer);
    auto& reader = attacked.world.attack(attacked.board, 90);
    for (int i = 0; i < 5; ++i) {
        ask_and_answer(reader, true);
    }
    EXPECT_EQ(reader.all<libp2p::ResponseReceived>().size(), 5U);
}

TEST(HostilePeer, that_poisons_the_hash_table_gets_nobody_into_it) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 54);
    ASSERT_TRUE(join_as_peer(attacked, villain));  // so it stays, and is asked like any other
    std::uint8_t made_up = 0;
    std::size_t asked = 0;
    for (int seconds = 0; seconds < 400; ++seconds) {
        attacked.world.pass(1s);
        const auto requests = villain.all<libp2p::KademliaRequest>();
        villain.events.clear();
        for (const auto& request : requests) {
            ++asked;
            libp2p::kademlia::Message lie;
            for (int i = 0; i < 20; ++i) {
                ++made_up;
                const auto keys = crypto::Ed25519Keypair::from_seed(
                    crypto::Secret<32>({made_up, static_cast<std::uint8_t>(i), 200}));
                lie.closer_peers.push_back(
                    {.peer = libp2p::peer_id_of(keys.public_key),
                     .addresses = {*Multiaddr::parse("/ip4/10.66.0." + std::to_string(i + 1) +
                                                     "/tcp/30333")}});
            }
            villain.host->respond(request.id, libp2p::kademlia::encode_message(lie));
        }
    }
    EXPECT_GT(asked, 0U);
    EXPECT_LE(attacked.board.board->contacts(), 2U) << "made-up peers answered nobody";
    EXPECT_LE(attacked.board.board->slots().counts().dials, network::kDialsMax);
}

TEST(HostilePeer, that_stores_records_nobody_asked_for_fills_nothing) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 55);
    for (std::uint64_t i = 0; i < 500; ++i) {
        libp2p::kademlia::Message put;
        put.kind = libp2p::kademlia::MessageKind::put_value;
        put.key = Bytes(32, static_cast<std::uint8_t>(i));
        put.record = libp2p::kademlia::Record{.key = put.key,
                                              .value = Bytes(60'000, 1),
                                              .publisher = std::nullopt,
                                              .ttl_seconds = std::nullopt};
        villain.host->send_kademlia(attacked.world.now, libp2p::RequestId(i),
                                    libp2p::kademlia::encode_message(put), false);
        attacked.world.run();
    }
    EXPECT_EQ(attacked.board.board->records(), 0U) << "the core has found none of them good";
}

TEST(HostilePeer, that_opens_and_closes_slots_for_ever_keeps_the_count_right) {
    Attacked attacked;
    auto& villain = attacked.world.attack(attacked.board, 56);
    const auto id = notification_id(Protocol::block_announces);
    for (int i = 0; i < 200; ++i) {
        villain.host->open_notifications(attacked.world.now, id,
                                         handshake(testing::kNames.genesis));
        attacked.world.run();
        villain.host->close_notifications(id, libp2p::Direction::outbound);
        attacked.world.pass(100ms);
    }
    attacked.world.pass(100s);
    const auto counts = attacked.board.board->slots().counts();
    EXPECT_EQ(counts.open, 1U);
    EXPECT_LE(counts.out + counts.in_full + counts.in_light, 2U);
    EXPECT_EQ(attacked.board.all<PeerJoined>().size(), attacked.board.all<PeerLeft>().size() + 1);
}

TEST(HostilePeer, that_comes_under_many_names_fills_the_inbound_slots_and_no_more) {
    Attacked attacked;
    for (std::uint8_t i = 0; i < 60; ++i) {
        auto& villain =
            attacked.world.attack(attacked.board, static_cast<std::uint8_t>(100 + i),
                                  testing::all_protocols(), "8.8." + std::to_string(i) + ".1");
        join_as_peer(attacked, villain);
    }
    EXPECT_LE(attacked.board.board->slots().counts().in_full, network::SlotConfig{}.in_full);
    EXPECT_LE(attacked.board.board->peers().size(), network::SlotConfig{}.in_full + 1);
}

}  // namespace
}  // namespace stipple::node
