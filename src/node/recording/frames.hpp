// The file of a recording: a head, then frames one after the other, each with its own check.
//
//     head   "stipple-inbox\n" ‖ format u32 ‖ shape [8] ‖ length u8 ‖ program's version
//     frame  length u32 ‖ ~length u32 ‖ kind u8 ‖ body [length] ‖ check [8]
//     check  twox-64 of kind ‖ body
//
// `shape` is a hash of the types that the bodies are made of (values.hpp): a program with other
// types says so instead of reading nonsense. A process may be killed while it writes: a file that
// ends within a frame is whole up to there. Whatever else does not fit is damage, and is named with
// where it is; the length is written twice, so that a damaged one is not taken for a long frame.
//
// Sans-I/O: bytes in as they come, frames out. Bounds: a frame of kFrameBytesMax; what is held is
// one frame and what was given behind it. The file is one's own: the checks are against damage, not
// against forgers. Spec: none, a format of this program.
#pragma once

#include "base/bytes.hpp"
#include "crypto/types.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace stipple::node::recording {

inline constexpr std::uint32_t kFormat = 1;
/// An event with many bodies of blocks: a reorganisation, a window of sync.
inline constexpr std::size_t kFrameBytesMax = 256 * 1024 * 1024;
inline constexpr std::size_t kProgramBytesMax = 255;

enum class FrameKind : std::uint8_t {
    beginning = 0,  ///< what the core began with
    event = 1,
    end = 2,  ///< the node was stopped: nothing follows
};
struct Frame {
    FrameKind kind = FrameKind::event;
    Bytes body;
};
struct Head {
    std::uint32_t format = kFormat;
    crypto::Hash64 shape;
    std::string program;  ///< version of the program that recorded
};

/// REQUIRES a program's name of at most kProgramBytesMax.
void append_head(Bytes& out, const Head& head);
/// REQUIRES a body of at most kFrameBytesMax.
void append_frame(Bytes& out, FrameKind kind, ByteView body);

enum class FileError : std::uint8_t {
    not_a_recording,  ///< it begins otherwise
    other_format,     ///< a format that this program does not read
    bad_length,       ///< damage: the two lengths do not agree, or are above the bound
    bad_kind,         ///< damage: a kind that there is not
    bad_check,        ///< damage: the bytes are not those that were written
};
const char* describe(FileError error);

class FileReader {
 public:
    /// The next bytes of the file. Held until `next` has taken them: call it until it has no more.
    void feed(ByteView bytes) { append(held_, bytes); }
    /// Absent: more bytes are needed. After an error there is nothing more.
    std::expected<std::optional<Head>, FileError> head();
    /// REQUIRES that head() gave one.
    std::expected<std::optional<Frame>, FileError> next();
    /// Where in the file the next frame begins.
    std::uint64_t offset() const { return offset_; }
    /// Bytes of a frame that is not whole.
    std::size_t left_over() const { return held_.size() - taken_; }

 private:
    ByteView rest() const { return ByteView(held_).subspan(taken_); }
    void take(std::size_t count);

    Bytes held_;
    std::size_t taken_ = 0;  ///< of `held_`
    std::uint64_t offset_ = 0;
};

}  // namespace stipple::node::recording
