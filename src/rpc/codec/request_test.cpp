#include "rpc/codec/request.hpp"

#include "rpc/codec/json_text.hpp"
#include "rpc/codec/limits.hpp"

#include <gtest/gtest.h>

namespace stipple::rpc {
namespace {

Message parsed(std::string_view text, std::optional<std::uint32_t> limit = {}) {
    Message message;
    parse_message(text, limit, message);
    return message;
}

TEST(JsonRpcRequest, keeps_id_method_and_raw_params) {
    const std::string text =
        R"( {"params":[1, {"a":"]"}],"id":7,"x":[],"jsonrpc":"2.0","method":"m"})";
    const Message message = parsed(text);
    ASSERT_EQ(message.calls.size(), 1U);
    EXPECT_EQ(message.calls[0].kind, Call::Kind::call);
    EXPECT_EQ(message.calls[0].id, "7");
    EXPECT_EQ(message.calls[0].name(), "m");
    EXPECT_EQ(message.calls[0].params, R"([1, {"a":"]"}])");
}

TEST(JsonRpcRequest, without_id_or_with_an_impossible_one_is_a_notification) {
    for (const char* text :
         {R"({"jsonrpc":"2.0","method":"m"})", R"({"jsonrpc":"2.0","method":"m","id":-1})",
          R"({"jsonrpc":"2.0","method":"m","id":1.5})",
          R"({"jsonrpc":"2.0","method":"m","id":18446744073709551616})"}) {
        const Message message = parsed(text);
        EXPECT_EQ(message.calls.at(0).kind, Call::Kind::notification) << text;
    }
}

TEST(JsonRpcRequest, tells_broken_calls_by_what_can_be_read_of_them) {
    const auto error_of = [](std::string_view text) { return parsed(text).calls.at(0).error.code; };
    EXPECT_EQ(error_of(R"({"jsonrpc":"2.0"})"), kParseError);
    EXPECT_EQ(error_of(R"({"jsonrpc":"1.0","id":1,"method":"m"})"), kInvalidRequest);
    EXPECT_EQ(error_of(R"({"jsonrpc":"2.0","id":1,"method":"m","method":"m"})"), kInvalidRequest);
    EXPECT_EQ(error_of(R"({"jsonrpc":"2.0","id":1,"method":"m"} x)"), kParseError);
    EXPECT_EQ(error_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}"), kParseError);
    EXPECT_EQ(error_of(R"({"jsonrpc":"2.0","id":1,"method":"m\q"})"), kParseError);
}

TEST(JsonRpcRequest, bounds_batches_and_their_nesting) {
    EXPECT_EQ(parsed("[1,2,3]", 2).calls.at(0).error, too_big_batch(2));
    EXPECT_EQ(parsed("[1]", 0).calls.at(0).error, batches_not_supported());
    EXPECT_EQ(parsed("[1,2,3]", 3).calls.size(), 3U);
    const std::string deep =
        std::string(kJsonDepthMax + 1, '[') + std::string(kJsonDepthMax + 1, ']');
    EXPECT_EQ(parsed("[" + deep + "]").kind, Message::Kind::unreadable);
    const std::string fitting = std::string(kJsonDepthMax, '[') + std::string(kJsonDepthMax, ']');
    EXPECT_EQ(parsed("[" + fitting + "]").kind, Message::Kind::batch);
}

TEST(JsonRpcRequest, reads_escaped_method_names) {
    EXPECT_EQ(parsed(R"({"jsonrpc":"2.0","id":1,"method":"\u0061\n"})").calls.at(0).name(), "a\n");
}

TEST(JsonText, escapes_what_must_be_escaped_and_nothing_else) {
    std::string out;
    append_json_string(out, std::string_view("a\"\\\n\x01\x7f/\xc3\xa9", 9));
    EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\x7f/\xc3\xa9\"");
    EXPECT_EQ(unescape_json(R"(\ud83d\ude00\/)"), "\xf0\x9f\x98\x80/");
    EXPECT_EQ(unescape_json(R"(\ud83d)"), std::nullopt);
}

TEST(JsonText, writes_numbers_without_leading_zeros) {
    std::string out;
    append_json_hex_number(out, 0);
    append_json_hex_number(out, 0x2a);
    append_json_number(out, static_cast<uint128>(UINT64_MAX) * 10);
    EXPECT_EQ(out, "\"0x0\"\"0x2a\"184467440737095516150");
}

TEST(JsonText, knows_utf8) {
    EXPECT_TRUE(is_utf8("plain ascii, long enough for words"));
    EXPECT_TRUE(is_utf8("\xe2\x82\xac \xf0\x9f\x98\x80"));
    for (const char* bad :
         {"\xff\xfe", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "abcdefgh\xe2\x82"}) {
        EXPECT_FALSE(is_utf8(bad));
    }
}

TEST(JsonRpcAnswer, puts_data_last_and_quotes_messages) {
    std::string out;
    append_error(out, "\"a\"", error_with_text(1, "say \"x\"", "y"));
    EXPECT_EQ(out,
              R"({"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"say \"x\"","data":"y"}})");
    EXPECT_EQ(
        notification("chain_newHead", "Ab1", "{}"),
        R"({"jsonrpc":"2.0","method":"chain_newHead","params":{"subscription":"Ab1","result":{}}})");
}

}  // namespace
}  // namespace stipple::rpc
