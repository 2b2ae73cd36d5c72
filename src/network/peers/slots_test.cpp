#include "network/peers/slots.hpp"

#include "libp2p/multiformats/peer_id.hpp"

#include <gtest/gtest.h>

namespace stipple::network {
namespace {

using std::chrono::seconds;
using Verdict = PeerSlots::SlotVerdict;

PeerId peer(std::uint8_t number) {
    crypto::Ed25519Public key;
    key.bytes.fill(number);
    return libp2p::peer_id_of(key);
}
Multiaddr address_of(std::uint8_t number) {
    return Multiaddr::parse("/ip4/1.2.3." + std::to_string(number) + "/tcp/30333").value();
}

/// A PeerSlots with the outside world written by hand.
struct World {
    PeerSlots slots;
    Instant now{seconds(1000)};
    std::uint64_t next_connection = 1;
    SlotEffects effects;

    explicit World(const SlotConfig& config)
        : slots(config, {.own = peer(255), .peers_max = 1000, .local_addresses = false}) {}

    void know(std::uint8_t number) {
        slots.store().add_address(now, peer(number), address_of(number), AddressSource::identify);
    }
    SlotEffects take() { return std::exchange(effects, {}); }
    SlotEffects wake_after(Duration wait) {
        now = now + wait;
        slots.on_wake(now, effects);
        return take();
    }
    ConnectionId inbound(std::uint8_t number, const Multiaddr& from) {
        const ConnectionId id(next_connection++);
        EXPECT_EQ(slots.on_inbound(id, from), InboundVerdict::accept);
        slots.on_proved(now, {.id = id, .peer = peer(number), .dialled = std::nullopt}, effects);
        return id;
    }
    ConnectionId inbound(std::uint8_t number) { return inbound(number, address_of(number)); }
    ConnectionId dialled(std::uint8_t number) {
        const ConnectionId id(next_connection++);
        slots.on_proved(now, {.id = id, .peer = peer(number), .dialled = address_of(number)},
                        effects);
        return id;
    }
    PeerKey key(std::uint8_t number) const { return slots.find(peer(number)).value(); }
    bool is_connected(std::uint8_t number) const { return slots.find(peer(number)).has_value(); }
    void close(ConnectionId id) { slots.on_closed(now, id, effects); }
    void open(std::uint8_t number, bool light = false) {
        slots.on_slot_open(now, key(number), light, effects);
    }
    Verdict ask(std::uint8_t number, bool light = false) {
        return slots.on_slot_asked(now, key(number), light);
    }
};

template <class Effect>
std::vector<Effect> only(const SlotEffects& effects) {
    std::vector<Effect> out;
    for (const auto& effect : effects) {
        if (const auto* it = std::get_if<Effect>(&effect)) {
            out.push_back(*it);
        }
    }
    return out;
}

TEST(PeerSlots, dials_for_every_free_slot_and_opens_it) {
    World world({.out = 2});
    for (std::uint8_t i = 1; i <= 3; ++i) {
        world.know(i);
    }
    world.slots.store().report(world.now, peer(3), 100);
    const auto dials = only<Dial>(world.wake_after(seconds(1)));
    ASSERT_EQ(dials.size(), 2U);
    EXPECT_EQ(dials[0].peer, peer(3));
    EXPECT_EQ(dials[0].addresses, std::vector{address_of(3).with_peer(peer(3)).value()});
    EXPECT_TRUE(world.wake_after(seconds(1)).empty()) << "both slots are being filled";

    const ConnectionId id = world.dialled(3);
    EXPECT_EQ(world.take(),
              (SlotEffects{PeerConnected{world.key(3), peer(3), id}, OpenSlot{world.key(3)}}));
    world.open(3);
    EXPECT_TRUE(world.slots.is_open(world.key(3)));
    EXPECT_EQ(world.slots.counts(),
              (PeerSlots::Counts{.out = 2, .open = 1, .peers = 1, .dials = 1}));
}

TEST(PeerSlots, tries_another_peer_when_a_dial_fails) {
    World world({.out = 1});
    world.know(1);
    world.know(2);
    const auto first = only<Dial>(world.wake_after(seconds(1))).at(0).peer;
    world.slots.on_dial_failed(world.now, first);
    const auto second = only<Dial>(world.wake_after(seconds(1))).at(0).peer;
    EXPECT_NE(first, second);
}

TEST(PeerSlots, prefers_peers_already_connected_no_more_than_their_reputation_says) {
    World world({.out = 1, .in_full = 0});
    world.inbound(1);
    EXPECT_EQ(world.ask(1), Verdict::reject) << "no inbound slot";
    const auto effects = world.wake_after(seconds(1));
    EXPECT_EQ(only<OpenSlot>(effects), std::vector{OpenSlot{world.key(1)}});
}

TEST(PeerSlots, gives_inbound_slots_to_full_and_light_nodes_apart) {
    World world({.out = 0, .in_full = 2, .in_light = 1});
    for (std::uint8_t i = 1; i <= 5; ++i) {
        world.inbound(i);
    }
    EXPECT_EQ(world.ask(1), Verdict::accept);
    EXPECT_EQ(world.ask(2), Verdict::accept);
    EXPECT_EQ(world.ask(3), Verdict::reject);
    EXPECT_EQ(world.ask(4, true), Verdict::accept);
    EXPECT_EQ(world.ask(5, true), Verdict::reject);
    world.slots.on_slot_closed(world.now, world.key(1));
    EXPECT_EQ(world.ask(3), Verdict::accept);
    EXPECT_EQ(world.slots.on_slot_asked(world.now, PeerKey(999), false), Verdict::reject);
}

TEST(PeerSlots, waits_before_it_offers_a_slot_again) {
    World world({.out = 1});
    world.know(1);
    world.wake_after(seconds(1));
    world.dialled(1);
    world.take();
    world.slots.on_slot_failed(world.now, world.key(1));
    EXPECT_EQ(world.slots.store().reputation(world.now, peer(1)), -1024);
    EXPECT_TRUE(only<OpenSlot>(world.wake_after(seconds(4))).empty());
    EXPECT_EQ(only<OpenSlot>(world.wake_after(seconds(1))).size(), 1U);
}

TEST(PeerSlots, closes_a_slot_that_opens_after_it_was_taken_back) {
    World world({.out = 1});
    world.know(1);
    world.wake_after(seconds(1));
    world.dialled(1);
    world.take();
    const auto effects = world.wake_after(kAttemptTimeout);
    EXPECT_EQ(only<CloseSlot>(effects), std::vector{CloseSlot{world.key(1)}});
    world.open(1);
    EXPECT_EQ(world.take(), SlotEffects{CloseSlot{world.key(1)}});
    EXPECT_FALSE(world.slots.is_open(world.key(1)));
}

TEST(PeerSlots, moves_a_light_node_out_of_an_outbound_slot) {
    World world({.out = 1, .in_light = 1});
    world.know(1);
    world.wake_after(seconds(1));
    world.dialled(1);
    world.open(1, true);
    EXPECT_EQ(world.slots.counts().out, 0U);
    EXPECT_EQ(world.slots.counts().in_light, 1U);
    World full({.out = 1, .in_light = 0});
    full.know(1);
    full.wake_after(seconds(1));
    full.dialled(1);
    full.take();
    full.open(1, true);
    EXPECT_EQ(only<CloseSlot>(full.take()).size(), 1U);
}

TEST(PeerSlots, dials_reserved_peers_beyond_all_slots) {
    World world({.out = 0, .in_full = 0});
    world.know(1);
    world.know(2);
    world.slots.set_reserved(world.now, {peer(1), peer(2), peer(255)}, world.effects);
    EXPECT_EQ(only<Dial>(world.take()).size(), 2U) << "not ourselves";
    world.dialled(1);
    EXPECT_EQ(only<OpenSlot>(world.take()).size(), 1U);
    world.open(1);
    EXPECT_EQ(world.slots.counts().reserved, 1U);
    world.inbound(2);
    EXPECT_EQ(world.ask(2), Verdict::accept);
    world.slots.report(world.now, world.key(1), kReputationLowest, world.effects);
    EXPECT_TRUE(only<CloseConnection>(world.take()).empty()) << "never dropped for reputation";
}

TEST(PeerSlots, gives_a_peer_that_is_reserved_no_more_a_regular_slot_if_there_is_one) {
    World world({.out = 1, .in_full = 0});
    for (std::uint8_t i = 1; i <= 2; ++i) {
        world.know(i);
    }
    world.slots.set_reserved(world.now, {peer(1), peer(2)}, world.effects);
    world.dialled(1);
    world.dialled(2);
    world.open(1);
    world.open(2);
    world.take();
    world.slots.set_reserved(world.now, {}, world.effects);
    EXPECT_EQ(only<CloseSlot>(world.take()), std::vector{CloseSlot{world.key(2)}});
    EXPECT_EQ(world.slots.counts().out, 1U);
    EXPECT_EQ(world.slots.counts().reserved, 0U);
}

TEST(PeerSlots, keeps_everybody_else_out_in_reserved_only_mode) {
    World world({.out = 2, .in_full = 2});
    world.know(1);
    world.know(2);
    world.inbound(1);
    EXPECT_EQ(world.ask(1), Verdict::accept);
    world.open(1);
    world.take();
    world.slots.set_reserved_only(world.now, true, world.effects);
    EXPECT_EQ(only<CloseSlot>(world.take()).size(), 1U);
    EXPECT_EQ(world.ask(1), Verdict::reject);
    EXPECT_TRUE(world.wake_after(seconds(6)).empty());
    world.slots.set_reserved(world.now, {peer(1)}, world.effects);
    EXPECT_EQ(world.ask(1), Verdict::accept);
}

TEST(PeerSlots, disconnects_and_refuses_banned_peers) {
    World world({});
    const ConnectionId id = world.inbound(1);
    world.take();
    world.slots.report(world.now, world.key(1), -1000, world.effects);
    EXPECT_TRUE(world.take().empty());
    world.slots.report(world.now, world.key(1), kReputationLowest, world.effects);
    world.slots.report(world.now, world.key(1), kReputationLowest, world.effects);
    EXPECT_EQ(world.take(), (SlotEffects{CloseConnection{id, CloseReason::banned}})) << "once";
    const PeerKey gone = world.key(1);
    world.close(id);
    EXPECT_EQ(world.take(), (SlotEffects{PeerDisconnected{gone, peer(1)}}));
    const ConnectionId again = world.inbound(1);
    EXPECT_EQ(world.take(), (SlotEffects{CloseConnection{again, CloseReason::banned}}));
    world.close(again);
    EXPECT_TRUE(world.take().empty()) << "nobody was told of it";
    EXPECT_TRUE(world.slots.empty());
}

TEST(PeerSlots, lets_two_connections_of_a_peer_live_and_no_third) {
    World world({});
    const ConnectionId first = world.inbound(1);
    const PeerKey key = world.key(1);
    world.take();
    const ConnectionId second = world.dialled(1);
    EXPECT_EQ(world.take(), (SlotEffects{ConnectionJoined{key, second}}));
    const ConnectionId third = world.inbound(1);
    EXPECT_EQ(world.take(), (SlotEffects{CloseConnection{third, CloseReason::too_many_of_peer}}));
    world.close(third);
    EXPECT_TRUE(world.take().empty());
    world.close(first);
    EXPECT_EQ(world.take(), (SlotEffects{PeerDisconnected{key, peer(1)},
                                         PeerConnected{world.key(1), peer(1), second}}));
    EXPECT_NE(world.key(1), key);
    world.close(second);
    EXPECT_FALSE(world.is_connected(1));
    EXPECT_TRUE(world.slots.empty());
}

TEST(PeerSlots, closes_a_connection_to_itself) {
    World world({});
    const ConnectionId id = world.inbound(255);
    EXPECT_EQ(world.take(), (SlotEffects{CloseConnection{id, CloseReason::ourselves}}));
}

TEST(PeerSlots, closes_connections_nobody_uses) {
    World world({.out = 0});
    const ConnectionId idle = world.inbound(1);
    const ConnectionId used = world.inbound(2);
    const ConnectionId slot = world.inbound(3);
    world.slots.on_used(world.now, used, true);
    world.ask(3);
    world.take();
    EXPECT_TRUE(world.wake_after(seconds(9)).empty());
    EXPECT_EQ(world.wake_after(seconds(1)),
              (SlotEffects{CloseConnection{idle, CloseReason::idle}}));
    world.slots.on_used(world.now, used, false);
    world.slots.on_slot_closed(world.now, world.key(3));
    EXPECT_EQ(world.wake_after(seconds(10)),
              (SlotEffects{CloseConnection{used, CloseReason::idle},
                           CloseConnection{slot, CloseReason::idle}}));
}

TEST(PeerSlots, bounds_inbound_connections_in_total_and_by_address) {
    World world({.connections = {.inbound_max = 5, .unproven_max = 3, .per_address_max = 2}});
    const auto admit = [&](const char* text) {
        return world.slots.on_inbound(ConnectionId(world.next_connection++),
                                      Multiaddr::parse(text).value());
    };
    EXPECT_EQ(admit("/ip4/8.1.1.1/tcp/1"), InboundVerdict::accept);
    EXPECT_EQ(admit("/ip4/8.1.1.1/tcp/2"), InboundVerdict::accept);
    EXPECT_EQ(admit("/ip4/8.1.1.1/tcp/3"), InboundVerdict::too_many_of_address);
    EXPECT_EQ(admit("/ip6/2600::1/tcp/3"), InboundVerdict::accept);
    EXPECT_EQ(admit("/ip4/8.1.1.2/tcp/3"), InboundVerdict::too_many_unproven);
    for (std::uint64_t id : {1U, 2U, 4U}) {
        world.slots.on_proved(world.now,
                              {.id = ConnectionId(id),
                               .peer = peer(static_cast<std::uint8_t>(id)),
                               .dialled = std::nullopt},
                              world.effects);
    }
    EXPECT_EQ(admit("/ip6/2600::2:1/tcp/3"), InboundVerdict::accept);
    EXPECT_EQ(admit("/ip6/2600::3:1/tcp/3"), InboundVerdict::too_many_of_address) << "one /64";
    EXPECT_EQ(admit("/ip4/127.0.0.1/tcp/3"), InboundVerdict::accept);
    EXPECT_EQ(admit("/ip4/127.0.0.1/tcp/4"), InboundVerdict::too_many);
    world.close(ConnectionId(1));
    EXPECT_EQ(admit("/ip4/8.1.1.1/tcp/9"), InboundVerdict::accept);
}

TEST(PeerSlots, connects_without_a_slot_when_asked) {
    World world({.out = 0});
    EXPECT_FALSE(world.slots.want_connection(world.now, peer(1), world.effects)) << "unknown";
    world.know(1);
    EXPECT_TRUE(world.slots.want_connection(world.now, peer(1), world.effects));
    EXPECT_TRUE(world.slots.want_connection(world.now, peer(1), world.effects));
    EXPECT_EQ(only<Dial>(world.take()).size(), 1U);
    world.dialled(1);
    EXPECT_TRUE(only<OpenSlot>(world.take()).empty());
    EXPECT_FALSE(world.slots.want_connection(world.now, peer(1), world.effects)) << "connected";
    for (std::uint8_t i = 10; i < 10 + kDialsMax; ++i) {
        world.know(i);
        EXPECT_TRUE(world.slots.want_connection(world.now, peer(i), world.effects));
    }
    world.know(99);
    EXPECT_FALSE(world.slots.want_connection(world.now, peer(99), world.effects)) << "too many";
}

TEST(PeerSlots, gives_up_dials_nobody_reports_the_end_of) {
    World world({.out = 1});
    world.know(1);
    world.wake_after(seconds(1));
    EXPECT_EQ(world.slots.counts().dials, 1U);
    world.wake_after(kAttemptTimeout);
    EXPECT_EQ(world.slots.counts().dials, 0U);
    EXPECT_FALSE(world.slots.store().may_dial(world.now, peer(1)));
}

TEST(PeerSlots, wakes_only_while_there_is_somebody_to_care_for) {
    World world({});
    EXPECT_EQ(world.slots.wake_at(), std::nullopt);
    world.know(1);
    world.wake_after(seconds(0));
    EXPECT_EQ(world.slots.wake_at(), world.now + kSlotAllocationInterval);
}

}  // namespace
}  // namespace stipple::network
