// A node of a simulated network, written down and had once more from the file alone.
#include "node/replay.hpp"

#include "sim/cluster.hpp"

#include <gtest/gtest.h>

namespace stipple::sim {
namespace {

using node::Replay;
using node::ReplayErrorKind;
using node::recording::append_frame;
using node::recording::append_head;
using node::recording::FrameKind;

/// A node of a network with faults; the run of its first life.
struct Recorded {
    Bytes file;
    crypto::Hash256 digest;
    std::uint64_t events = 0;
};
Recorded record(std::uint64_t seed, FaultLevel faults) {
    Recorded recorded;
    Parameters parameters;
    parameters.seed = Seed{seed};
    parameters.nodes = 4;
    parameters.blocks = 30;
    parameters.faults = faults;
    node::Recorder recorder([&recorded](const Bytes& piece) {
        append(recorded.file, piece);
        return true;
    });
    Cluster cluster(parameters);
    cluster.record(1, recorder);
    EXPECT_EQ(cluster.run().failure, std::nullopt);
    recorder.finish();
    recorded.digest = recorder.digest();
    recorded.events = recorder.events();
    return recorded;
}
/// Without faults, for tests that change it.
const Recorded& calm() {
    static const Recorded recorded = record(5, FaultLevel::none);
    return recorded;
}

std::expected<node::ReplaySummary, node::ReplayError> replay(ByteView file,
                                                             std::size_t piece = 4093) {
    Replay replay;
    while (!file.empty()) {
        const std::size_t count = std::min(piece, file.size());
        TRY(replay.feed(file.first(count)));
        file = file.subspan(count);
    }
    return replay.finish();
}

/// The recording with one event changed; gives its number, 0 when there is none to change.
template <class Change>
std::uint64_t change_event(Bytes& file, const Change& change) {
    node::recording::FileReader reader;
    reader.feed(file);
    Bytes changed;
    append_head(changed, reader.head().value().value());
    std::uint64_t number = 0;
    std::uint64_t changed_number = 0;
    while (auto frame = reader.next().value()) {
        if (frame->kind == FrameKind::event) {
            ++number;
            auto recorded = node::decode_event(frame->body).value();
            if (changed_number == 0 && change(recorded.event)) {
                changed_number = number;
                frame->body = node::encode_event(recorded.digest_before, recorded.now,
                                                 recorded.wall, recorded.event);
            }
        }
        append_frame(changed, frame->kind, frame->body);
    }
    file = std::move(changed);
    return changed_number;
}

TEST(Replay, a_node_without_faults_comes_to_the_same_digest) {
    const auto run = replay(calm().file);
    ASSERT_TRUE(run.has_value()) << run.error().message;
    EXPECT_EQ(run->digest, calm().digest);
    EXPECT_EQ(run->events, calm().events);
    EXPECT_GT(run->events, 500u);
    EXPECT_GT(run->effects, 500u);
    EXPECT_TRUE(run->is_whole);
    EXPECT_EQ(run->left_over, 0u);
}

TEST(Replay, a_node_among_heavy_faults_comes_to_the_same_digest) {
    for (const std::uint64_t seed : {21u, 22u, 23u}) {
        const Recorded recorded = record(seed, FaultLevel::heavy);
        const auto run = replay(recorded.file);
        ASSERT_TRUE(run.has_value()) << run.error().message;
        EXPECT_EQ(run->digest, recorded.digest);
        EXPECT_EQ(run->events, recorded.events);
    }
}

TEST(Replay, two_runs_of_one_seed_are_one_recording) {
    EXPECT_EQ(record(5, FaultLevel::none).file, calm().file);
}

TEST(Replay, a_message_that_is_another_is_named_by_its_number) {
    Bytes file = calm().file;
    const auto number = change_event(file, [](node::Event& event) {
        auto* network = std::get_if<node::NetworkEvent>(&event);
        auto* note =
            network == nullptr ? nullptr : std::get_if<node::NotificationReceived>(network);
        if (note == nullptr || note->protocol != network::Protocol::grandpa) {
            return false;
        }
        note->message = {0xff};
        return true;
    });
    ASSERT_GT(number, 0u);
    const auto run = replay(file);
    ASSERT_FALSE(run.has_value());
    EXPECT_EQ(run.error().kind, ReplayErrorKind::diverged);
    EXPECT_EQ(run.error().event, number);
    EXPECT_NE(run.error().message.find("NotificationReceived"), std::string::npos);
}

TEST(Replay, a_verdict_that_is_another_is_named_by_its_number) {
    Bytes file = calm().file;
    const auto number = change_event(file, [](node::Event& event) {
        auto* verified = std::get_if<node::VotesVerified>(&event);
        if (verified == nullptr || verified->verdicts.empty()) {
            return false;
        }
        verified->verdicts[0] = !verified->verdicts[0];
        return true;
    });
    ASSERT_GT(number, 0u);
    const auto run = replay(file);
    ASSERT_FALSE(run.has_value());
    EXPECT_EQ(run.error().kind, ReplayErrorKind::diverged);
    EXPECT_EQ(run.error().event, number);
}

TEST(Replay, a_file_cut_short_replays_to_its_last_whole_event) {
    const ByteView file(calm().file);
    std::uint64_t before = 0;
    for (const std::size_t size : {file.size() / 2, file.size() - 60, file.size() - 1}) {
        const auto run = replay(file.first(size));
        ASSERT_TRUE(run.has_value()) << run.error().message;
        EXPECT_FALSE(run->is_whole);
        EXPECT_GT(run->left_over, 0u);
        EXPECT_GE(run->events, before);
        EXPECT_LE(run->events, calm().events);
        before = run->events;
    }
    // All but the end frame: every event, and the digest is the one of the run.
    EXPECT_EQ(replay(file.first(file.size() - 1)).value().digest, calm().digest);
    EXPECT_EQ(replay(file.first(40)).error().kind, ReplayErrorKind::empty);
}

TEST(Replay, a_damaged_file_is_refused_with_the_place) {
    Prng prng(Seed{1});
    for (int i = 0; i < 20; ++i) {
        Bytes file = calm().file;
        const std::size_t at = prng.below(file.size());
        file[at] ^= static_cast<std::uint8_t>(1 + prng.below(255));
        const auto run = replay(file, 1 + prng.below(100'000));
        ASSERT_FALSE(run.has_value()) << at;
        EXPECT_NE(run.error().message.find("at byte"), std::string::npos) << run.error().message;
    }
}

TEST(Replay, what_is_no_recording_is_said_to_be_none) {
    const Bytes text = to_bytes(as_bytes("{\"name\": \"a chain specification\"}"));
    EXPECT_EQ(replay(text).error().kind, ReplayErrorKind::damaged);
    EXPECT_EQ(replay({}).error().kind, ReplayErrorKind::empty);
    Bytes other;
    append_head(other, {.shape = {}, .program = "9.9.9"});
    const auto refused = replay(other);
    EXPECT_EQ(refused.error().kind, ReplayErrorKind::other_program);
    EXPECT_NE(refused.error().message.find("9.9.9"), std::string::npos);
    Bytes doubled = calm().file;
    append_frame(doubled, FrameKind::end, Bytes{});
    EXPECT_EQ(replay(doubled).error().kind, ReplayErrorKind::malformed);
}

}  // namespace
}  // namespace stipple::sim
