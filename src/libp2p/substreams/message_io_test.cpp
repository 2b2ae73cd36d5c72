#include "libp2p/substreams/message_io.hpp"

#include "libp2p/substreams/limits.hpp"
#include "libp2p/substreams/test_pair.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::framed;
using State = MessageReader::State;

State read(MessageReader& reader, Bytes& input) {
    ByteExchange exchange{.now = {}, .unread = input, .wake_at = std::nullopt};
    const State state = reader.read(exchange);
    input.erase(input.begin(), input.end() - static_cast<long>(exchange.unread.size()));
    return state;
}

TEST(MessageReader, reads_messages_cut_at_every_byte) {
    const Bytes message(300, 7);
    Bytes wire = framed(message);
    append(wire, framed(as_bytes("next")));
    for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
        MessageReader reader(300);
        Bytes input(wire.begin(), wire.begin() + static_cast<long>(cut));
        const bool whole = cut >= 302;
        ASSERT_EQ(read(reader, input) == State::complete, whole);
        input.insert(input.end(), wire.begin() + static_cast<long>(cut), wire.end());
        ASSERT_EQ(read(reader, input), State::complete);
        ASSERT_EQ(reader.take_message(), message);
        ASSERT_EQ(read(reader, input), State::complete);
        ASSERT_EQ(as_text(reader.take_message()), "next");
    }
}

TEST(MessageReader, leaves_the_following_message_unread) {
    MessageReader reader(10);
    Bytes input = framed(as_bytes("one"));
    append(input, framed(as_bytes("two")));
    EXPECT_EQ(read(reader, input), State::complete);
    EXPECT_EQ(input, framed(as_bytes("two")));
    EXPECT_EQ(read(reader, input), State::complete) << "nothing is lost before it is taken";
    EXPECT_EQ(as_text(reader.take_message()), "one");
}

TEST(MessageReader, takes_an_empty_message) {
    MessageReader reader(0);
    Bytes input = {0};
    EXPECT_EQ(read(reader, input), State::complete);
    EXPECT_TRUE(reader.take_message().empty());
}

TEST(MessageReader, refuses_a_length_above_its_bound_before_taking_memory) {
    MessageReader reader(299);
    Bytes input = framed(Bytes(300, 1));
    EXPECT_EQ(read(reader, input), State::too_long);
    EXPECT_EQ(reader.held_bytes(), 0U);
    EXPECT_EQ(read(reader, input), State::too_long) << "the error stays";
}

TEST(MessageReader, refuses_a_length_that_never_ends_and_one_not_minimal) {
    for (const Bytes& bad : {Bytes(12, 0x80), Bytes{0x80, 0x00}}) {
        MessageReader reader(1000);
        Bytes input = bad;
        EXPECT_EQ(read(reader, input), State::bad_length);
    }
}

TEST(MessageReader, takes_memory_as_bytes_arrive_not_as_they_are_claimed) {
    constexpr std::size_t kSize = 16 << 20;
    MessageReader reader(kSize);
    const Bytes wire = framed(Bytes(kSize, 3));
    Bytes input(wire.begin(), wire.begin() + 1000);
    EXPECT_EQ(read(reader, input), State::incomplete);
    EXPECT_LE(reader.held_bytes(), kMessageReserveBytes);
    constexpr std::size_t kEighth = kSize / kMessageReserveFactor;
    input.assign(wire.begin() + 1000, wire.begin() + kEighth - 1000);
    EXPECT_EQ(read(reader, input), State::incomplete);
    EXPECT_LT(reader.held_bytes(), kSize / 2);
    input.assign(wire.begin() + kEighth - 1000, wire.end());
    EXPECT_EQ(read(reader, input), State::complete);
    EXPECT_LE(reader.held_bytes(), kSize);
    EXPECT_EQ(reader.take_message().size(), kSize);
    EXPECT_EQ(reader.held_bytes(), 0U);
}

TEST(MessageWriter, writes_no_more_than_allowed) {
    const Bytes message(500, 9);
    for (const std::size_t cut : {1U, 2U, 3U, 499U, 502U, 600U}) {
        MessageWriter writer;
        EXPECT_TRUE(writer.idle());
        writer.start(message);
        Bytes wire;
        bool done = false;
        while (!done) {
            ByteExchange exchange{.now = {},
                                  .unread = {},
                                  .output = &wire,
                                  .allowance = cut,
                                  .wake_at = std::nullopt};
            const std::size_t before = wire.size();
            done = writer.write(exchange);
            ASSERT_LE(wire.size() - before, cut);
        }
        EXPECT_EQ(wire, framed(message));
        EXPECT_TRUE(writer.idle());
    }
}

}  // namespace
}  // namespace stipple::libp2p
