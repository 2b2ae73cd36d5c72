#include "libp2p/substreams/request.hpp"

#include "libp2p/substreams/test_pair.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p {
namespace {

using test::framed;
using test::seconds;
using Step = SubstreamStep;

RequestOutConfig asking(std::size_t response_bytes_max) {
    return {.response_bytes_max = response_bytes_max, .deadline = {seconds(10)}};
}
RequestInConfig answering(std::size_t request_bytes_max) {
    return {.request_bytes_max = request_bytes_max, .timeout = seconds(10)};
}

struct Exchanged {
    Bytes request;
    Bytes response;
};
Exchanged exchange_whole(const Bytes& request, const Bytes& response, std::size_t cut) {
    RequestOut out(asking(response.size()), request);
    RequestIn in(answering(request.size()), Instant{});
    test::Pair pair(out, in);
    pair.cut = cut;
    Exchanged seen;
    EXPECT_TRUE(pair.run([](auto, auto right) { return right == Step::event; }));
    seen.request = in.take_request();
    EXPECT_TRUE(in.awaits_answer());
    in.answer(response);
    bool served = false;
    EXPECT_TRUE(pair.run([&](auto left, auto right) {
        served = served || right == Step::finished;
        return left == Step::finished;
    }));
    EXPECT_TRUE(served);
    EXPECT_TRUE(pair.left_ended());
    EXPECT_TRUE(pair.right_ended());
    seen.response = out.take_response();
    return seen;
}

TEST(Request, is_answered_whatever_the_cut) {
    const Bytes request(200, 1);
    const Bytes response(1000, 2);
    for (std::size_t cut = 1; cut < 40; ++cut) {
        const Exchanged seen = exchange_whole(request, response, cut);
        ASSERT_EQ(seen.request, request);
        ASSERT_EQ(seen.response, response);
    }
}

TEST(Request, may_be_empty_and_have_an_empty_answer) {
    const Exchanged seen = exchange_whole({}, {}, 1);
    EXPECT_TRUE(seen.request.empty());
    EXPECT_TRUE(seen.response.empty());
}

TEST(Request, may_be_megabytes) {
    const Bytes response(16 << 20, 2);
    EXPECT_EQ(exchange_whole(Bytes(1 << 20, 3), response, 256 << 10).response, response);
}

TEST(RequestOut, ends_its_direction_after_the_request) {
    RequestOut out(asking(10), to_bytes("ask"));
    test::Script script;
    script.allowance = 3;
    EXPECT_EQ(script.run(out), Step::waiting);
    EXPECT_FALSE(script.output_ended);
    script.allowance = 100;
    EXPECT_EQ(script.run(out), Step::waiting);
    EXPECT_TRUE(script.output_ended);
    EXPECT_EQ(script.output, framed(as_bytes("ask")));
}

SubstreamFailure failure_with(ByteView answer, bool ended, Duration later = {}) {
    RequestOut out(asking(100), to_bytes("ask"));
    test::Script script;
    script.feed(answer);
    script.input_ended = ended;
    script.now = {later};
    EXPECT_EQ(script.run(out), Step::failed);
    return out.failure();
}

TEST(RequestOut, tells_refusals_from_broken_answers) {
    EXPECT_EQ(failure_with({}, true), SubstreamFailure::refused);
    EXPECT_EQ(failure_with(Bytes{5, 1, 2}, true), SubstreamFailure::truncated);
    EXPECT_EQ(failure_with(Bytes{0x80}, true), SubstreamFailure::truncated);
    EXPECT_EQ(failure_with(framed(Bytes(101, 0)), false), SubstreamFailure::too_long);
    EXPECT_EQ(failure_with(Bytes(11, 0xff), false), SubstreamFailure::bad_length);
    EXPECT_EQ(failure_with({}, false, seconds(10)), SubstreamFailure::timed_out);
}

TEST(RequestOut, is_done_when_sent_if_no_answer_belongs_to_it) {
    RequestOut out({.response_bytes_max = 0, .deadline = {seconds(1)}, .one_way = true},
                   to_bytes("tell"));
    test::Script script;
    EXPECT_EQ(script.run(out), Step::finished);
    EXPECT_TRUE(script.output_ended);
}

TEST(RequestIn, refuses_by_closing_without_a_byte) {
    RequestOut out(asking(10), to_bytes("ask"));
    RequestIn in(answering(10), Instant{});
    test::Pair pair(out, in);
    ASSERT_TRUE(pair.run([](auto, auto right) { return right == Step::event; }));
    in.refuse();
    ASSERT_TRUE(pair.run([](auto left, auto) { return left == Step::failed; }));
    EXPECT_EQ(out.failure(), SubstreamFailure::refused);
}

TEST(RequestIn, fails_by_a_request_too_long_cut_short_or_late) {
    test::Script longer;
    RequestIn bounded(answering(32), Instant{});
    longer.feed(framed(Bytes(33, 0)));
    EXPECT_EQ(longer.run(bounded), Step::failed);
    EXPECT_EQ(bounded.failure(), SubstreamFailure::too_long);

    test::Script shorter;
    RequestIn cut(answering(32), Instant{});
    shorter.feed(Bytes{3, 1}).input_ended = true;
    EXPECT_EQ(shorter.run(cut), Step::failed);
    EXPECT_EQ(cut.failure(), SubstreamFailure::truncated);

    test::Script slow;
    RequestIn late(answering(32), Instant{});
    EXPECT_EQ(slow.run(late), Step::waiting);
    EXPECT_EQ(slow.wake_at, Instant{seconds(10)});
    slow.now = {seconds(10)};
    EXPECT_EQ(slow.run(late), Step::failed);
    EXPECT_EQ(late.failure(), SubstreamFailure::timed_out);
}

TEST(RequestIn, gives_up_a_peer_that_does_not_read_the_answer) {
    test::Script script;
    RequestIn in(answering(32), Instant{});
    script.feed(framed(as_bytes("ask")));
    EXPECT_EQ(script.run(in), Step::event);
    in.answer(Bytes(1000, 1));
    script.allowance = 10;
    EXPECT_EQ(script.run(in), Step::waiting);
    script.now = {seconds(10)};
    EXPECT_EQ(script.run(in), Step::failed);
    EXPECT_EQ(in.failure(), SubstreamFailure::timed_out);
}

TEST(RequestIn, gives_up_when_nobody_answers) {
    test::Script script;
    RequestIn in(answering(32), Instant{});
    script.feed(framed(as_bytes("ask")));
    EXPECT_EQ(script.run(in), Step::event);
    script.now = {seconds(10)};
    EXPECT_EQ(script.run(in), Step::failed);
}

TEST(RequestIn, serves_several_requests_where_the_protocol_has_them) {
    test::Script script;
    RequestIn in({.request_bytes_max = 32, .timeout = seconds(10), .repeats = true}, Instant{});
    script.feed(framed(as_bytes("a")));
    script.feed(framed(as_bytes("b")));
    script.feed(framed(as_bytes("c")));
    EXPECT_EQ(script.run(in), Step::event);
    EXPECT_EQ(as_text(in.take_request()), "a");
    in.answer(to_bytes("A"));
    script.now = {seconds(9)};
    EXPECT_EQ(script.run(in), Step::event);
    EXPECT_EQ(as_text(in.take_request()), "b");
    in.refuse();  // one-way
    script.now = {seconds(18)};
    EXPECT_EQ(script.run(in), Step::event);
    in.answer(to_bytes("C"));
    EXPECT_EQ(script.run(in), Step::waiting);
    EXPECT_EQ(script.output, Bytes({1, 'A', 1, 'C'}));
    script.now = {seconds(28)};
    EXPECT_EQ(script.run(in), Step::finished) << "silence between requests is no fault";
    EXPECT_TRUE(script.output_ended);
}

}  // namespace
}  // namespace stipple::libp2p
