#include "libp2p/websocket/layer.hpp"
#include "libp2p/websocket/upgrade.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace stipple::libp2p::websocket {
namespace {

/// A layer with what the one above it has read and wants to write.
struct Side {
    explicit Side(Role role) : layer({.role = role, .host = "example:30333", .seed = Seed{5}}) {}

    bool step(Bytes& output, std::size_t count = SIZE_MAX, std::size_t allowance = 1 << 20) {
        seen = std::min(inbox.size(), count > inbox.size() ? inbox.size() : seen + count);
        ByteExchange exchange{.now = {},
                              .unread = ByteView(inbox).first(seen),
                              .input_ended = ended && seen == inbox.size(),
                              .output = &output,
                              .allowance = allowance,
                              .output_ended = false,
                              .wake_at = {}};
        const std::size_t before = output.size();
        const bool alive = layer.exchange(exchange, [&](ByteExchange& stream) {
            append(got, stream.unread);
            stream.take(stream.unread.size());
            input_ended = stream.input_ended;
            const std::size_t fits = std::min(stream.allowance, to_write.size());
            stream.put(ByteView(to_write).first(fits));
            to_write.erase(to_write.begin(), to_write.begin() + static_cast<std::ptrdiff_t>(fits));
            stream.output_ended = finish && to_write.empty();
        });
        EXPECT_LE(output.size() - before, allowance);
        output_ended = exchange.output_ended;
        const std::size_t taken = seen - exchange.unread.size();
        inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(taken));
        seen -= taken;
        return alive;
    }
    /// A server past the upgrade, for tests of frames.
    void upgrade() {
        append(inbox, as_bytes(upgrade_request("h", "/", "dGhlIHNhbXBsZSBub25jZQ==")));
        Bytes ignored;
        EXPECT_TRUE(step(ignored));
    }

    Layer layer;
    Bytes inbox;
    std::size_t seen = 0;
    bool ended = false;
    Bytes to_write;
    bool finish = false;
    Bytes got;
    bool input_ended = false;
    bool output_ended = false;
};

TEST(WebsocketUpgrade, accepts_the_example_of_the_specification) {
    EXPECT_EQ(accept_value("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(base64(as_bytes("foobar")), "Zm9vYmFy");
    const std::string head = upgrade_request("host:1", "/", "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(find_head_end(head + "rest"), head.size());
    EXPECT_EQ(parse_upgrade_request(head), "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_TRUE(is_upgrade_response(upgrade_response("key"), "key"));
    EXPECT_FALSE(is_upgrade_response(upgrade_response("key"), "other"));
    EXPECT_FALSE(parse_upgrade_request("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"));
    EXPECT_TRUE(
        parse_upgrade_request("GET /p HTTP/1.1\r\nHOST: x\r\nconnection: keep-alive, "
                              "UPGRADE\r\nupgrade: WebSocket\r\nsec-websocket-version: "
                              "13\r\nSec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
}

TEST(WebsocketLayer, bytes_pass_both_ways_whatever_the_cuts_and_sizes) {
    for (const std::size_t cut : {1UL, 100UL, 1'000'000UL}) {
        for (const std::size_t size : {1UL, 125UL, 126UL, 65'535UL, 65'536UL, 300'000UL}) {
            if (cut == 1 && size > 1000) {
                continue;
            }
            Side client(Role::client);
            Side server(Role::server);
            const Bytes question = Prng(Seed{size}).bytes(size);
            const Bytes answer = Prng(Seed{size + 1}).bytes(size);
            client.to_write = question;
            server.to_write = answer;
            for (std::size_t i = 0;
                 i < 20'000 && (client.got.size() < size || server.got.size() < size); ++i) {
                ASSERT_TRUE(client.step(server.inbox, cut));
                ASSERT_TRUE(server.step(client.inbox, cut));
            }
            EXPECT_TRUE(server.got == question) << cut << " " << size;
            EXPECT_TRUE(client.got == answer) << cut << " " << size;
        }
    }
}

TEST(WebsocketLayer, output_is_one_frame_of_minimal_header_per_turn) {
    Side server(Role::server);
    server.upgrade();
    for (const auto& [size, header] : {std::pair<std::size_t, std::string>{5, "8205"},
                                       {126, "827e007e"},
                                       {70'000, "827f0000000000011170"}}) {
        Bytes out;
        server.to_write = Bytes(size, 'x');
        ASSERT_TRUE(server.step(out));
        ASSERT_EQ(out.size(), size + header.size() / 2);
        EXPECT_EQ(to_hex(ByteView(out).first(header.size() / 2)), header);
        EXPECT_EQ(out.back(), 'x');
    }
}

TEST(WebsocketLayer, fragments_pings_and_empty_frames_are_tolerated) {
    Side server(Role::server);
    server.upgrade();
    // "ab" | ping "p" | empty | "c" (last), all with mask 0.
    append(server.inbox, *from_hex("0282000000006162"));
    append(server.inbox, *from_hex("89810000000070"));
    append(server.inbox, *from_hex("008000000000"));
    append(server.inbox, *from_hex("80810000000063"));
    Bytes out;
    ASSERT_TRUE(server.step(out));
    EXPECT_EQ(as_text(server.got), "abc");
    ASSERT_TRUE(server.step(out));
    EXPECT_EQ(to_hex(out), "8a0170");
}

TEST(WebsocketLayer, a_close_frame_ends_the_input_and_the_end_says_close) {
    Side server(Role::server);
    server.upgrade();
    append(server.inbox, *from_hex("888000000000"));
    Bytes out;
    ASSERT_TRUE(server.step(out));
    EXPECT_TRUE(server.input_ended);
    server.finish = true;
    ASSERT_TRUE(server.step(out));
    EXPECT_EQ(to_hex(out), "880203e8");
    EXPECT_TRUE(server.output_ended);
}

TEST(WebsocketLayer, broken_frames_fail_with_their_reason) {
    const std::vector<std::pair<std::string, Failure>> cases = {
        {"c28000000000", Failure::reserved_bits},
        {"8201", Failure::wrong_masking},
        {"818000000000", Failure::unknown_opcode},
        {"838000000000", Failure::unknown_opcode},
        {"8b8000000000", Failure::unknown_opcode},
        {"808000000000", Failure::bad_fragment},
        {"028000000000828000000000", Failure::bad_fragment},
        {"098000000000", Failure::bad_control},
        {"89fe007e00000000", Failure::bad_control},
    };
    for (const auto& [hex, failure] : cases) {
        Side server(Role::server);
        server.upgrade();
        append(server.inbox, *from_hex(hex));
        Bytes out;
        ASSERT_FALSE(server.step(out)) << hex;
        EXPECT_EQ(server.layer.failure(), failure) << hex;
    }
}

TEST(WebsocketLayer, upgrades_that_are_none_are_refused_and_bounded) {
    Bytes out;
    Side server(Role::server);
    server.inbox = to_bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_FALSE(server.step(out));
    EXPECT_EQ(server.layer.failure(), Failure::not_upgraded);
    EXPECT_TRUE(as_text(out).starts_with("HTTP/1.1 400"));
    Side endless(Role::server);
    endless.inbox = Bytes(kHeadBytesMax, 'x');
    EXPECT_FALSE(endless.step(out));
    EXPECT_EQ(endless.layer.failure(), Failure::head_too_long);
    Side client(Role::client);
    client.inbox = to_bytes("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_FALSE(client.step(out));
    EXPECT_EQ(client.layer.failure(), Failure::not_upgraded);
    Side cut(Role::server);
    cut.ended = true;
    EXPECT_FALSE(cut.step(out));
    EXPECT_EQ(cut.layer.failure(), Failure::ended);
}

TEST(WebsocketLayer, a_flood_of_pings_stops_the_reading_until_pongs_leave) {
    Side server(Role::server);
    server.upgrade();
    for (int i = 0; i < 10'000; ++i) {
        append(server.inbox, *from_hex("898000000000"));
    }
    Bytes out;
    ASSERT_TRUE(server.step(out, SIZE_MAX, 0));
    EXPECT_GE(server.inbox.size(), 10'000 * 6 - 3 * kControlBytesMax - 6);
    for (int i = 0; i < 1000 && !server.inbox.empty(); ++i) {
        ASSERT_TRUE(server.step(out));
    }
    ASSERT_TRUE(server.step(out));
    EXPECT_EQ(out.size(), 10'000U * 2);
}

}  // namespace
}  // namespace stipple::libp2p::websocket
