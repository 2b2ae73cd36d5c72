#include "network/peers/peer_store.hpp"

#include "libp2p/multiformats/peer_id.hpp"

#include <gtest/gtest.h>

namespace stipple::network {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

PeerId peer(std::uint8_t number) {
    crypto::Ed25519Public key;
    key.bytes.fill(number);
    return libp2p::peer_id_of(key);
}
PeerId numbered(std::size_t number) {
    crypto::Ed25519Public key;
    key.bytes[0] = static_cast<std::uint8_t>(number);
    key.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    return libp2p::peer_id_of(key);
}
Multiaddr address(const std::string& text) {
    return Multiaddr::parse(text).value();
}
Multiaddr numbered_address(int number) {
    return address("/ip4/1.2.3.4/tcp/" + std::to_string(30000 + number));
}
PeerStore store(std::size_t peers_max = 100) {
    return PeerStore({.own = peer(255), .peers_max = peers_max, .local_addresses = false});
}
bool nobody(const PeerId&) {
    return false;
}

TEST(PeerStore, keeps_addresses_of_use) {
    PeerStore peers = store();
    const auto add = [&](const std::string& text, AddressSource source) {
        return peers.add_address({}, peer(1), address(text), source);
    };
    EXPECT_TRUE(add("/ip4/1.2.3.4/tcp/30333", AddressSource::identify));
    EXPECT_TRUE(
        add("/ip4/1.2.3.4/tcp/30333/p2p/" + libp2p::to_text(peer(1)), AddressSource::discovery));
    EXPECT_FALSE(
        add("/ip4/1.2.3.4/tcp/30333/p2p/" + libp2p::to_text(peer(2)), AddressSource::discovery))
        << "of another peer";
    EXPECT_FALSE(add("/ip4/1.2.3.4/udp/30333/quic-v1", AddressSource::identify));
    EXPECT_FALSE(add("/ip4/192.168.0.1/tcp/30333", AddressSource::identify));
    EXPECT_FALSE(add("/ip4/0.0.0.0/tcp/30333", AddressSource::configured));
    EXPECT_TRUE(add("/ip4/127.0.0.1/tcp/30333", AddressSource::configured));
    EXPECT_FALSE(
        peers.add_address({}, peer(255), address("/ip4/1.2.3.4/tcp/1"), AddressSource::identify))
        << "ourselves";
    EXPECT_EQ(peers.addresses(peer(1)).size(), 2U);
    EXPECT_EQ(peers.addresses(peer(1)).front().peer(), peer(1));
}

TEST(PeerStore, ranks_addresses_by_what_came_of_them) {
    PeerStore peers = store();
    for (int i = 0; i < 3; ++i) {
        peers.add_address({}, peer(1), numbered_address(i), AddressSource::identify);
    }
    peers.on_address_failed(peer(1), numbered_address(2));
    peers.on_connected({}, peer(1), numbered_address(0));
    const auto ranked = peers.addresses(peer(1));
    ASSERT_EQ(ranked.size(), 3U);
    EXPECT_EQ(ranked[0].without_peer(), numbered_address(0));
    EXPECT_EQ(ranked[1].without_peer(), numbered_address(1));
    EXPECT_EQ(ranked[2].without_peer(), numbered_address(2));
}

TEST(PeerStore, drops_the_least_useful_address_but_none_configured) {
    PeerStore peers = store();
    peers.add_address({}, peer(1), numbered_address(0), AddressSource::configured);
    peers.on_address_failed(peer(1), numbered_address(0));
    for (int i = 1; i < 40; ++i) {
        peers.add_address({}, peer(1), numbered_address(i), AddressSource::discovery);
        peers.on_address_failed(peer(1), numbered_address(i));
    }
    const auto kept = peers.addresses(peer(1));
    EXPECT_EQ(kept.size(), kAddressesPerPeerMax);
    const auto configured = numbered_address(0).with_peer(peer(1)).value();
    EXPECT_NE(std::ranges::find(kept, configured), kept.end());
    for (int i = 0; i < 20; ++i) {
        peers.add_address({}, peer(2), numbered_address(i), AddressSource::configured);
    }
    EXPECT_EQ(peers.addresses(peer(2)).size(), kAddressesPerPeerMax);
}

TEST(PeerStore, never_waits_long_for_a_peer_the_operator_named) {
    PeerStore peers = store();
    peers.add_address({}, peer(1), numbered_address(1), AddressSource::configured);
    Instant now;
    for (int i = 0; i < 20; ++i) {
        peers.on_dial_failed(now, peer(1));
        ASSERT_TRUE(peers.may_dial(now + kNamedDialBackOffMax, peer(1))) << i;
        now = now + kNamedDialBackOffMax;
    }
}

TEST(PeerStore, waits_longer_after_every_dial_in_vain) {
    PeerStore peers = store();
    peers.add_address({}, peer(1), numbered_address(1), AddressSource::identify);
    EXPECT_TRUE(peers.may_dial({}, peer(1)));
    Instant now;
    Duration wait = seconds(5);
    for (int i = 0; i < 20; ++i) {
        peers.on_dial_failed(now, peer(1));
        EXPECT_EQ(peers.dial_after(peer(1)), now + wait);
        EXPECT_FALSE(peers.may_dial(now + wait - seconds(1), peer(1)));
        EXPECT_TRUE(peers.may_dial(now + wait, peer(1)));
        now = now + wait;
        wait = std::min<Duration>(2 * wait, kDialBackOffMax);
    }
    peers.on_connected(now, peer(1), std::nullopt);
    EXPECT_FALSE(peers.may_dial(now, peer(1))) << "it is connected";
    peers.on_disconnected(now, peer(1));
    EXPECT_TRUE(peers.may_dial(now, peer(1)));
    EXPECT_EQ(peers.dial_after(peer(1)), std::nullopt);
}

TEST(PeerStore, tells_when_a_peer_becomes_banned) {
    PeerStore peers = store();
    using Outcome = PeerStore::ReportOutcome;
    EXPECT_EQ(peers.report({}, peer(1), -1000), Outcome::tolerated);
    EXPECT_EQ(peers.report({}, peer(1), kReputationLowest), Outcome::banned);
    EXPECT_EQ(peers.report({}, peer(1), -1), Outcome::banned_before);
    EXPECT_TRUE(peers.banned({}, peer(1)));
    EXPECT_FALSE(peers.banned({seconds(69)}, peer(1)));
    peers.add_address({}, peer(1), numbered_address(1), AddressSource::identify);
    EXPECT_FALSE(peers.may_dial({}, peer(1)));
    EXPECT_EQ(peers.reputation({seconds(3544)}, peer(1)), 0);
}

TEST(PeerStore, offers_the_best_reputation_first) {
    PeerStore peers = store();
    for (std::uint8_t i = 1; i <= 5; ++i) {
        peers.add_address({}, peer(i), numbered_address(i), AddressSource::identify);
    }
    peers.add_peer({}, peer(6));  // no address
    peers.report({}, peer(3), 100);
    peers.report({}, peer(1), -100);
    peers.report({}, peer(5), kReputationLowest);
    peers.on_dial_failed({}, peer(4));
    EXPECT_EQ(peers.candidates({}, 10, nobody), (std::vector{peer(3), peer(2), peer(1)}));
    EXPECT_EQ(peers.candidates({}, 1, [](const PeerId& it) { return it == peer(3); }),
              std::vector{peer(2)});
    peers.on_connected({}, peer(6), std::nullopt);
    EXPECT_EQ(peers.candidates({}, 2, nobody), (std::vector{peer(3), peer(2)}));
    EXPECT_EQ(peers.candidates({seconds(5)}, 10, nobody).size(), 5U);
}

TEST(PeerStore, makes_room_by_dropping_what_it_never_reached) {
    PeerStore peers = store(64);
    for (std::uint8_t i = 0; i < 64; ++i) {
        peers.add_address({seconds(i)}, peer(i), numbered_address(i), AddressSource::discovery);
    }
    peers.on_connected({seconds(70)}, peer(0), std::nullopt);
    peers.on_connected({seconds(70)}, peer(1), std::nullopt);
    peers.on_disconnected({seconds(70)}, peer(1));
    peers.report({seconds(70)}, peer(2), -1'000'000);
    peers.pin({seconds(70)}, peer(3));
    EXPECT_TRUE(peers.add_peer({seconds(80)}, peer(100)));
    EXPECT_LE(peers.size(), 64U);
    for (std::uint8_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(peers.known(peer(i)));
    }
    EXPECT_FALSE(peers.known(peer(4))) << "the longest unheard of";
    EXPECT_TRUE(peers.known(peer(63)));
    for (std::size_t i = 0; i < 5000; ++i) {
        peers.add_peer({seconds(90)}, numbered(1000 + i));
        ASSERT_LE(peers.size(), 64U);
    }
    EXPECT_TRUE(peers.known(peer(0)));
    EXPECT_TRUE(peers.known(peer(1)));
    EXPECT_TRUE(peers.known(peer(2)));
    EXPECT_TRUE(peers.known(peer(3)));
}

TEST(PeerStore, refuses_a_peer_when_all_room_is_taken_by_pinned_ones) {
    PeerStore peers = store(3);
    for (std::uint8_t i = 0; i < 3; ++i) {
        peers.add_peer({}, peer(i));
        peers.pin({}, peer(i));
    }
    EXPECT_FALSE(peers.add_peer({}, peer(9)));
    EXPECT_FALSE(peers.add_address({}, peer(9), numbered_address(1), AddressSource::identify));
    EXPECT_EQ(peers.report({}, peer(9), -5), PeerStore::ReportOutcome::tolerated);
    EXPECT_EQ(peers.size(), 3U);
}

TEST(PeerStore, forgets_hearsay_in_an_hour_and_acquaintances_in_a_week) {
    PeerStore peers = store();
    peers.add_address({}, peer(1), numbered_address(1), AddressSource::discovery);
    peers.on_connected({}, peer(2), numbered_address(2));
    peers.on_disconnected({}, peer(2));
    peers.pin({}, peer(3));
    peers.report({}, peer(4), kReputationLowest);
    peers.forget({minutes(58)});
    EXPECT_EQ(peers.size(), 4U);
    peers.forget({hours(1)});
    EXPECT_FALSE(peers.known(peer(1)));
    EXPECT_FALSE(peers.known(peer(4)));
    EXPECT_TRUE(peers.known(peer(2)));
    peers.forget({kRememberConnectedFor});
    EXPECT_FALSE(peers.known(peer(2)));
    EXPECT_TRUE(peers.known(peer(3)));
}

TEST(PeerStore, keeps_acquaintances_on_disk) {
    PeerStore before = store();
    const UnixMillis wall{1'700'000'000'000};
    before.on_connected({seconds(100)}, peer(1), numbered_address(1));
    before.add_address({seconds(100)}, peer(1), numbered_address(2), AddressSource::identify);
    before.on_address_failed(peer(1), numbered_address(2));
    before.add_address({seconds(100)}, peer(2), numbered_address(3), AddressSource::discovery);
    before.on_connected({seconds(100)}, peer(3), std::nullopt);
    const auto rows = before.take_rows({seconds(160)}, wall, 100);
    ASSERT_EQ(rows.size(), 1U) << "only peers that were reached and can be again";
    EXPECT_TRUE(before.take_rows({seconds(160)}, wall, 100).empty());

    PeerStore after = store();
    const Instant start{seconds(5)};
    ASSERT_TRUE(after.load_row(start, {wall.value + 1000}, rows[0].key, *rows[0].value));
    EXPECT_EQ(after.addresses(peer(1)), before.addresses(peer(1)));
    EXPECT_TRUE(after.may_dial(start, peer(1)));
    EXPECT_TRUE(after.take_rows(start, wall, 100).empty()) << "it is on disk already";
    after.forget(start + kRememberConnectedFor - seconds(62));
    EXPECT_TRUE(after.known(peer(1)));
    after.forget(start + kRememberConnectedFor - seconds(61));
    EXPECT_FALSE(after.known(peer(1))) << "the minute before and the second of the restart count";
    EXPECT_EQ(after.take_rows(start, wall, 100),
              (std::vector{PeerRow{peer(1).bytes, std::nullopt}}));
}

TEST(PeerStore, gives_out_rows_in_portions) {
    PeerStore peers = store();
    for (std::uint8_t i = 1; i <= 5; ++i) {
        peers.on_connected({}, peer(i), numbered_address(i));
    }
    EXPECT_EQ(peers.take_rows({}, {}, 3).size(), 3U);
    EXPECT_EQ(peers.take_rows({}, {}, 3).size(), 2U);
}

TEST(PeerStore, refuses_rows_that_are_none) {
    PeerStore peers = store();
    peers.on_connected({}, peer(1), numbered_address(1));
    const PeerRow row = peers.take_rows({}, {}, 1).at(0);
    PeerStore other = store();
    EXPECT_EQ(other.load_row({}, {}, Bytes{1, 2}, *row.value).error(), PeerRowError::bad_key);
    EXPECT_EQ(other.load_row({}, {}, peer(255).bytes, *row.value).error(), PeerRowError::bad_key);
    for (std::size_t cut = 0; cut < row.value->size(); ++cut) {
        const ByteView part = ByteView(*row.value).first(cut);
        EXPECT_EQ(other.load_row({}, {}, row.key, part).error(), PeerRowError::bad_value);
    }
    Bytes newer = *row.value;
    newer[0] = 1;
    EXPECT_EQ(other.load_row({}, {}, row.key, newer).error(), PeerRowError::bad_value);
    EXPECT_EQ(other.size(), 0U);
}

}  // namespace
}  // namespace stipple::network
