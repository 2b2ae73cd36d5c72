// Blocks a second: seven whole nodes on the toy runtime, without faults. A block of the chain is
// imported by every node; the longer its slot, the more rounds of GRANDPA it stands for.
#include "sim/cluster.hpp"

#include <benchmark/benchmark.h>

namespace stipple::sim {
namespace {

void toy(benchmark::State& state) {
    std::int64_t blocks = 0;
    std::uint64_t imports = 0;
    for (auto _ : state) {
        Parameters parameters;
        parameters.seed = Seed{7};
        parameters.nodes = static_cast<std::size_t>(state.range(0));
        parameters.blocks = 1000;
        parameters.slot = std::chrono::milliseconds(state.range(1));
        parameters.faults = FaultLevel::none;
        const Outcome outcome = Cluster(parameters).run();
        CHECK(!outcome.failure);
        blocks += outcome.finalized;
        imports += outcome.imports;
    }
    // Blocks of the chain.
    state.SetItemsProcessed(blocks);
    state.counters["imports"] =
        benchmark::Counter(static_cast<double>(imports), benchmark::Counter::kIsRate);
}
BENCHMARK(toy)
    ->Name("sim/toy_nodes")
    ->ArgNames({"nodes", "slot_ms"})
    ->Args({7, 1000})
    ->Args({7, 6000})
    ->UseRealTime()
    ->MinTime(4)  // the first run is slower: its memory is new
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace stipple::sim

BENCHMARK_MAIN();
