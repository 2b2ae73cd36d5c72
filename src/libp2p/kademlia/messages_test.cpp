#include "libp2p/kademlia/messages.hpp"

#include "libp2p/kademlia/kademlia_network.hpp"
#include "libp2p/multiformats/protobuf.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::kademlia {
namespace {

using testing::address_number;
using testing::peer_number;

TEST(KademliaMessage, of_a_search_has_the_bytes_other_nodes_send) {
    Message message;
    message.kind = MessageKind::find_node;
    message.key = to_bytes("key");
    // type 4, key, cluster level 10
    EXPECT_EQ(to_hex(encode_message(message)),
              "0804"
              "12036b6579"
              "500a");
    message.kind = MessageKind::put_value;
    message.record =
        Record{.key = to_bytes("key"), .value = to_bytes("v"), .publisher = {}, .ttl_seconds = 60};
    EXPECT_EQ(to_hex(encode_message(message)),
              "12036b6579"
              "1a0b"
              "0a036b6579"
              "120176"
              "c8303c"
              "500a");
}

TEST(KademliaMessage, decodes_what_it_encodes) {
    const Message message{.kind = MessageKind::get_value,
                          .key = to_bytes("key"),
                          .record = Record{.key = to_bytes("key"),
                                           .value = to_bytes("value"),
                                           .publisher = peer_number(4),
                                           .ttl_seconds = 7},
                          .closer_peers = {{.peer = peer_number(1),
                                            .addresses = {address_number(1)},
                                            .connection = ConnectionState::can_connect},
                                           {.peer = peer_number(2),
                                            .addresses = {},
                                            .connection = ConnectionState::connected}},
                          .provider_peers = {{.peer = peer_number(3),
                                              .addresses = {address_number(1), address_number(2)},
                                              .connection = ConnectionState::not_connected}}};
    EXPECT_EQ(decode_message(encode_message(message)), message);
}

TEST(KademliaMessage, addresses_lose_their_peer_and_those_of_others_are_dropped) {
    ProtobufWriter peer;
    peer.bytes(1, peer_number(1).bytes)
        .bytes(2, address_number(1).with_peer(peer_number(1))->bytes())
        .bytes(2, address_number(2).with_peer(peer_number(2))->bytes())
        .bytes(2, as_bytes("no address"))
        .number(3, 9);
    ProtobufWriter writer;
    writer.number(1, 4).message(8, peer);
    const auto message = decode_message(writer.view());
    ASSERT_TRUE(message);
    ASSERT_EQ(message->closer_peers.size(), 1U);
    EXPECT_EQ(message->closer_peers[0].addresses, std::vector{address_number(1)});
    EXPECT_EQ(message->closer_peers[0].connection, ConnectionState::not_connected);
}

TEST(KademliaMessage, lists_are_cut_and_peers_without_an_id_left_out) {
    ProtobufWriter peer;
    peer.bytes(1, peer_number(1).bytes);
    for (int i = 0; i < 100; ++i) {
        peer.bytes(2, address_number(1).bytes());
    }
    ProtobufWriter nobody;
    nobody.bytes(1, as_bytes("nobody"));
    ProtobufWriter writer;
    writer.number(1, 4).message(8, nobody);
    for (int i = 0; i < 30; ++i) {
        writer.message(8, peer);
    }
    const auto message = decode_message(writer.view());
    ASSERT_TRUE(message);
    ASSERT_EQ(message->closer_peers.size(), kBucketSize);
    EXPECT_EQ(message->closer_peers[0].addresses.size(), kAddressesPerPeerMax);
}

TEST(KademliaMessage, beyond_bounds_or_out_of_shape_is_refused) {
    EXPECT_EQ(decode_message(Bytes(kMessageBytesMax + 1, 0)).error(), MessageError::too_long);
    EXPECT_EQ(decode_message(*from_hex("0806")).error(), MessageError::unknown_kind);
    EXPECT_EQ(decode_message(*from_hex("08")).error(), MessageError::malformed);
    EXPECT_EQ(decode_message(*from_hex("1001")).error(), MessageError::malformed);
    EXPECT_EQ(decode_message(*from_hex("1a020801")).error(), MessageError::malformed);
    EXPECT_EQ(decode_message(*from_hex("42020801")).error(), MessageError::malformed);
    ProtobufWriter key;
    key.bytes(2, Bytes(kKeyBytesMax + 1, 1));
    EXPECT_EQ(decode_message(key.view()).error(), MessageError::too_long);
    ProtobufWriter value;
    value.bytes(2, Bytes(kValueBytesMax + 1, 1));
    ProtobufWriter record;
    record.message(3, value);
    EXPECT_EQ(decode_message(record.view()).error(), MessageError::too_long);
}

TEST(KademliaMessage, without_any_field_is_a_put_of_nothing) {
    EXPECT_EQ(decode_message({})->kind, MessageKind::put_value);
}

}  // namespace
}  // namespace stipple::libp2p::kademlia
