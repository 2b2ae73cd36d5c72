#include "libp2p/multiformats/multiaddr.hpp"

#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

constexpr std::string_view kPeer = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
constexpr std::string_view kOtherPeer = "12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD";

Multiaddr addr(std::string_view text) {
    const auto parsed = Multiaddr::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : Multiaddr();
}
MultiaddrError parse_error(std::string_view text) {
    const auto parsed = Multiaddr::parse(text);
    EXPECT_FALSE(parsed) << text;
    return parsed.error();
}
MultiaddrError decode_error(std::string_view hex) {
    const auto decoded = Multiaddr::decode(*from_hex(hex));
    EXPECT_FALSE(decoded) << hex;
    return decoded.error();
}

TEST(Multiaddr, has_the_published_bytes) {
    EXPECT_EQ(to_hex(addr("/ip4/1.2.3.4/tcp/30333").bytes()), "040102030406767d");
    EXPECT_EQ(to_hex(addr("/ip6/::1/udp/1234/quic-v1").bytes()),
              "290000000000000000000000000000000191020"
              "4d2cd03");
    EXPECT_EQ(to_hex(addr("/dns4/a.b/tcp/80/ws").bytes()), "3603612e62060050dd03");
    EXPECT_EQ(to_hex(addr("/dns/a/tcp/443/tls/ws").bytes()),
              "350161"
              "0601bb"
              "c003"
              "dd03");
}

TEST(Multiaddr, text_and_bytes_name_the_same_address) {
    for (const std::string text : {
             "/",
             "/ip4/127.0.0.1/tcp/9999/ws",
             "/ip6/2001:db8::1/tcp/1/wss",
             "/dnsaddr/example.org",
             "/dns6/x.y/tcp/65535",
             "/ip4/0.0.0.0/udp/0/webrtc-direct",
             "/memory/77",
             "/ip6zone/eth0/ip6/fe80::1/tcp/5",
             "/ip4/1.2.3.4/udp/9/webrtc-direct/certhash/"
             "uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
         }) {
        const Multiaddr address = addr(text);
        EXPECT_EQ(address.text(), text);
        EXPECT_EQ(Multiaddr::decode(address.bytes()), address);
    }
    const std::string with_peer = "/ip4/1.2.3.4/tcp/30333/p2p/" + std::string(kPeer);
    EXPECT_EQ(addr(with_peer).text(), with_peer);
    EXPECT_EQ(addr("/ip4/1.2.3.4/tcp/30333/ipfs/" + std::string(kPeer)).text(), with_peer);
}

TEST(Multiaddr, that_is_none_is_refused) {
    EXPECT_EQ(parse_error(""), MultiaddrError::malformed);
    EXPECT_EQ(parse_error("ip4/1.2.3.4"), MultiaddrError::malformed);
    EXPECT_EQ(parse_error("//tcp/1"), MultiaddrError::unknown_protocol);
    EXPECT_EQ(parse_error("/onion/x"), MultiaddrError::unknown_protocol);
    EXPECT_EQ(parse_error("/ip4"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/ip4/1.2.3"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/ip4/::1"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/ip6/1.2.3.4"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/tcp/65536"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/tcp/-1"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/tcp/1x"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/p2p/12D3"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/dns/a b/tcp/1"), MultiaddrError::bad_value);
    EXPECT_EQ(parse_error("/dns/" + std::string(254, 'a')), MultiaddrError::bad_value);
    EXPECT_EQ(decode_error("0401020304ff"), MultiaddrError::malformed);
    EXPECT_EQ(decode_error("04010203"), MultiaddrError::malformed);
    EXPECT_EQ(decode_error("3605612e62"), MultiaddrError::malformed);
    EXPECT_EQ(decode_error("8400"), MultiaddrError::malformed);
    EXPECT_EQ(decode_error("05"), MultiaddrError::unknown_protocol);
    EXPECT_EQ(decode_error("3601"
                           "2f"),
              MultiaddrError::bad_value);
    EXPECT_EQ(decode_error("3600"), MultiaddrError::bad_value);
    EXPECT_EQ(decode_error("a5030100"), MultiaddrError::bad_value);
}

TEST(Multiaddr, is_bounded_in_bytes_and_parts) {
    std::string text;
    for (std::size_t i = 0; i < kMultiaddrPartsMax; ++i) {
        text += "/ws";
    }
    EXPECT_EQ(addr(text).parts().size(), kMultiaddrPartsMax);
    EXPECT_EQ(parse_error(text + "/ws"), MultiaddrError::too_long);
    Bytes bytes = to_bytes(addr(text).bytes());
    append(bytes, addr("/ws").bytes());
    EXPECT_EQ(Multiaddr::decode(bytes).error(), MultiaddrError::too_long);
    EXPECT_EQ(Multiaddr::decode(Bytes(kMultiaddrBytesMax + 1, 0)).error(),
              MultiaddrError::too_long);
    EXPECT_EQ(parse_error("/" + std::string(kMultiaddrTextMax, 'w')), MultiaddrError::too_long);
    const std::string name = "/dns/" + std::string(kDnsNameBytesMax, 'a');
    EXPECT_EQ(parse_error(name + name + name), MultiaddrError::too_long);
    EXPECT_EQ(addr(name + name).with_peer(*parse_peer_id(kPeer)), std::nullopt);
}

TEST(Multiaddr, knows_its_peer_and_takes_another) {
    const Multiaddr bare = addr("/ip4/1.2.3.4/tcp/30333");
    EXPECT_EQ(bare.peer(), std::nullopt);
    const auto named = bare.with_peer(*parse_peer_id(kPeer));
    ASSERT_TRUE(named);
    EXPECT_EQ(named->peer(), *parse_peer_id(kPeer));
    EXPECT_EQ(named->without_peer(), bare);
    const auto renamed = named->with_peer(*parse_peer_id(kOtherPeer));
    EXPECT_EQ(renamed->text(), "/ip4/1.2.3.4/tcp/30333/p2p/" + std::string(kOtherPeer));
}

TEST(Multiaddr, made_of_parts_is_the_parsed_one) {
    EXPECT_EQ(Multiaddr::tcp(*IpAddress::parse("1.2.3.4"), 80), addr("/ip4/1.2.3.4/tcp/80"));
    EXPECT_EQ(Multiaddr::tcp(*IpAddress::parse("::1"), 80).with(AddrProtocol::ws),
              addr("/ip6/::1/tcp/80/ws"));
}

TEST(Multiaddr, dial_target_says_what_to_open) {
    const auto target = addr("/ip4/1.2.3.4/tcp/30333/p2p/" + std::string(kPeer)).dial_target();
    ASSERT_TRUE(target);
    EXPECT_EQ(std::get<IpAddress>(target->host).text(), "1.2.3.4");
    EXPECT_EQ(target->port, 30333);
    EXPECT_EQ(target->layer, DialLayer::tcp);
    EXPECT_EQ(target->peer, *parse_peer_id(kPeer));

    const auto name = addr("/dns6/a.b/tcp/1/ws").dial_target();
    EXPECT_EQ(std::get<DnsName>(name->host), (DnsName{"a.b", DnsName::Family::v6}));
    EXPECT_EQ(name->layer, DialLayer::websocket);
    for (const char* tls :
         {"/dns/a/tcp/443/wss", "/dns/a/tcp/443/tls/ws", "/dns/a/tcp/443/tls/sni/a.b/ws"}) {
        EXPECT_EQ(addr(tls).dial_target()->layer, DialLayer::websocket_tls) << tls;
    }
    for (const char* other :
         {"/", "/ip4/1.2.3.4", "/ip4/1.2.3.4/udp/1/quic-v1", "/ip4/1.2.3.4/tcp/0", "/tcp/1",
          "/dnsaddr/a.b", "/ip4/1.2.3.4/tcp/1/http", "/ip4/1.2.3.4/tcp/1/tls", "/memory/5",
          "/ip4/1.2.3.4/tcp/1/ws/ws"}) {
        EXPECT_FALSE(addr(other).dial_target()) << other;
    }
    const std::string relay = "/ip4/1.2.3.4/tcp/1/p2p/" + std::string(kPeer) + "/p2p-circuit";
    EXPECT_FALSE(addr(relay).dial_target());
    EXPECT_FALSE(addr(relay + "/p2p/" + std::string(kOtherPeer)).dial_target());
}

TEST(Multiaddr, reach_follows_the_registries_of_addresses) {
    const std::pair<const char*, Reach> cases[] = {
        {"/ip4/8.8.8.8/tcp/1", Reach::global},
        {"/ip4/127.1.2.3/tcp/1", Reach::loopback},
        {"/ip4/0.0.0.0/tcp/1", Reach::unspecified},
        {"/ip4/0.0.0.1/tcp/1", Reach::local},
        {"/ip4/10.0.0.1/tcp/1", Reach::local},
        {"/ip4/11.0.0.1/tcp/1", Reach::global},
        {"/ip4/100.64.0.1/tcp/1", Reach::local},
        {"/ip4/100.63.0.1/tcp/1", Reach::global},
        {"/ip4/100.127.0.1/tcp/1", Reach::local},
        {"/ip4/100.128.0.1/tcp/1", Reach::global},
        {"/ip4/172.16.0.1/tcp/1", Reach::local},
        {"/ip4/172.31.0.1/tcp/1", Reach::local},
        {"/ip4/172.32.0.1/tcp/1", Reach::global},
        {"/ip4/192.168.1.1/tcp/1", Reach::local},
        {"/ip4/192.169.1.1/tcp/1", Reach::global},
        {"/ip4/169.254.1.1/tcp/1", Reach::local},
        {"/ip4/198.18.0.1/tcp/1", Reach::local},
        {"/ip4/198.20.0.1/tcp/1", Reach::global},
        {"/ip4/224.0.0.1/tcp/1", Reach::local},
        {"/ip4/255.255.255.255/tcp/1", Reach::local},
        {"/ip6/::1/tcp/1", Reach::loopback},
        {"/ip6/::/tcp/1", Reach::unspecified},
        {"/ip6/fe80::1/tcp/1", Reach::local},
        {"/ip6/fd00::1/tcp/1", Reach::local},
        {"/ip6/2001:db8::1/tcp/1", Reach::local},
        {"/ip6/2a01:4f8::1/tcp/1", Reach::global},
        {"/ip6/ff02::1/tcp/1", Reach::local},
        {"/ip6/::ffff:10.0.0.1/tcp/1", Reach::local},
        {"/ip6/::ffff:8.8.8.8/tcp/1", Reach::global},
        {"/dns/localhost/tcp/1", Reach::loopback},
        {"/dns/printer.local/tcp/1", Reach::local},
        {"/dns/example.org/tcp/1", Reach::global},
        {"/dnsaddr/example.org", Reach::global},
        {"/memory/5", Reach::unspecified},
        {"/", Reach::unspecified},
    };
    for (const auto& [text, reach] : cases) {
        EXPECT_EQ(addr(text).reach(), reach) << text;
    }
}

TEST(Multiaddr, every_boot_node_of_the_real_chains_can_be_dialled) {
    STIPPLE_SHARED_DATA_OR_SKIP(folder, "chain-specs");
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".json") {
            continue;
        }
        const std::string text = testing::read_text(entry.path());
        // Addresses in JSON are the only strings that hold this.
        for (std::size_t at = text.find("/p2p/"); at != std::string::npos;
             at = text.find("/p2p/", at + 1)) {
            const std::size_t start = text.rfind('"', at) + 1;
            const std::string address = text.substr(start, text.find('"', at) - start);
            const Multiaddr parsed = addr(address);
            EXPECT_EQ(parsed.text(), address);
            const auto target = parsed.dial_target();
            ASSERT_TRUE(target && target->peer) << address;
            EXPECT_TRUE(ed25519_of(*target->peer)) << address;
            ++count;
        }
    }
    EXPECT_GT(count, 20U);
}

}  // namespace
}  // namespace stipple::libp2p
