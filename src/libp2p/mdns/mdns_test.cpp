#include "libp2p/mdns/discovery.hpp"
#include "libp2p/multiformats/peer_id.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::mdns {
namespace {

constexpr Instant kStart{std::chrono::hours(1)};

PeerId peer_number(std::uint8_t number) {
    crypto::Ed25519Public key;
    key.bytes.fill(number);
    return peer_id_of(key);
}
Multiaddr addr(std::string_view text) {
    return *Multiaddr::parse(text);
}

template <class T>
std::vector<T> only(const DiscoveryEffects& effects) {
    std::vector<T> found;
    for (const DiscoveryEffect& effect : effects) {
        if (const auto* one = std::get_if<T>(&effect)) {
            found.push_back(*one);
        }
    }
    return found;
}

/// The answer of a peer, as it would arrive.
Packet answer_of(std::uint8_t peer, std::vector<std::string> addresses, std::uint32_t ttl = 120) {
    const Name name = name_of("somebody");
    Packet packet{.id = 0, .is_response = true, .questions = {}, .records = {}};
    packet.records.push_back({.name = name_of("_p2p._udp.local"),
                              .type = RecordType::ptr,
                              .cache_flush = false,
                              .ttl_seconds = ttl,
                              .target = name,
                              .texts = {}});
    for (const std::string& address : addresses) {
        packet.records.push_back(
            {.name = name,
             .type = RecordType::txt,
             .cache_flush = true,
             .ttl_seconds = ttl,
             .target = {},
             .texts = {"dnsaddr=" + address + "/p2p/" + to_text(peer_number(peer))}});
    }
    return packet;
}

TEST(MdnsPacket, a_query_has_the_bytes_other_nodes_send) {
    Discovery discovery(peer_number(1), Seed{1});
    DiscoveryEffects effects;
    discovery.on_wake(kStart, effects);
    ASSERT_EQ(only<SendPacket>(effects).size(), 1U);
    EXPECT_EQ(to_hex(only<SendPacket>(effects)[0].packet),
              "000000000001000000000000"
              "045f7032700"
              "45f7564"
              "70056c6f63616c00"
              "000c0001");
}

TEST(MdnsPacket, decodes_what_it_encodes) {
    Packet packet = answer_of(1, {"/ip4/192.168.1.5/tcp/30333", "/ip6/fe80::1/tcp/30333"});
    packet.questions.push_back(
        {.name = name_of("a.b"), .type = RecordType::any, .unicast_answer = true});
    const auto decoded = decode_packet(encode_packet(packet));
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(decoded->is_response);
    ASSERT_EQ(decoded->questions.size(), 1U);
    EXPECT_TRUE(decoded->questions[0].unicast_answer);
    ASSERT_EQ(decoded->records.size(), 3U);
    EXPECT_EQ(decoded->records[0].target, name_of("somebody"));
    EXPECT_EQ(decoded->records[2].texts, packet.records[2].texts);
    EXPECT_EQ(encode_packet(*decoded), encode_packet(packet));
}

TEST(MdnsPacket, names_are_read_through_pointers_and_in_any_case) {
    // A question for P2P.local, and one for x.<pointer to the first name>.
    const Bytes bytes = *from_hex(
        "000000000002000000000000"
        "0350325005"
        "4c4f43414c"
        "00"
        "000c0001"
        "0178c00c"
        "000c0001");
    const auto packet = decode_packet(bytes);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->questions[0].name, name_of("p2p.local"));
    EXPECT_EQ(packet->questions[1].name, name_of("x.p2p.local"));
}

TEST(MdnsPacket, that_is_none_is_refused) {
    const auto error_of = [](std::string_view hex) {
        return decode_packet(*from_hex(hex)).error();
    };
    EXPECT_EQ(error_of("0000"), PacketError::truncated);
    EXPECT_EQ(error_of("000000000001000000000000"), PacketError::truncated);
    EXPECT_EQ(error_of("0000000000010000000000000461"), PacketError::truncated);
    EXPECT_EQ(error_of("000028000000000000000000"), PacketError::unsupported);
    EXPECT_EQ(error_of("000080030000000000000000"), PacketError::unsupported);
    EXPECT_EQ(error_of("000000000080000100000000"), PacketError::too_long);
    // A pointer to itself, one forwards, and a label of 64 bytes.
    EXPECT_EQ(error_of("000000000001000000000000"
                       "c00c"
                       "000c0001"),
              PacketError::bad_name);
    EXPECT_EQ(error_of("000000000001000000000000"
                       "c00e"
                       "00"
                       "000c0001"),
              PacketError::bad_name);
    EXPECT_EQ(error_of("000000000001000000000000"
                       "40"
                       "00"
                       "000c0001"),
              PacketError::bad_name);
    // Data of a PTR longer than its name, and a text longer than its data.
    EXPECT_EQ(error_of("000080000000000100000000"
                       "00"
                       "000c0001"
                       "00000078"
                       "0002"
                       "0000"),
              PacketError::bad_record);
    EXPECT_EQ(error_of("000080000000000100000000"
                       "00"
                       "00100001"
                       "00000078"
                       "0002"
                       "0261"),
              PacketError::bad_record);
    EXPECT_EQ(decode_packet(Bytes(kPacketBytesMax + 1, 0)).error(), PacketError::too_long);
}

TEST(MdnsPacket, a_chain_of_pointers_is_bounded) {
    // Names that each point to the one before; following them all takes one pointer each.
    Bytes bytes = *from_hex(
        "000000000014000000000000"
        "016100"
        "000c0001");
    std::uint16_t target = 12;
    for (std::size_t i = 0; i < 19; ++i) {
        const auto here = static_cast<std::uint16_t>(bytes.size());
        append(bytes, Bytes{1, 'b'});
        append_be(bytes, static_cast<std::uint16_t>(0xc000 | target));
        append_be(bytes, std::uint32_t{0x000c0001});
        target = here;
    }
    EXPECT_EQ(decode_packet(bytes).error(), PacketError::bad_name);
}

TEST(MdnsDiscovery, two_nodes_find_each_other) {
    Discovery one(peer_number(1), Seed{1});
    Discovery other(peer_number(2), Seed{2});
    one.set_addresses(std::vector{addr("/ip4/192.168.1.1/tcp/30333")});
    other.set_addresses(
        std::vector{addr("/ip4/192.168.1.2/tcp/30333"), addr("/ip6/fe80::2/tcp/30333/ws")});
    DiscoveryEffects effects;
    one.on_wake(kStart, effects);
    const Bytes query = only<SendPacket>(effects)[0].packet;
    effects.clear();
    other.on_packet(kStart, query, effects);
    EXPECT_TRUE(effects.empty());
    // The first query of the other is due too; its answer waits a moment.
    other.on_wake(kStart, effects);
    effects.clear();
    const Instant later = *other.wake_at();
    EXPECT_GE(later, kStart + kAnswerDelayMin);
    EXPECT_LE(later, kStart + kAnswerDelayMin + kAnswerDelaySpread);
    other.on_wake(later, effects);
    const auto answers = only<SendPacket>(effects);
    ASSERT_EQ(answers.size(), 1U);
    effects.clear();
    one.on_packet(later, answers[0].packet, effects);
    const auto found = only<PeerFound>(effects);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].peer, peer_number(2));
    EXPECT_EQ(found[0].addresses,
              (std::vector{addr("/ip4/192.168.1.2/tcp/30333"), addr("/ip6/fe80::2/tcp/30333/ws")}));
    effects.clear();
    one.on_packet(later, answers[0].packet, effects);    // nothing new
    other.on_packet(later, answers[0].packet, effects);  // its own
    EXPECT_TRUE(effects.empty());
    EXPECT_EQ(other.peer_count(), 0U);
}

TEST(MdnsDiscovery, answers_keep_a_distance_however_often_they_are_asked_for) {
    Discovery discovery(peer_number(1), Seed{1});
    discovery.set_addresses(std::vector{addr("/ip4/192.168.1.1/tcp/30333")});
    Discovery asker(peer_number(2), Seed{2});
    DiscoveryEffects effects;
    asker.on_wake(kStart, effects);
    const Bytes query = only<SendPacket>(effects)[0].packet;
    std::size_t answers = 0;
    for (int i = 0; i < 1000; ++i) {
        const Instant now = kStart + std::chrono::milliseconds(10 * i);
        effects.clear();
        discovery.on_packet(now, query, effects);
        discovery.on_wake(now, effects);
        for (const auto& sent : only<SendPacket>(effects)) {
            answers += decode_packet(sent.packet)->is_response ? 1U : 0U;
        }
    }
    EXPECT_GE(answers, 9U);
    EXPECT_LE(answers, 10U);
}

TEST(MdnsDiscovery, queries_slow_down_to_the_interval) {
    Discovery discovery(peer_number(1), Seed{1}, std::chrono::seconds(30));
    std::vector<std::int64_t> gaps;
    Instant now = kStart;
    for (int i = 0; i < 8; ++i) {
        DiscoveryEffects effects;
        discovery.on_wake(now, effects);
        ASSERT_EQ(only<SendPacket>(effects).size(), 1U);
        const Instant next = *discovery.wake_at();
        gaps.push_back(std::chrono::duration_cast<std::chrono::seconds>(next - now).count());
        now = next;
    }
    EXPECT_EQ(gaps, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 30, 30, 30}));
}

TEST(MdnsDiscovery, many_addresses_take_several_packets_that_fit) {
    Discovery discovery(peer_number(1), Seed{1});
    std::vector<Multiaddr> addresses;
    for (int i = 0; i < 40; ++i) {
        addresses.push_back(addr("/ip4/192.168.1." + std::to_string(i) + "/tcp/30333"));
    }
    addresses.insert(addresses.begin(), addr("/dns/" + std::string(250, 'n') + "/tcp/1"));
    discovery.set_addresses(addresses);
    Discovery asker(peer_number(2), Seed{2});
    DiscoveryEffects effects;
    asker.on_wake(kStart, effects);
    discovery.on_packet(kStart, only<SendPacket>(effects)[0].packet, effects);
    effects.clear();
    discovery.on_wake(kStart + std::chrono::seconds(1), effects);
    std::size_t texts = 0;
    for (const auto& sent : only<SendPacket>(effects)) {
        EXPECT_LE(sent.packet.size(), kSentPacketBytesMax);
        const auto packet = decode_packet(sent.packet);
        for (const auto& record : packet->records) {
            texts += record.texts.size();
        }
        asker.on_packet(kStart, sent.packet, effects);
    }
    EXPECT_EQ(texts, kOwnAddressesMax);
    EXPECT_EQ(only<PeerFound>(effects).back().addresses.size(), kAddressesPerPeerMax);
}

TEST(MdnsDiscovery, peers_expire_and_say_goodbye) {
    Discovery discovery(peer_number(1), Seed{1});
    DiscoveryEffects effects;
    discovery.on_packet(kStart, encode_packet(answer_of(2, {"/ip4/10.0.0.2/tcp/1"}, 120)), effects);
    discovery.on_packet(kStart, encode_packet(answer_of(3, {"/ip4/10.0.0.3/tcp/1"}, 4'000'000)),
                        effects);
    EXPECT_EQ(discovery.peer_count(), 2U);
    discovery.on_packet(kStart, encode_packet(answer_of(2, {"/ip4/10.0.0.2/tcp/1"}, 0)), effects);
    ASSERT_EQ(only<PeerExpired>(effects).size(), 1U);
    EXPECT_EQ(only<PeerExpired>(effects)[0].peer, peer_number(2));
    discovery.on_wake(kStart + kLifetimeMax - std::chrono::seconds(1), effects);
    EXPECT_EQ(discovery.peer_count(), 1U);
    discovery.on_wake(kStart + kLifetimeMax, effects);
    EXPECT_EQ(discovery.peer_count(), 0U);
}

TEST(MdnsDiscovery, peers_are_bounded_and_foreign_texts_ignored) {
    Discovery discovery(peer_number(1), Seed{1});
    DiscoveryEffects effects;
    for (std::size_t i = 0; i < 2 * kPeersMax; ++i) {
        Packet packet = answer_of(2, {"/ip4/10.0.0.2/tcp/1"});
        crypto::Ed25519Public key;
        key.bytes[0] = static_cast<std::uint8_t>(i);
        key.bytes[1] = static_cast<std::uint8_t>(i >> 8);
        packet.records[1].texts = {"other=text", "dnsaddr=no address",
                                   "dnsaddr=/ip4/10.0.0.2/tcp/1",
                                   "dnsaddr=/ip4/10.0.0.2/tcp/1/p2p/" + to_text(peer_id_of(key)),
                                   "dnsaddr=/ip4/10.0.0.3/tcp/1/p2p/" + to_text(peer_number(9))};
        discovery.on_packet(kStart, encode_packet(packet), effects);
    }
    EXPECT_EQ(discovery.peer_count(), kPeersMax);
    const auto found = only<PeerFound>(effects);
    EXPECT_EQ(found.size(), kPeersMax);
    EXPECT_EQ(found[0].addresses, std::vector{addr("/ip4/10.0.0.2/tcp/1")});
}

TEST(MdnsDiscovery, tells_its_service_to_those_who_list_services) {
    Discovery discovery(peer_number(1), Seed{1});
    const Packet query{.id = 0,
                       .is_response = false,
                       .questions = {{.name = name_of("_services._dns-sd._udp.local"),
                                      .type = RecordType::ptr,
                                      .unicast_answer = false}},
                       .records = {}};
    DiscoveryEffects effects;
    discovery.on_packet(kStart, encode_packet(query), effects);
    discovery.on_wake(kStart + std::chrono::seconds(1), effects);
    bool told = false;
    for (const auto& sent : only<SendPacket>(effects)) {
        const auto packet = decode_packet(sent.packet);
        told = told ||
               (packet->is_response && packet->records[0].target == name_of("_p2p._udp.local"));
    }
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace stipple::libp2p::mdns
