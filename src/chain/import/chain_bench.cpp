// Blocks per second: executing real Westend blocks in memory, and importing them with everything.
#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "chain/spec/genesis.hpp"
#include "io/database/database.hpp"

#include <benchmark/benchmark.h>

namespace stipple::chain {
namespace {

using testing::RealBlock;
using testing::shared_executor;
using testing::spec_at;
using testing::to_import;

void execute_westend_in_memory(benchmark::State& bench) {
    const ChainSpec spec = spec_at("westend.json");
    const auto genesis = build_genesis(spec, shared_executor());
    CHECK(genesis.has_value());
    const auto& raw = std::get<RawGenesis>(spec.genesis);
    const state::MemoryState start(raw.top, raw.children, state::StateVersion::v0);
    const auto blocks = testing::westend_blocks();
    std::size_t count = 0;
    for (auto _ : bench) {
        bench.PauseTiming();
        state::MemoryState state = start;
        bench.ResumeTiming();
        for (const RealBlock& block : blocks) {
            const auto difference =
                execute_block(block.signed_block.block, state, *genesis->runtime, nullptr);
            CHECK(difference.has_value());
            state.apply(*difference);
            ++count;
        }
    }
    bench.counters["blocks/s"] =
        benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsRate);
}
BENCHMARK(execute_westend_in_memory)->Unit(benchmark::kMillisecond)->UseRealTime();

void import_all(benchmark::State& bench, KeyValueStore& database, const ChainSpec& spec,
                const std::vector<RealBlock>& blocks) {
    auto chain = Chain::open(database, spec, shared_executor(), {});
    CHECK(chain.has_value());
    bench.ResumeTiming();
    for (const RealBlock& block : blocks) {
        CHECK((*chain)->import_block(to_import(block, **chain)).has_value());
    }
    bench.PauseTiming();
}

void import_westend_into_memory(benchmark::State& bench) {
    const ChainSpec spec = spec_at("westend.json");
    const auto blocks = testing::westend_blocks();
    for (auto _ : bench) {
        bench.PauseTiming();
        MemoryStore database;
        import_all(bench, database, spec, blocks);
        bench.ResumeTiming();
    }
    bench.counters["blocks/s"] = benchmark::Counter(
        static_cast<double>(bench.iterations()) * static_cast<double>(blocks.size()),
        benchmark::Counter::kIsRate);
}
BENCHMARK(import_westend_into_memory)->Unit(benchmark::kMillisecond)->UseRealTime();

void import_westend_into_rocksdb(benchmark::State& bench) {
    const ChainSpec spec = spec_at("westend.json");
    const auto blocks = testing::westend_blocks();
    const auto path = std::filesystem::temp_directory_path() / "stipple-chain-bench";
    for (auto _ : bench) {
        bench.PauseTiming();
        std::filesystem::remove_all(path);
        {
            auto database = io::open_database(path, {});
            CHECK(database.has_value());
            import_all(bench, **database, spec, blocks);
        }
        bench.ResumeTiming();
    }
    std::filesystem::remove_all(path);
    bench.counters["blocks/s"] = benchmark::Counter(
        static_cast<double>(bench.iterations()) * static_cast<double>(blocks.size()),
        benchmark::Counter::kIsRate);
}
BENCHMARK(import_westend_into_rocksdb)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace stipple::chain

BENCHMARK_MAIN();
