#include "libp2p/multistream/multistream.hpp"

#include "libp2p/multiformats/varint.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::multistream {
namespace {

/// One end with what it received and sent; tests move the bytes.
template <class End>
struct Side {
    End end;
    Bytes unread;
    Bytes output;
    bool input_ended = false;
    std::size_t allowance = 4096;

    Step step() {
        ByteExchange stream{.now = {},
                            .unread = unread,
                            .input_ended = input_ended,
                            .output = &output,
                            .allowance = allowance,
                            .output_ended = false,
                            .wake_at = {}};
        const Step result = end.exchange(stream);
        unread.erase(unread.begin(),
                     unread.end() - static_cast<std::ptrdiff_t>(stream.unread.size()));
        return result;
    }
};

Side<Dialer> dialer(std::vector<std::string> names, Dialer::Mode mode = Dialer::Mode::patient) {
    return {.end = Dialer(std::move(names), mode), .unread = {}, .output = {}};
}
Side<Listener> listener(std::vector<std::string> names) {
    return {.end = Listener([names = std::move(names)](std::string_view name) {
                return std::find(names.begin(), names.end(), name) != names.end();
            }),
            .unread = {},
            .output = {}};
}

/// Moves at most `count` bytes of what one end sent to the other.
template <class From, class To>
void move_bytes(From& from, To& to, std::size_t count) {
    const auto moved = static_cast<std::ptrdiff_t>(std::min(count, from.output.size()));
    to.unread.insert(to.unread.end(), from.output.begin(), from.output.begin() + moved);
    from.output.erase(from.output.begin(), from.output.begin() + moved);
}

template <class T>
bool is(const Step& step) {
    return std::holds_alternative<T>(step);
}
bool failed_as(const Step& step, Failure failure) {
    const auto* found = std::get_if<Failure>(&step);
    return found != nullptr && *found == failure;
}
Bytes lines(std::initializer_list<std::string_view> texts) {
    Bytes out;
    for (const std::string_view text : texts) {
        append_frame(out, to_bytes(std::string(text) + "\n"));
    }
    return out;
}

TEST(Multistream, first_flight_is_header_and_proposal) {
    auto side = dialer({"/noise"});
    EXPECT_TRUE(is<NeedMore>(side.step()));
    EXPECT_EQ(as_text(side.output), "\x13/multistream/1.0.0\n\x07/noise\n");
}

TEST(Multistream, agrees_on_the_first_name_both_speak_however_the_bytes_are_cut) {
    for (std::size_t cut = 1; cut < 60; ++cut) {
        auto one = dialer({"/new/2", "/new/1", "/old"});
        auto other = listener({"/old", "/new/1"});
        std::optional<Agreed> dialed;
        std::optional<Agreed> listened;
        for (int turn = 0; turn < 400 && !(dialed && listened); ++turn) {
            if (!dialed) {
                const Step step = one.step();
                ASSERT_FALSE(is<Failure>(step));
                if (is<Agreed>(step)) {
                    dialed = std::get<Agreed>(step);
                }
            }
            move_bytes(one, other, cut);
            if (!listened) {
                const Step step = other.step();
                ASSERT_FALSE(is<Failure>(step));
                if (is<Agreed>(step)) {
                    listened = std::get<Agreed>(step);
                }
            }
            move_bytes(other, one, cut);
        }
        ASSERT_TRUE(dialed && listened) << "cut " << cut;
        EXPECT_EQ(dialed->protocol, "/new/1");
        EXPECT_EQ(listened->protocol, "/new/1");
        EXPECT_TRUE(one.unread.empty());
        EXPECT_TRUE(other.unread.empty());
    }
}

TEST(Multistream, lazy_data_behind_the_name_stays_unread) {
    auto one = dialer({"/ping"}, Dialer::Mode::lazy);
    EXPECT_FALSE(one.end.may_send());
    EXPECT_TRUE(is<NeedMore>(one.step()));
    EXPECT_TRUE(one.end.may_send());
    append(one.output, as_bytes("hello"));
    auto other = listener({"/ping"});
    move_bytes(one, other, 1000);
    EXPECT_TRUE(is<Agreed>(other.step()));
    EXPECT_EQ(as_text(other.unread), "hello");
    append(other.output, as_bytes("world"));
    move_bytes(other, one, 1000);
    EXPECT_TRUE(is<Agreed>(one.step()));
    EXPECT_EQ(as_text(one.unread), "world");
}

TEST(Multistream, lazy_dialer_waits_while_it_has_another_name) {
    auto one = dialer({"/a", "/b"}, Dialer::Mode::lazy);
    one.step();
    EXPECT_FALSE(one.end.may_send());
    one.unread = lines({"/multistream/1.0.0", "na"});
    one.step();
    EXPECT_TRUE(one.end.may_send());
    EXPECT_EQ(one.end.proposed(), "/b");
}

TEST(Multistream, dialer_fails_when_every_name_is_refused) {
    auto one = dialer({"/a", "/b"});
    one.unread = lines({"/multistream/1.0.0", "na", "na"});
    EXPECT_TRUE(failed_as(one.step(), Failure::refused));
}

TEST(Multistream, dialer_fails_on_another_name_than_it_proposed) {
    auto one = dialer({"/a", "/b"});
    one.unread = lines({"/multistream/1.0.0", "/b"});
    EXPECT_TRUE(failed_as(one.step(), Failure::unexpected_message));
}

TEST(Multistream, both_fail_on_another_header) {
    auto one = dialer({"/a"});
    one.unread = lines({"/multistream/2.0.0"});
    EXPECT_TRUE(failed_as(one.step(), Failure::unexpected_message));
    auto other = listener({"/a"});
    other.unread = lines({"/a"});
    EXPECT_TRUE(failed_as(other.step(), Failure::unexpected_message));
}

TEST(Multistream, listener_tolerates_a_list_request) {
    auto other = listener({"/a"});
    other.unread = lines({"/multistream/1.0.0", "ls", "/a"});
    EXPECT_TRUE(is<Agreed>(other.step()));
    EXPECT_EQ(other.output, lines({"/multistream/1.0.0", "", "/a"}));
}

TEST(Multistream, listener_gives_up_after_the_bound_of_proposals) {
    auto other = listener({"/a"});
    other.unread = lines({"/multistream/1.0.0"});
    for (std::size_t i = 0; i + 1 < kProposalsMax; ++i) {
        append(other.unread, lines({"/b"}));
    }
    EXPECT_TRUE(is<NeedMore>(other.step()));
    append(other.unread, lines({"/b"}));
    EXPECT_TRUE(failed_as(other.step(), Failure::too_many_proposals));
}

TEST(Multistream, messages_are_bounded_and_end_in_a_newline) {
    auto other = listener({"/a"});
    append_varint(other.unread, kMessageBytesMax + 1);
    EXPECT_TRUE(failed_as(other.step(), Failure::too_long));
    other = listener({"/a"});
    append_frame(other.unread, as_bytes("/multistream/1.0.0"));
    EXPECT_TRUE(failed_as(other.step(), Failure::malformed));
    other = listener({"/a"});
    other.unread = {0x80, 0x00};
    EXPECT_TRUE(failed_as(other.step(), Failure::malformed));
    other = listener({"/a"});
    other.unread = {0x00};
    EXPECT_TRUE(failed_as(other.step(), Failure::malformed));
}

TEST(Multistream, what_a_lazy_dialer_says_under_a_refused_name_is_no_offence) {
    for (const std::string_view data : {"\x05hello", "\xff\xff\xff", "\x06other\n"}) {
        auto other = listener({"/a"});
        other.unread = lines({"/multistream/1.0.0", "/b"});
        append(other.unread, as_bytes(data));
        EXPECT_TRUE(failed_as(other.step(), Failure::refused));
        EXPECT_EQ(other.output, lines({"/multistream/1.0.0", "na"}));
    }
}

TEST(Multistream, the_longest_name_is_agreed_on) {
    const std::string name = "/" + std::string(kMessageBytesMax - 2, 'x');
    auto one = dialer({name});
    auto other = listener({name});
    one.step();
    move_bytes(one, other, 4096);
    EXPECT_TRUE(is<Agreed>(other.step()));
}

TEST(Multistream, a_stream_that_ends_early_fails) {
    auto one = dialer({"/a"});
    one.input_ended = true;
    one.unread = lines({"/multistream/1.0.0"});
    EXPECT_TRUE(failed_as(one.step(), Failure::ended));
    auto other = listener({"/a"});
    other.input_ended = true;
    EXPECT_TRUE(failed_as(other.step(), Failure::ended));
}

TEST(Multistream, nothing_is_written_beyond_the_allowance) {
    auto one = dialer({"/abc"});
    one.allowance = 20;
    EXPECT_TRUE(is<NeedMore>(one.step()));
    EXPECT_TRUE(one.output.empty());
    auto other = listener({"/abc"});
    other.unread = lines({"/multistream/1.0.0", "/abc"});
    other.allowance = 22;
    EXPECT_TRUE(is<NeedMore>(other.step()));
    EXPECT_EQ(other.output, lines({"/multistream/1.0.0"}));
    EXPECT_TRUE(is<Agreed>(other.step()));
}

TEST(Multistream, a_refusal_longer_than_the_name_waits_for_room_too) {
    auto other = listener({"/abc"});
    other.unread = lines({"/multistream/1.0.0", "/"});
    other.allowance = 23;
    EXPECT_TRUE(is<NeedMore>(other.step()));
    EXPECT_EQ(other.output, lines({"/multistream/1.0.0"}));
    EXPECT_TRUE(is<NeedMore>(other.step()));
    EXPECT_EQ(other.output, lines({"/multistream/1.0.0", "na"}));
}

}  // namespace
}  // namespace stipple::libp2p::multistream
