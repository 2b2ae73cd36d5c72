#include "node/network/peer_book.hpp"

#include "base/memory_store.hpp"
#include "libp2p/multiformats/peer_id.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

PeerId peer(std::uint8_t number) {
    crypto::Ed25519Public key;
    key.bytes.fill(number);
    return libp2p::peer_id_of(key);
}
network::PeerStore fresh_store() {
    return network::PeerStore({.own = peer(255), .local_addresses = false});
}
constexpr UnixMillis kWall{1'700'000'000'000};

TEST(PeerBook, brings_back_peers_that_were_connected_and_drops_damaged_rows) {
    MemoryStore database;
    PeerBook book(database);
    network::PeerStore before = fresh_store();
    const auto address = *network::Multiaddr::parse("/ip4/1.2.3.4/tcp/30333");
    for (std::uint8_t n = 1; n <= 3; ++n) {
        ASSERT_TRUE(before.add_address({}, peer(n), address, network::AddressSource::discovery));
    }
    before.on_connected({}, peer(1), address);
    before.on_connected({}, peer(2), address);
    ASSERT_TRUE(book.save({}, kWall, before, 1));
    ASSERT_TRUE(book.save({}, kWall, before, 100));
    WriteBatch damage;
    damage.put(Column::meta, to_bytes("peers/what is this"), Bytes{1});
    Bytes cut = to_bytes("peers/");
    append(cut, peer(2).bytes);
    damage.put(Column::meta, cut, Bytes{0, 7});
    damage.put(Column::meta, to_bytes("peers0"), Bytes{9});  // the next prefix: not ours
    ASSERT_TRUE(database.commit(damage, Durability::buffered));

    network::PeerStore after = fresh_store();
    const auto loaded = book.load({}, kWall, after);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->peers, 1U);
    EXPECT_EQ(loaded->damaged, 2U);
    EXPECT_TRUE(after.may_dial({}, peer(1)));
    EXPECT_FALSE(after.known(peer(2)));
    EXPECT_FALSE(after.known(peer(3)));
    EXPECT_EQ(book.load({}, kWall, after)->damaged, 0U);
    EXPECT_TRUE((*database.get(Column::meta, as_bytes("peers0"))).has_value());
}

}  // namespace
}  // namespace stipple::node
