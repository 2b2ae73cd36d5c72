// A recording's file from anywhere: what is read of it is what a writer would have written, and it
// reads the same in pieces.
//
//   piece u8 ‖ file
#include "base/check.hpp"
#include "node/recording/frames.hpp"

#include <algorithm>

namespace {

using namespace stipple;
using namespace stipple::node::recording;

/// What was read, written again.
Bytes rewrite(ByteView file, std::size_t piece) {
    FileReader reader;
    Bytes again;
    bool has_head = false;
    while (!file.empty()) {
        const std::size_t count = std::min(piece, file.size());
        reader.feed(file.first(count));
        file = file.subspan(count);
        if (!has_head) {
            const auto head = reader.head();
            if (!head) {
                return again;
            }
            if (!*head) {
                continue;
            }
            has_head = true;
            append_head(again, **head);
        }
        for (;;) {
            const auto frame = reader.next();
            if (!frame) {
                return again;
            }
            if (!*frame) {
                break;
            }
            append_frame(again, (*frame)->kind, (*frame)->body);
            CHECK(reader.offset() == again.size());
        }
    }
    return again;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ByteView file(data + 1, size - 1);
    const Bytes again = rewrite(file, file.size() + 1);
    CHECK(again.size() <= file.size());
    CHECK(std::equal(again.begin(), again.end(), file.begin()));
    CHECK(rewrite(file, std::size_t{1} + data[0]) == again);
    return 0;
}
