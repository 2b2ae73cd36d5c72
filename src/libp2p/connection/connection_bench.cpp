// Throughput of a whole connection in one thread: both ends, so each byte is encrypted and
// decrypted. `cpu_s_per_GiB` is the sum of both ends.
#include "libp2p/connection/test_wire.hpp"

#include <benchmark/benchmark.h>

namespace stipple::libp2p {
namespace {

/// One substream in bulk; `range(0)` bytes are written at a time.
void bulk(benchmark::State& state, bool websocket) {
    Wire wire({.websocket = websocket, .cut = Wire::kPipeBytes});
    wire.run();
    const std::vector<std::string> names{"/echo/1"};
    const SubstreamId out = *wire.dialer.open(kWireStart, names);
    wire.run();
    SubstreamId in;
    for (const auto& event : wire.listener_events) {
        if (const auto* opened = std::get_if<Opened>(&event)) {
            in = opened->substream;
        }
    }
    const Bytes message(static_cast<std::size_t>(state.range(0)), 7);
    std::size_t total = 0;
    std::size_t got = 0;
    for (auto _ : state) {
        wire.dialer.with_substream(out, wire.now, [&](ByteExchange& stream) {
            while (stream.allowance >= message.size()) {
                stream.put(message);
                total += message.size();
            }
        });
        wire.step_dialer();
        wire.step_listener();
        wire.listener.with_substream(in, wire.now, [&](ByteExchange& stream) {
            got += stream.unread.size();
            stream.take(stream.unread.size());
        });
        wire.step_listener();
        wire.dialer_events.clear();
        wire.listener_events.clear();
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(got));
    state.counters["GiB_per_s"] =
        benchmark::Counter(static_cast<double>(got) / (1 << 30), benchmark::Counter::kIsRate);
    state.counters["cpu_s_per_GiB"] =
        benchmark::Counter(static_cast<double>(got) / (1 << 30),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
void bulk_tcp(benchmark::State& state) {
    bulk(state, false);
}
void bulk_websocket(benchmark::State& state) {
    bulk(state, true);
}
BENCHMARK(bulk_tcp)->Arg(100)->Arg(1000)->Arg(100'000);
BENCHMARK(bulk_websocket)->Arg(100'000);

/// Requests one after the other, each on a substream of its own.
void requests(benchmark::State& state) {
    Wire wire({});
    wire.run();
    const std::vector<std::string> names{"/echo/1"};
    const Bytes message(100, 7);
    for (auto _ : state) {
        const auto out = wire.dialer.open(kWireStart, names);
        CHECK(out);
        while (wire.dialer.substream_count() > 0) {
            wire.step_dialer();
            wire.step_listener();
            for (const auto& event : std::exchange(wire.dialer_events, {})) {
                if (std::holds_alternative<Opened>(event)) {
                    wire.dialer.with_substream(*out, wire.now, [&](ByteExchange& stream) {
                        stream.put(message);
                        stream.output_ended = true;
                    });
                } else if (std::holds_alternative<Readable>(event)) {
                    wire.dialer.with_substream(*out, wire.now, [&](ByteExchange& stream) {
                        stream.take(stream.unread.size());
                    });
                }
            }
            for (const auto& event : std::exchange(wire.listener_events, {})) {
                if (const auto* readable = std::get_if<Readable>(&event)) {
                    wire.listener.with_substream(readable->stream, wire.now,
                                                 [&](ByteExchange& stream) {
                                                     if (stream.input_ended) {
                                                         stream.put(stream.unread);
                                                         stream.take(stream.unread.size());
                                                         stream.output_ended = true;
                                                     }
                                                 });
                }
            }
        }
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(requests);

/// From the first byte to `Ready` on both sides, keys and signatures included.
void handshakes(benchmark::State& state) {
    for (auto _ : state) {
        Wire wire({});
        wire.run();
        CHECK(!wire.dialer_events.empty());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(handshakes);

}  // namespace
}  // namespace stipple::libp2p
BENCHMARK_MAIN();
