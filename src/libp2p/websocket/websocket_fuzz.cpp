// Bytes become what a WebSocket peer sends, cut anywhere, to either end: no crash, no more output
// than allowed, and what passes upwards is never more than what came.
#include "base/check.hpp"
#include "libp2p/websocket/layer.hpp"
#include "libp2p/websocket/upgrade.hpp"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::libp2p;
    if (size < 4) {
        return 0;
    }
    const bool server = (data[0] & 1U) != 0;
    const bool skips_upgrade = (data[0] & 2U) != 0;
    const std::size_t cut = 1U + data[1];
    const std::size_t allowance = data[2] * 16U;
    const bool finishes = (data[0] & 4U) != 0;
    websocket::Layer layer({.role = server ? websocket::Role::server : websocket::Role::client,
                            .host = "h",
                            .seed = {}});
    Bytes unread;
    if (server && skips_upgrade) {
        unread = to_bytes(websocket::upgrade_request("h", "/", "dGhlIHNhbXBsZSBub25jZQ=="));
    }
    ByteView rest(data + 3, size - 3);
    std::size_t passed = 0;
    bool alive = true;
    while (alive && !rest.empty()) {
        const std::size_t count = std::min(cut, rest.size());
        append(unread, rest.first(count));
        rest = rest.subspan(count);
        Bytes output;
        const std::size_t room = rest.size() % 3 == 0 ? 1000 : allowance;
        ByteExchange exchange{.now = {},
                              .unread = unread,
                              .input_ended = rest.empty(),
                              .output = &output,
                              .allowance = room,
                              .output_ended = false,
                              .wake_at = {}};
        alive = layer.exchange(exchange, [&](ByteExchange& stream) {
            passed += stream.unread.size();
            const std::size_t echo = std::min(stream.unread.size(), stream.allowance);
            stream.put(stream.unread.first(echo));
            stream.take(stream.unread.size());
            stream.output_ended = finishes && stream.input_ended;
        });
        CHECK(output.size() <= room);
        unread = to_bytes(exchange.unread);
    }
    CHECK(passed <= size);
    return 0;
}
