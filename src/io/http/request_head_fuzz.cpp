// Any bytes, cut anywhere, give a head whose parts lie inside, a body within its bound, or frames.
#include "base/check.hpp"
#include "io/http/limits.hpp"
#include "io/http/request_head.hpp"
#include "io/http/websocket.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple::io::http;
    const std::string_view input = stipple::as_text({data, size});
    RequestHead head;
    if (parse_request_head(input, head) == HeadVerdict::complete) {
        CHECK(head.bytes <= input.size() && head.bytes <= kHeadBytesMax);
        CHECK(!(head.chunked && head.content_length));
    }
    ChunkedBody whole(1024);
    whole.feed(input);
    ChunkedBody pieces(1024);
    for (std::size_t i = 0; i < size && pieces.state() < ChunkedBody::State::done;) {
        i += pieces.feed(input.substr(i, 1));
    }
    CHECK(whole.state() == pieces.state() && whole.body() == pieces.body());
    CHECK(whole.body().size() <= 1024);
    FrameReader frames(1024);
    std::size_t consumed = 0;
    for (std::size_t i = 0; i <= size; ++i) {
        const auto event = frames.next(input, consumed);
        CHECK(consumed <= size && frames.payload().size() <= 1024);
        if (event == FrameReader::Event::need_more || event == FrameReader::Event::failed) {
            break;
        }
    }
    return 0;
}
