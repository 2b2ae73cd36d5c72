// Both ends on arbitrary bytes in arbitrary pieces: they end, and write no more than allowed. The
// first byte chooses the end, the second the size of the pieces.
#include "base/check.hpp"
#include "libp2p/multistream/multistream.hpp"

namespace {

template <class End>
void drive(End end, stipple::ByteView input, std::size_t piece) {
    using namespace stipple;
    using namespace stipple::libp2p::multistream;
    std::size_t arrived = 0;
    std::size_t taken = 0;
    while (true) {
        arrived = std::min(input.size(), arrived + piece);
        Bytes output;
        libp2p::ByteExchange stream{.now = {},
                                    .unread = input.subspan(taken, arrived - taken),
                                    .input_ended = arrived == input.size(),
                                    .output = &output,
                                    .allowance = piece * 8,
                                    .output_ended = false,
                                    .wake_at = {}};
        const Step step = end.exchange(stream);
        CHECK(output.size() + stream.allowance == piece * 8);
        const std::size_t before = taken;
        taken = arrived - stream.unread.size();
        // With everything there, a waiting end only wants room.
        const bool stuck = arrived == input.size() && taken == before && output.empty();
        if (!std::holds_alternative<NeedMore>(step) || stuck) {
            return;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple::libp2p::multistream;
    if (size < 2) {
        return 0;
    }
    const stipple::ByteView input(data + 2, size - 2);
    const std::size_t piece = std::size_t{data[1]} + 1;
    if (data[0] % 2 == 0) {
        drive(Dialer({"/noise", "/yamux/1.0.0"}, Dialer::Mode::lazy), input, piece);
    } else {
        drive(Listener([](std::string_view name) { return name == "/noise"; }), input, piece);
    }
    return 0;
}
