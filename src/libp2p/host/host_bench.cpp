// What a connection costs with everything on it: both ends in one thread, encryption included, over
// pipes in memory.
#include "libp2p/host/test_link.hpp"

#include <benchmark/benchmark.h>

#include <malloc.h>

namespace stipple::libp2p {
namespace {

using test::kAnnounces;
using test::kBlocks;
using test::kGossip;
using test::Link;

void open_one_way(Link& link, NotificationProtocolId protocol) {
    link.run();
    link.left.open_notifications(link.now, protocol, Bytes(4, 1));
    link.run();
    link.right.accept_notifications(protocol, Bytes(4, 1));
    link.run();
    CHECK(link.left.notifications_open(protocol, Direction::outbound));
}

/// From the first byte to both sides identified.
void connecting(benchmark::State& state) {
    for (auto _ : state) {
        Link link;
        link.run();
        CHECK(Link::take<Identified>(link.left_events).size() == 1);
    }
}
BENCHMARK(connecting)->Unit(benchmark::kMicrosecond);

void answering_a_request(benchmark::State& state) {
    Link link;
    link.run();
    const Bytes answer(static_cast<std::size_t>(state.range(0)), 7);
    std::uint64_t id = 0;
    for (auto _ : state) {
        link.left.send_request(link.now, RequestId(++id), kBlocks, Bytes(40, 1));
        link.run();
        link.right.respond(Link::take<RequestReceived>(link.right_events).at(0).id, answer);
        link.run();
        CHECK(Link::take<ResponseReceived>(link.left_events).size() == 1);
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(answering_a_request)
    ->Arg(100)
    ->Arg(1 << 20)
    ->Arg(16 << 20)
    ->Unit(benchmark::kMicrosecond);

void notifications(benchmark::State& state) {
    Link link;
    open_one_way(link, kGossip);
    const Bytes message(static_cast<std::size_t>(state.range(0)), 7);
    constexpr int kBatch = 500;
    for (auto _ : state) {
        for (int i = 0; i < kBatch; ++i) {
            CHECK(link.left.send_notification(kGossip, message));
        }
        link.run();
        CHECK(Link::take<Notification>(link.right_events).size() == kBatch);
    }
    state.SetItemsProcessed(state.iterations() * kBatch);
    state.SetBytesProcessed(state.iterations() * kBatch * state.range(0));
}
BENCHMARK(notifications)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

/// Heap of an idle connection with both directions of one notification protocol, per end.
void idle_memory(benchmark::State& state) {
    constexpr std::size_t kLinks = 50;
    double bytes = 0;
    for (auto _ : state) {
        const std::size_t before = mallinfo2().uordblks;
        std::vector<std::unique_ptr<Link>> links;
        for (std::size_t i = 0; i < kLinks; ++i) {
            links.push_back(std::make_unique<Link>());
            open_one_way(*links.back(), kAnnounces);
            links.back()->to_left.bytes = {};
            links.back()->to_right.bytes = {};
            links.back()->left_events = {};
            links.back()->right_events = {};
        }
        bytes = static_cast<double>(mallinfo2().uordblks - before) / (2.0 * kLinks);
    }
    state.counters["bytes_per_end"] = bytes;
}
BENCHMARK(idle_memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::libp2p

BENCHMARK_MAIN();
