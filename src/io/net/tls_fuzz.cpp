// Arbitrary bytes for what a TLS server answers a client, cut anywhere: the session fails or
// waits, never delivers a byte to the user above, and writes no more than there is room for.
#include "base/check.hpp"
#include "io/net/limits.hpp"
#include "io/net/tls.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::io::net;
    static const TlsContext context = TlsContext::client().value();
    if (size == 0) {
        return 0;
    }
    const std::size_t cut = std::size_t{data[0]} + 1;
    ByteView rest(data + 1, size - 1);
    TlsSession session = TlsSession::dial(context, "node.example.org");
    bool alive = true;
    for (Instant now{std::chrono::hours(1)}; alive && !rest.empty();) {
        Bytes output;
        const ByteView piece = rest.first(std::min(cut, rest.size()));
        Exchange io{.now = now,
                    .unread = piece,
                    .input_ended = false,
                    .output = &output,
                    .allowance = cut,
                    .output_ended = false,
                    .wake_at = {}};
        alive = session.exchange(io, [](Exchange&) { CHECK(false); });
        CHECK(output.size() <= cut);
        CHECK(alive || io.output_ended);
        rest = rest.subspan(piece.size() - io.unread.size());
        now = now + std::chrono::milliseconds(io.unread.empty() ? 10 : 10'000);
    }
    CHECK(alive || !session.failure().empty());
    return 0;
}
