#include "node/recording/frames.hpp"

#include <gtest/gtest.h>

namespace stipple::node::recording {
namespace {

Bytes small_file() {
    Bytes file;
    append_head(file, {.shape = crypto::Hash64({1, 2, 3, 4, 5, 6, 7, 8}), .program = "0.1.0"});
    append_frame(file, FrameKind::beginning, Bytes{1, 2, 3});
    append_frame(file, FrameKind::event, {});
    append_frame(file, FrameKind::end, Bytes(300, 7));
    return file;
}

/// Absent when the file is not what a writer left.
std::optional<std::vector<Frame>> read(ByteView file, std::size_t piece,
                                       std::size_t* left = nullptr) {
    FileReader reader;
    std::optional<Head> head;
    std::vector<Frame> frames;
    while (!file.empty()) {
        const std::size_t count = std::min(piece, file.size());
        reader.feed(file.first(count));
        file = file.subspan(count);
        if (!head) {
            const auto found = reader.head();
            if (!found) {
                return std::nullopt;
            }
            head = *found;
        }
        while (head) {
            auto frame = reader.next();
            if (!frame) {
                return std::nullopt;
            }
            if (!*frame) {
                break;
            }
            frames.push_back(**std::move(frame));
        }
    }
    if (left != nullptr) {
        *left = reader.left_over();
    }
    return frames;
}

TEST(Frames, come_back_whatever_the_pieces_are) {
    const Bytes file = small_file();
    for (const std::size_t piece : {1u, 2u, 13u, 1000u}) {
        const auto frames = read(file, piece);
        ASSERT_TRUE(frames.has_value());
        ASSERT_EQ(frames->size(), 3u);
        EXPECT_EQ((*frames)[0].body, (Bytes{1, 2, 3}));
        EXPECT_EQ((*frames)[1].kind, FrameKind::event);
        EXPECT_EQ((*frames)[2].body, Bytes(300, 7));
    }
}

TEST(Frames, a_file_that_ends_anywhere_gives_what_is_whole) {
    const Bytes file = small_file();
    for (std::size_t size = 0; size < file.size(); ++size) {
        std::size_t left = 0;
        const auto frames = read(ByteView(file).first(size), 7, &left);
        ASSERT_TRUE(frames.has_value()) << size;
        EXPECT_LT(frames->size(), 3u) << size;
    }
}

TEST(Frames, any_changed_byte_behind_the_head_is_noticed) {
    const Bytes file = small_file();
    const std::size_t head = std::string_view("stipple-inbox\n").size() + 4 + 8 + 1 + 5;
    for (std::size_t at = head; at < file.size(); ++at) {
        Bytes damaged = file;
        damaged[at] ^= 0x10;
        EXPECT_FALSE(read(damaged, 1000).has_value()) << at;
    }
}

TEST(Frames, another_format_is_not_read) {
    Bytes file;
    append_head(file, {.format = kFormat + 1, .shape = {}, .program = {}});
    FileReader reader;
    reader.feed(file);
    EXPECT_EQ(reader.head().error(), FileError::other_format);
    FileReader text;
    text.feed(as_bytes("stipple, a node"));
    EXPECT_EQ(text.head().error(), FileError::not_a_recording);
}

}  // namespace
}  // namespace stipple::node::recording
