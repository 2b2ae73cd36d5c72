// Bytes become connection input, cuts, allowances and calls from above: the machine neither crashes
// nor holds more than its bounds, and a machine whose streams are all reset holds nothing.
#include "base/check.hpp"
#include "libp2p/yamux/multiplexer.hpp"

#include <algorithm>

namespace stipple::libp2p::yamux {
namespace {

struct Player {
    Multiplexer machine{Role::responder, Instant{}, Seed{1}};
    std::vector<StreamId> streams;
    Bytes output;
    Instant now;
    bool over = false;

    void input(ByteView bytes, std::size_t allowance) {
        Bytes unread = to_bytes(bytes);
        for (int i = 0; i < 4 && !over; ++i) {
            output.clear();
            ByteExchange exchange{.now = now,
                                  .unread = unread,
                                  .output = &output,
                                  .allowance = allowance,
                                  .wake_at = {}};
            over = machine.exchange(exchange) != Progress::running;
            CHECK(output.size() <= allowance);
            unread = to_bytes(exchange.unread);
            while (const auto event = machine.next_event()) {
                if (const auto* opened = std::get_if<Opened>(&*event)) {
                    streams.push_back(opened->stream);
                }
            }
        }
        CHECK(machine.unread_bytes() <= kUnreadBytesMax + bytes.size());
        CHECK(machine.stream_count() <= kInboundStreamsMax + kOutboundStreamsMax);
    }
    void use(StreamId id, std::size_t take, std::size_t put, bool finish) {
        machine.with_stream(id, now, [&](ByteExchange& stream) {
            stream.take(std::min(take, stream.unread.size()));
            stream.put(Bytes(std::min(put, stream.allowance), 0x5a));
            stream.output_ended = finish;
        });
    }
};

}  // namespace
}  // namespace stipple::libp2p::yamux

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::libp2p::yamux;
    Player player;
    ByteView rest(data, size);
    while (rest.size() >= 2 && !player.over) {
        const std::uint8_t action = rest[0];
        const std::size_t number = rest[1];
        rest = rest.subspan(2);
        player.now = player.now + std::chrono::milliseconds(action);
        const StreamId id = player.streams.empty() ? StreamId(number)
                                                   : player.streams[number % player.streams.size()];
        switch (action % 8) {
            case 0:
                player.use(id, SIZE_MAX, number * 1000, false);
                break;
            case 1:
                player.use(id, number, 0, true);
                break;
            case 2:
                player.machine.reset(id);
                break;
            case 3:
                if (const auto opened = player.machine.open(player.now)) {
                    player.streams.push_back(*opened);
                }
                break;
            default: {
                const std::size_t count = std::min(number, rest.size());
                player.input(rest.first(count), action >= 128 ? 100'000 : action);
                rest = rest.subspan(count);
            }
        }
    }
    for (const StreamId id : player.streams) {
        player.machine.reset(id);
    }
    CHECK(player.machine.stream_count() == 0 && player.machine.unread_bytes() == 0);
    return 0;
}
