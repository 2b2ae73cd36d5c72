#include "node/recording/frames.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <string_view>

namespace stipple::node::recording {
namespace {

constexpr std::string_view kMagic = "stipple-inbox\n";
constexpr std::size_t kHeadBytesMin = kMagic.size() + 4 + 8 + 1;
constexpr std::size_t kPrefixBytes = 4 + 4 + 1;
constexpr std::size_t kCheckBytes = 8;

}  // namespace

const char* describe(FileError error) {
    switch (error) {
        case FileError::not_a_recording:
            return "this is no recording of a node's inbox";
        case FileError::other_format:
            return "a recording in a format that this program does not read";
        case FileError::bad_length:
            return "damaged: the length of a frame is not the one written";
        case FileError::bad_kind:
            return "damaged: a frame of a kind that there is not";
        case FileError::bad_check:
            return "damaged: the bytes of a frame are not those written";
    }
    return "damaged";
}

void append_head(Bytes& out, const Head& head) {
    CHECK(head.program.size() <= kProgramBytesMax);
    out.insert(out.end(), kMagic.begin(), kMagic.end());
    append_le(out, head.format);
    append(out, head.shape);
    out.push_back(static_cast<std::uint8_t>(head.program.size()));
    out.insert(out.end(), head.program.begin(), head.program.end());
}

void append_frame(Bytes& out, FrameKind kind, ByteView body) {
    CHECK(body.size() <= kFrameBytesMax);
    const auto length = static_cast<std::uint32_t>(body.size());
    out.reserve(out.size() + kPrefixBytes + body.size() + kCheckBytes);
    append_le(out, length);
    append_le(out, ~length);
    const std::size_t checked = out.size();
    out.push_back(static_cast<std::uint8_t>(kind));
    append(out, body);
    append(out, crypto::twox_64(ByteView(out).subspan(checked)));
}

void FileReader::take(std::size_t count) {
    taken_ += count;
    offset_ += count;
    // What was taken goes when it is the larger part, so that each byte moves once or twice.
    if (taken_ * 2 >= held_.size()) {
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
    }
}

std::expected<std::optional<Head>, FileError> FileReader::head() {
    const ByteView bytes = rest();
    const std::size_t compared = std::min(bytes.size(), kMagic.size());
    if (!std::equal(kMagic.begin(), kMagic.begin() + static_cast<std::ptrdiff_t>(compared),
                    bytes.begin())) {
        return std::unexpected(FileError::not_a_recording);
    }
    if (bytes.size() < kHeadBytesMin || bytes.size() < kHeadBytesMin + bytes[kHeadBytesMin - 1]) {
        return std::nullopt;
    }
    Head head;
    head.format = load_le<std::uint32_t>(bytes.subspan(kMagic.size()));
    if (head.format != kFormat) {
        return std::unexpected(FileError::other_format);
    }
    head.shape = crypto::Hash64::copy(bytes.subspan(kMagic.size() + 4, 8));
    const ByteView program = bytes.subspan(kHeadBytesMin, bytes[kHeadBytesMin - 1]);
    head.program.assign(program.begin(), program.end());
    take(kHeadBytesMin + program.size());
    return head;
}

std::expected<std::optional<Frame>, FileError> FileReader::next() {
    const ByteView bytes = rest();
    if (bytes.size() < kPrefixBytes) {
        return std::nullopt;
    }
    const auto length = load_le<std::uint32_t>(bytes);
    if (load_le<std::uint32_t>(bytes.subspan(4)) != ~length || length > kFrameBytesMax) {
        return std::unexpected(FileError::bad_length);
    }
    const std::size_t whole = kPrefixBytes + length + kCheckBytes;
    if (bytes.size() < whole) {
        return std::nullopt;
    }
    const ByteView checked = bytes.subspan(8, 1 + std::size_t{length});
    if (crypto::twox_64(checked) != crypto::Hash64::copy(bytes.subspan(whole - kCheckBytes, 8))) {
        return std::unexpected(FileError::bad_check);
    }
    if (checked[0] > static_cast<std::uint8_t>(FrameKind::end)) {
        return std::unexpected(FileError::bad_kind);
    }
    Frame frame{static_cast<FrameKind>(checked[0]), to_bytes(checked.subspan(1))};
    take(whole);
    return frame;
}

}  // namespace stipple::node::recording
