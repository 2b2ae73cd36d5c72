// Bodies of a recording from anywhere: what decodes encodes to the same bytes, but for callbacks
// and addresses, which have one form only, so that a second time nothing changes.
//
//   kind u8 ‖ body
#include "node/core_values.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::node;
    if (size == 0) {
        return 0;
    }
    const ByteView body(data + 1, size - 1);
    if (data[0] % 3 == 0) {
        if (const auto beginning = decode_beginning(body)) {
            const Bytes once = encode_beginning(*beginning);
            const auto again = decode_beginning(once);
            CHECK(again.has_value() && encode_beginning(*again) == once);
        }
    } else if (data[0] % 3 == 1) {
        if (const auto event = decode_event(body)) {
            const Bytes once =
                encode_event(event->digest_before, event->now, event->wall, event->event);
            const auto again = decode_event(once);
            CHECK(again.has_value() && encode_event(again->digest_before, again->now, again->wall,
                                                    again->event) == once);
            CHECK(!name_of(event->event).empty());
        }
    } else if (const auto end = decode_end(body)) {
        CHECK(encode_end(*end) == to_bytes(body));
    }
    return 0;
}
